import { expect, test } from "vitest";
import { SHOP, shopWith } from "../fixture.ts";

const ORDERS = "contexts/orders/index.ts";
const INVENTORY = "contexts/inventory/index.ts";
const line = (code: string) => (text: string) => `${text}${code}\n`;

test.each([
  ["policy-missing", "a handler without options", "orders.handle(contract.PlaceOrder, async () => {});"],
  ["policy-missing", "a handler with nothing else", "orders.handle(contract.PlaceOrder, {}, async () => {});"],
  [
    "policy-missing",
    "a policy that is undefined",
    "orders.handle(contract.PlaceOrder, { allow: undefined }, async () => {});",
  ],
  [
    "policy-missing",
    "options in a constant",
    "const options = { before: 1 }; orders.handle(contract.PlaceOrder, options, async () => {});",
  ],
  ["policy-missing", "a query", "orders.answer(contract.PlaceOrder, { before: 1 }, async () => {});"],
  [
    "policy-missing",
    "a context that is a parameter",
    "const register = (a) => a.handle(contract.PlaceOrder, {}, async () => {});",
  ],
  ["policy-missing", "an operation that cannot be known", "orders.handle(later(), {}, async () => {});"],
  [
    "policy-missing",
    "a chain",
    'orders.on(StockChanged, { name: "a", from: "now" }, f).handle(contract.PlaceOrder, {}, f);',
  ],
  ["subscription-unnamed", "no name", 'orders.on(StockChanged, { from: "now" }, async () => {});'],
  ["subscription-from-missing", "no beginning", 'orders.on(StockChanged, { name: "a" }, async () => {});'],
  [
    "subscription-from-missing",
    "several events",
    'const register = (a) => a.on([StockChanged, contract.OrderPlaced], { name: "a" }, async () => {});',
  ],
])("%s is found: %s", (code, _, added) => {
  using shop = shopWith({ [ORDERS]: line(added) });
  expect(shop.violations()).toEqual([`${ORDERS}:10 ${code}`]);
});

test.each([
  ["a policy by a method", "orders.handle(contract.PlaceOrder, { allow() { return true; } }, async () => {});"],
  ["a policy by a shorthand", "orders.handle(contract.PlaceOrder, { allow }, async () => {});"],
  [
    "a policy spread from a constant",
    "const open = { allow: anyone() }; orders.handle(contract.PlaceOrder, { ...open }, async () => {});",
  ],
  ["options from a call", "orders.handle(contract.PlaceOrder, optionsOf(1), async () => {});"],
  ["a computed option", "orders.handle(contract.PlaceOrder, { [name]: 1 }, async () => {});"],
  ["an emitter of something else", 'emitter.on("data", () => {}); server.handle(request, {});'],
])("what is said, or cannot be known, is not reported: %s", (_, added) => {
  using shop = shopWith({ [ORDERS]: line(added) });
  expect(shop.violations()).toEqual([]);
});

test("a context made by a function is judged too", () => {
  using shop = shopWith({
    [ORDERS]: `import { context } from "banyan";
import * as contract from "./contract.ts";
export function makeOrders() {
  const orders = context("orders", { contract });
  orders.handle(contract.PlaceOrder, {}, async () => {});
  return orders;
}
export const orders = makeOrders();
`,
  });
  expect(shop.violations()).toEqual([`${ORDERS}:5 policy-missing`]);
});

test("a registration in another file of the context is judged", () => {
  using shop = shopWith({
    "contexts/orders/place.ts":
      'import { orders } from "./index.ts";\nimport { PlaceOrder } from "./contract.ts";\norders.handle(PlaceOrder, {}, async () => {});\n',
  });
  expect(shop.check().violations).toMatchObject([
    { line: 3, column: 8, message: '"orders" handles PlaceOrder and does not say who may use it: `allow` is missing.' },
  ]);
});

test.each([
  [
    "names of banyan may be renamed",
    (text: string) => text.replace("anyone, context", "anyone, context as bounded").replace("= context(", "= bounded("),
  ],
  [
    "banyan may be imported whole",
    (text: string) =>
      text
        .replace("{ anyone, context }", "* as banyan")
        .replace("= context(", "= banyan.context(")
        .replaceAll("anyone()", "banyan.anyone()"),
  ],
  ["banyan may be re-exported by the application", (text: string) => text.replace('"banyan"', '"../../kit.ts"')],
])("%s", (_, edit) => {
  const broken = (text: string) => edit(text).replace("allow: anyone()", "").replace("allow: banyan.anyone()", "");
  using shop = shopWith({ [INVENTORY]: broken, "kit.ts": 'export { anyone, context } from "banyan";\n' });
  expect(shop.violations()).toEqual([`${INVENTORY}:5 policy-missing`]);
});

test("another option is not taken for a misspelling", () => {
  using shop = shopWith({ [ORDERS]: line('orders.on(StockChanged, { rename: "a", from: "now" }, async () => {});') });
  expect(shop.check().violations[0]?.message).toBe(
    '"orders" subscribes to StockChanged and gives the subscription no name: `name` is missing.',
  );
});

test("tests may register what they like", () => {
  using shop = shopWith({ "contexts/orders/x.test.ts": `${SHOP[ORDERS]}orders.handle(contract.PlaceOrder, {}, f);` });
  expect(shop.violations()).toEqual([]);
});

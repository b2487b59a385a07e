import { expect, test } from "vitest";
import { shopWith } from "../fixture.ts";

const ORDERS = "contexts/orders/index.ts";
const INVENTORY = "../inventory/contract.ts";
const after = (code: string) => (text: string) => text + code;

test.each([
  ["by its import", `import { Reserve } from "${INVENTORY}"; const f = (call) => call(Reserve, {});`],
  ["by another name", `import { Reserve as Hold } from "${INVENTORY}"; const f = (call) => call(Hold, {});`],
  [
    "as a member of the contract",
    `import * as stock from "${INVENTORY}"; const f = (call) => call(stock.Reserve, {});`,
  ],
  [
    "by a constant",
    `import * as stock from "${INVENTORY}"; const { Reserve } = stock; const f = (call) => call(Reserve, {});`,
  ],
  [
    "by an object",
    `import { Reserve } from "${INVENTORY}"; const ops = { hold: Reserve } as const; const f = (call) => call(ops.hold, {});`,
  ],
  ["through a scope", `import { Reserve } from "${INVENTORY}"; const f = (scope) => scope.call(Reserve, {});`],
  ["with call renamed", `import { Reserve } from "${INVENTORY}"; const f = ({ call: ask }) => ask(Reserve, {});`],
  [
    "with type arguments",
    `import { Reserve } from "${INVENTORY}"; const f = (call) => call<string>(Reserve satisfies object, {});`,
  ],
  ["through re-exports", 'import { Hold } from "./names.ts"; const f = (call) => call(Hold, {});'],
  [
    "as what undoes a call",
    `import { Release } from "${INVENTORY}"; const f = (flow) => flow.call(GetPrice, {}, { undo: Release });`,
  ],
])("an undeclared call is found: %s", (_, code) => {
  using shop = shopWith({
    [ORDERS]: after(code),
    "contexts/orders/names.ts": 'export * from "./more-names.ts";',
    "contexts/orders/more-names.ts": `import { Reserve } from "${INVENTORY}"; export { Reserve as Hold };`,
  });
  expect(shop.violations()).toEqual([`${ORDERS}:10 call-undeclared`]);
});

test.each([
  ["a declared one", "const f = (call) => call(GetPrice, {});"],
  ["one's own", "const f = (call) => call(contract.PlaceOrder, {});"],
  ["something that is no operation", "const f = (call) => call(StockChanged, {});"],
  ["a parameter", "const f = (call, what) => call(what, {});"],
  ["what a package exports", 'import { Pay } from "payments"; const f = (call) => call(Pay, {});'],
])("a call that is allowed, or cannot be known, is not reported: %s", (_, code) => {
  using shop = shopWith({ [ORDERS]: after(code) });
  expect(shop.violations()).toEqual([]);
});

test("a call in any file of the context counts for the context, a test's does not", () => {
  const code = `import { Reserve } from "${INVENTORY}";\nexport const f = (call) => call(Reserve, {});\n`;
  using shop = shopWith({
    "contexts/orders/deep/x.ts": code.replace("../", "../../"),
    "contexts/orders/x.test.ts": code,
  });
  expect(shop.violations()).toEqual(["contexts/orders/deep/x.ts:2 call-undeclared"]);
});

test.each([
  ["a constant", "const USES = [GetPrice, Reserve] as const;", "USES"],
  ["a spread", "const MORE = [Reserve];", "[GetPrice, ...MORE]"],
  ["members", 'import * as stock from "../inventory/contract.ts";', "[stock.GetPrice, stock.Reserve]"],
])("uses may be written with %s", (_, line, uses) => {
  using shop = shopWith({
    [ORDERS]: (text) =>
      `${text.replace("uses: [GetPrice]", `uses: ${uses}`)}import { Reserve } from "${INVENTORY}";\n${line}\nconst f = (call) => call(Reserve, {});`,
  });
  expect(shop.check()).toMatchObject({ violations: [], warnings: [] });
});

test.each([
  ["a call", "uses: listed()"],
  ["a spread of what cannot be known", "...options()"],
  ["a spread of such a list", "uses: [...listed()]"],
])("where uses cannot be known without running the code, nothing is said: %s", (_, uses) => {
  using shop = shopWith({ [ORDERS]: (text) => text.replace("uses: [GetPrice]", uses) });
  expect(shop.check()).toMatchObject({ ok: true, warnings: [] });
});

test.each([
  ["spread into the options", "...MORE", []],
  ["overwritten by the options", "...MORE, uses: []", [`${ORDERS}:7 call-undeclared`]],
  ["overwritten by what is spread", "uses: [], ...MORE", []],
  ["absent from both", "...NONE", [`${ORDERS}:7 call-undeclared`]],
])("uses may be %s", (_, uses, expected) => {
  using shop = shopWith({
    [ORDERS]: (text) =>
      `${text.replace("uses: [GetPrice]", uses)}const MORE = { uses: [GetPrice] }; const NONE = { owner: "x" };`,
  });
  expect(shop.violations()).toEqual(expected);
});

test("contexts in one folder are told apart by the registration around the call", () => {
  using shop = shopWith({
    [ORDERS]: after(`export const refunds = context("refunds", { uses: [] });
refunds.on(StockChanged, { name: "a", from: "now", before: (e, { call }) => call(GetPrice, e) }, async () => {});
`),
  });
  expect(shop.check().violations).toMatchObject([
    { line: 11, message: expect.stringContaining('"refunds" calls query inventory.get-price') },
  ]);
});

test("a use that is never called is a warning, with its place", () => {
  using shop = shopWith({
    [ORDERS]: (text) =>
      text.replace("StockChanged }", "StockChanged, Reserve }").replace("[GetPrice]", "[GetPrice, Reserve]"),
    "contexts/orders/x.test.ts": `import { Reserve } from "${INVENTORY}";\nconst f = (call) => call(Reserve, {});\n`,
  });
  expect(shop.check()).toMatchObject({
    ok: true,
    warnings: [
      {
        code: "uses-unused",
        file: ORDERS,
        line: 4,
        message: '"orders" lists inventory.reserve in `uses` and never calls it.',
      },
    ],
  });
});

test("a use that is handed on is not reported as unused", () => {
  using shop = shopWith({
    [ORDERS]: (text) =>
      text.replace("StockChanged }", "StockChanged, Reserve }").replace("[GetPrice]", "[GetPrice, Reserve]"),
    "contexts/orders/hold.ts": `import * as stock from "${INVENTORY}";\nexport const f = (ask) => ask(stock.Reserve);\n`,
  });
  expect(shop.check()).toMatchObject({ ok: true, warnings: [] });
});

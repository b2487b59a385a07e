import { expect, test } from "vitest";
import { shopWith } from "./fixture.ts";
import { formatReport } from "./format.ts";

const ORDERS = "contexts/orders/index.ts";

test("an application that keeps the rules is fine", () => {
  using shop = shopWith({});
  expect(shop.check()).toEqual({ ok: true, violations: [], warnings: [], unjudged: [] });
});

test("an import of internals, an undeclared use and a missing policy are reported together, with file and line", () => {
  using shop = shopWith({
    [ORDERS]: `import { context } from "banyan";
import { GetPrice, Reserve } from "../inventory/contract.ts";
import { priceOf } from "../inventory/prices.ts";
import * as contract from "./contract.ts";
export const orders = context("orders", { owner: "team-orders", contract, uses: [GetPrice] });
orders.handle(contract.PlaceOrder, {
  alow: true,
  before: async (input, { call }) => [priceOf(1, 2), await call(GetPrice, input), await call(Reserve, input)],
}, async (input, { emit }) => emit(contract.OrderPlaced, input));
`,
  });
  const report = shop.check();
  expect(report.ok).toBe(false);
  expect(report.violations).toEqual([
    {
      code: "boundary-import",
      file: ORDERS,
      line: 3,
      column: 1,
      message:
        '"orders" imports ../inventory/prices.ts, which is internal to "inventory"; others may import only contexts/inventory/contract.ts.',
      remedy:
        'Import from "../inventory/contract.ts", and publish there as an event, command or query what others need.',
    },
    {
      code: "policy-missing",
      file: ORDERS,
      line: 6,
      column: 8,
      message:
        '"orders" handles contract.PlaceOrder and does not say who may use it: `allow` is missing. Did you mean `allow` where it says `alow`?',
      remedy: "Add `allow: anyone()`, `roles(...)` or a predicate.",
    },
    {
      code: "call-undeclared",
      file: ORDERS,
      line: 8,
      column: 94,
      message: '"orders" calls command inventory.reserve of "inventory", which its `uses` does not list.',
      remedy: 'Add Reserve to `uses` of context("orders") in contexts/orders/index.ts.',
    },
  ]);
  expect(formatReport(report)).toContain(`${ORDERS}:8:94 call-undeclared "orders" calls command`);
  expect(formatReport(report)).toMatch(/\ncheck: not fine, 3 violations\n$/);
});

test("a syntax error is named with file and line, and what can be judged still is", () => {
  using shop = shopWith({
    "contexts/inventory/prices.ts": "export const a = 1;\nexport const priceOf = = 2;\n",
    [ORDERS]: (text) => text.replace("allow: anyone(),", ""),
  });
  const report = shop.check();
  expect(report.ok).toBe(false);
  expect(report.unjudged).toMatchObject([
    { code: "source-unreadable", file: "contexts/inventory/prices.ts", line: 2, column: 24 },
  ]);
  expect(report.violations).toMatchObject([{ code: "policy-missing", line: 5 }]);
});

test("what cannot be read is not fine, even where nothing else is wrong", () => {
  using shop = shopWith({ "contexts/orders/more.ts": "const = 1;\n" });
  const report = shop.check();
  expect(report).toMatchObject({ ok: false, violations: [], unjudged: [{ file: "contexts/orders/more.ts", line: 1 }] });
  expect(formatReport(report)).toMatch(/\ncheck: not fine, 1 place not judged\n$/);
});

test("an import of a file that does not exist is named, with the file that does", () => {
  using shop = shopWith({ "contexts/inventory/index.ts": (text) => text.replace("./prices.ts", "./price.ts") });
  expect(shop.check().unjudged).toMatchObject([
    { code: "import-unresolved", line: 3, message: './price.ts does not exist. Did you mean "prices.ts"?' },
  ]);
});

test("a context whose name is no literal cannot be judged", () => {
  using shop = shopWith({ [ORDERS]: (text) => text.replace('context("orders"', "context(NAME") });
  expect(shop.check().unjudged).toMatchObject([{ code: "context-unreadable", file: ORDERS, line: 4 }]);
});

test("nothing is executed", () => {
  using shop = shopWith({
    "contexts/inventory/prices.ts": 'throw new Error("executed");\nexport const priceOf = process.exit(3);\n',
  });
  expect(shop.check().ok).toBe(true);
});

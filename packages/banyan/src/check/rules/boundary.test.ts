import { mkdirSync, symlinkSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Fixture, SHOP, shopWith } from "../fixture.ts";

const ORDERS = "contexts/orders/index.ts";
const planted = (line: string) => (text: string) => `${line}\n${text}`;

test.each([
  ["a value", 'import { priceOf } from "../inventory/prices.ts";'],
  ["a type", 'import type { Price } from "../inventory/prices.ts";'],
  ["a whole module", 'import * as prices from "../inventory/prices.ts";'],
  ["only its effects", 'import "../inventory/prices.ts";'],
  ["a re-export", 'export { priceOf } from "../inventory/prices.ts";'],
  ["a re-export of everything", 'export * from "../inventory/prices.ts";'],
  ["a dynamic import", 'const prices = await import("../inventory/prices.ts");'],
  ["a dynamic import in a template", "const prices = await import(`../inventory/prices.ts`);"],
  ["an import in a type", 'type Price = import("../inventory/prices.ts").Price;'],
  ["an import assignment", 'import prices = require("../inventory/prices.ts");'],
  ["a require", 'const prices = require("../inventory/prices.ts");'],
  ["the context itself", 'import { inventory } from "../inventory/index.ts";'],
  ["the context by its folder", 'import { inventory } from "../inventory";'],
  ["a file by the ending of its output", 'import { priceOf } from "../inventory/prices.js";'],
  ["a file without its ending", 'import { priceOf } from "../inventory/prices";'],
  ["a file with a query", 'import { priceOf } from "../inventory/prices.ts?raw";'],
  ["a file by a detour", 'import { priceOf } from "../orders/.././inventory/prices.ts";'],
])("imports of internals are found: %s", (_, line) => {
  using shop = shopWith({ [ORDERS]: planted(line) });
  expect(shop.violations()).toEqual([`${ORDERS}:1 boundary-import`]);
});

test.each([
  ["by its name", 'import { Release } from "../inventory/contract.ts";'],
  ["with a query", 'import { Release } from "../inventory/contract.ts?fresh";'],
  ["as a type", 'import type { Release } from "../inventory/contract.ts";'],
  ["a package called like it", 'import { priceOf } from "inventory/prices.ts";'],
  [
    "words in a comment or string",
    'const words = `import "../inventory/prices.ts"`; // import "../inventory/prices.ts"',
  ],
  ["one's own files", 'import { own } from "./own.ts";'],
])("what may be imported is not reported: %s", (_, line) => {
  using shop = shopWith({ [ORDERS]: planted(line), "contexts/orders/own.ts": "export const own = 1;" });
  expect(shop.violations()).toEqual([]);
});

test("a file outside every context is held to the contract too, whether or not it is imported", () => {
  using shop = shopWith({ "scripts/report.ts": 'import { priceOf } from "../contexts/inventory/prices.ts";\n' });
  expect(shop.check().violations).toMatchObject([
    {
      file: "scripts/report.ts",
      line: 1,
      message: expect.stringContaining("A file outside every context imports ../contexts/inventory/prices.ts"),
    },
  ]);
});

test("a chain of re-exports is cut where it leaves the context", () => {
  using shop = shopWith({
    [ORDERS]: planted('import { priceOf } from "../../shared/prices.ts";'),
    "shared/prices.ts": 'export { priceOf } from "./more.ts";',
    "shared/more.ts": '\nexport * from "../contexts/inventory/prices.ts";',
  });
  expect(shop.violations()).toEqual(["shared/more.ts:2 boundary-import"]);
});

test("what assembles the application takes the contexts, and nothing deeper", () => {
  using shop = shopWith({
    "banyan.config.ts":
      'import { priceOf } from "./contexts/inventory/prices.ts";\nimport shop from "./shop.ts";\nexport default shop;\n',
    "shop.ts": SHOP["banyan.config.ts"] ?? "",
    "shop.test.ts": 'import { orders } from "./contexts/orders/index.ts";\n',
  });
  expect(shop.violations()).toEqual(["banyan.config.ts:1 boundary-import"]);
});

test("a test may import what it likes of its own context, and of others the contract", () => {
  using shop = shopWith({
    "contexts/inventory/prices.test.ts":
      'import { priceOf } from "./prices.ts";\nimport { inventory } from "./index.ts";\n',
    "contexts/orders/orders.test.ts":
      'import "../inventory/contract.ts";\nimport { priceOf } from "../inventory/prices.ts";\n',
  });
  expect(shop.violations()).toEqual(["contexts/orders/orders.test.ts:2 boundary-import"]);
});

test("a name the contract has is suggested from there", () => {
  using shop = shopWith({
    "contexts/inventory/index.ts": (text) => `${text}export { GetPrice } from "./contract.ts";\n`,
    [ORDERS]: (text) =>
      text.replace(
        '{ GetPrice, StockChanged } from "../inventory/contract.ts"',
        '{ GetPrice, StockChanged } from "../inventory/all.ts"',
      ),
    "contexts/inventory/all.ts": 'export * from "./contract.ts";\n',
  });
  expect(shop.check().violations).toMatchObject([
    { line: 2, remedy: 'Did you mean "../inventory/contract.ts"? It exports GetPrice, StockChanged.' },
  ]);
});

test("a context without a contract says so", () => {
  const { "contexts/inventory/contract.ts": _, ...files } = SHOP;
  using shop = new Fixture({
    ...files,
    "contexts/inventory/index.ts":
      'import { context } from "banyan";\nexport const inventory = context("inventory", {});\n',
    [ORDERS]:
      'import { inventory } from "../inventory/index.ts";\nimport { context } from "banyan";\nexport const orders = context("orders", {});\n',
    "contexts/orders/contract.ts": "export {};\n",
  });
  expect(shop.check().violations).toMatchObject([
    {
      line: 1,
      remedy: "Write contract.ts in contexts/inventory and publish there what others need.",
      message: expect.stringContaining('"inventory" has no contract.ts yet'),
    },
  ]);
});

test("a contract may be a folder with an index; the files beside the index are internal", () => {
  const { "contexts/inventory/contract.ts": contract = "", ...files } = SHOP;
  using shop = new Fixture({
    ...files,
    "contexts/inventory/index.ts": (files["contexts/inventory/index.ts"] ?? "").replace(
      "./contract.ts",
      "./contract/index.ts",
    ),
    "contexts/inventory/contract/index.ts": 'export * from "./all.ts";\n',
    "contexts/inventory/contract/all.ts": contract,
    [ORDERS]: `import { Reserve } from "../inventory/contract/all.ts";\n${(files[ORDERS] ?? "").replace("../inventory/contract.ts", "../inventory/contract")}`,
  });
  expect(shop.violations()).toEqual([`${ORDERS}:1 boundary-import`]);
});

test("folders whose names begin alike are different contexts", () => {
  using shop = shopWith({
    "banyan.config.ts": (text) => `import { archive } from "./contexts/orders-archive/index.ts";\n${text}`,
    "contexts/orders-archive/contract.ts": "export {};\n",
    "contexts/orders-archive/index.ts":
      'import { context } from "banyan";\nimport { orders } from "../orders/index.ts";\nexport const archive = context("orders-archive", {});\n',
    "contexts/orders/own.ts": 'import { archive } from "../orders-archive/index.ts";\n',
  });
  expect(shop.violations()).toEqual([
    "contexts/orders-archive/index.ts:2 boundary-import",
    "contexts/orders/own.ts:1 boundary-import",
  ]);
});

test("a folder whose name begins like a context's is not the context's", () => {
  using shop = shopWith({
    "contexts/orders-archive/old.ts": 'import { orders } from "../orders/index.ts";\nexport const old = orders;\n',
    "contexts/orders/own.ts": 'export { old } from "../orders-archive/old.ts";\n',
  });
  expect(shop.violations()).toEqual(["contexts/orders-archive/old.ts:1 boundary-import"]);
});

test("banyan is a package also where it is developed", () => {
  using shop = shopWith({
    "packages/banyan/package.json": '{ "name": "banyan", "type": "module", "exports": "./index.ts" }',
    "packages/banyan/index.ts": "export function context() {}\n",
    [ORDERS]: planted('import { priceOf } from "../inventory/prices.ts";'),
  });
  mkdirSync(shop.path("node_modules"));
  symlinkSync("../packages/banyan", shop.path("node_modules/banyan"));
  expect(shop.violations()).toEqual([`${ORDERS}:1 boundary-import`]);
});

test("a context inside another's folder is a context of its own", () => {
  using shop = shopWith({
    "banyan.config.ts": (text) => `import { lines } from "./contexts/orders/lines/index.ts";\n${text}`,
    "contexts/orders/lines/contract.ts": "export {};\n",
    "contexts/orders/lines/index.ts":
      'import { context } from "banyan";\nimport { own } from "../own.ts";\nexport const lines = context("lines", {});\n',
    "contexts/orders/own.ts": 'export const own = 1;\nimport { lines } from "./lines/index.ts";\n',
  });
  expect(shop.violations()).toEqual([
    "contexts/orders/lines/index.ts:2 boundary-import",
    "contexts/orders/own.ts:2 boundary-import",
  ]);
});

test("a link to a file or folder is judged where it leads", () => {
  using shop = shopWith({
    [ORDERS]: planted('import { priceOf } from "./linked.ts";\nimport { priceOf as other } from "./folder/prices.ts";'),
  });
  symlinkSync("../inventory/prices.ts", shop.path("contexts/orders/linked.ts"));
  symlinkSync("../inventory", shop.path("contexts/orders/folder"));
  expect(shop.violations()).toEqual([`${ORDERS}:1 boundary-import`, `${ORDERS}:2 boundary-import`]);
});

test("a context reached by a link is judged where it lies", () => {
  const { [ORDERS]: index = "", "contexts/orders/contract.ts": contract = "", ...files } = SHOP;
  using shop = new Fixture({
    ...files,
    "teams/orders/index.ts": `import { priceOf } from "../../contexts/inventory/prices.ts";\n${index.replace("../inventory", "../../contexts/inventory")}`,
    "teams/orders/contract.ts": contract,
  });
  symlinkSync("../teams/orders", shop.path("contexts/orders"));
  expect(shop.violations()).toEqual(["teams/orders/index.ts:1 boundary-import"]);
});

test("internals by another name are still internals: #imports and workspace packages", () => {
  using shop = shopWith({
    "package.json": '{ "name": "shop", "type": "module", "imports": { "#inventory/*": "./contexts/inventory/*" } }',
    "contexts/inventory/package.json":
      '{ "name": "@shop/inventory", "type": "module", "exports": { "./prices": "./prices.ts" } }',
    [ORDERS]: planted(
      'import { priceOf } from "#inventory/prices.ts";\nimport { priceOf as other } from "@shop/inventory/prices";',
    ),
  });
  mkdirSync(shop.path("node_modules/@shop"), { recursive: true });
  symlinkSync("../../contexts/inventory", shop.path("node_modules/@shop/inventory"));
  expect(shop.violations()).toEqual([`${ORDERS}:1 boundary-import`, `${ORDERS}:2 boundary-import`]);
});

test("another application beneath the folder, and what was installed or built, is not judged", () => {
  using shop = shopWith({
    "more/banyan.config.ts": 'import "../contexts/inventory/prices.ts";',
    "node_modules/x/index.js": 'import "../../contexts/inventory/prices.ts";',
    "dist/x.js": 'import "../contexts/inventory/prices.ts";',
    ".cache/x.ts": 'import "../contexts/inventory/prices.ts";',
  });
  expect(shop.violations()).toEqual([]);
});

test("whoever imports whatever in any notation: a crossing is reported when the file is another context's and not its contract", () => {
  const files = [
    "orders/index",
    "orders/deep/file",
    "orders-archive/index",
    "orders-archive/contract",
    "ord/index",
    "ord/contract",
    "orders/contract",
  ];
  const contextOf = (file: string | undefined) => file?.split("/")[0];
  fc.assert(
    fc.property(
      fc.constantFrom(...files),
      fc.constantFrom(...files),
      fc.constantFrom(".ts", ".js", ""),
      (from, to, ending) => {
        fc.pre(from !== to && !from.endsWith("contract"));
        const folders = [...new Set(files.map((file) => contextOf(file) ?? ""))];
        const up = "../".repeat(from.split("/").length - 1);
        const sources = Object.fromEntries(
          files.map((file) => [
            `${file}.ts`,
            file.endsWith("/index")
              ? `import { context } from "banyan"; export const c = context("${contextOf(file)}", {});`
              : "export {};",
          ]),
        );
        using shop = new Fixture({
          ...sources,
          "banyan.config.ts": folders.map((folder) => `import "./${folder}/index.ts";`).join("\n"),
          [`${from}.ts`]: `${sources[`${from}.ts`]}\nimport "./${up}${to}${ending}";`,
        });
        const crosses = contextOf(from) !== contextOf(to) && !to.endsWith("/contract");
        expect(shop.violations()).toEqual(crosses ? [`${from}.ts:2 boundary-import`] : []);
      },
    ),
    { numRuns: 60 },
  );
});

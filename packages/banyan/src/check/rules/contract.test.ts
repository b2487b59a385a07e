import { expect, test } from "vitest";
import { shopWith } from "../fixture.ts";

const CONTRACT = "contexts/orders/contract.ts";
const planted = (line: string) => (text: string) => `${line}\n${text}`;

test.each([
  ["contract-imports-contract", "another contract", 'import { GetPrice } from "../inventory/contract.ts";'],
  [
    "contract-imports-contract",
    "a type of another contract",
    'import type { GetPrice } from "../inventory/contract.ts";',
  ],
  [
    "contract-imports-contract",
    "a re-export of another contract",
    'export { GetPrice } from "../inventory/contract.ts";',
  ],
  ["contract-not-plain", "its own internals", 'import { own } from "./own.ts";'],
  ["contract-not-plain", "its own context", 'import { orders } from "./index.ts";'],
  ["contract-not-plain", "a file outside every context", 'import { shared } from "../../shared.ts";'],
  ["contract-not-plain", "a module of Node", 'import { randomUUID } from "node:crypto";'],
  ["boundary-import", "internals of another context", 'import { priceOf } from "../inventory/prices.ts";'],
])("a contract is plain: %s for %s", (code, _, line) => {
  using shop = shopWith({
    [CONTRACT]: planted(line),
    "contexts/orders/own.ts": "export const own = 1;",
    "shared.ts": "export const shared = 1;",
  });
  expect(shop.violations()).toEqual([`${CONTRACT}:1 ${code}`]);
});

test.each([
  ["a package", 'import { z } from "zod/mini";'],
  ["a type of Node", 'import type { Buffer } from "node:buffer";'],
  ["a file of its own contract folder", 'import { line } from "./contract/line.ts";'],
])("a contract may import %s", (_, line) => {
  using shop = shopWith({
    [CONTRACT]: planted(line),
    "contexts/orders/contract/line.ts": 'import { z } from "zod";\nexport const line = z;',
  });
  expect(shop.violations()).toEqual([]);
});

test("the files of the contract folder are held to the same rule", () => {
  using shop = shopWith({
    [CONTRACT]: planted('import { line } from "./contract/line.ts";'),
    "contexts/orders/contract/line.ts": 'export { orders as line } from "../index.ts";',
  });
  expect(shop.violations()).toEqual(["contexts/orders/contract/line.ts:1 contract-not-plain"]);
});

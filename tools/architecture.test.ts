import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CORE_FOLDERS, violations } from "./architecture.ts";

const root = join(import.meta.dirname, "..");
const sources = ["{packages,examples}/*/package.json", "packages/*/src/**/*.ts", "examples/*/**/*.ts"];
const isOurs = (path: string): boolean => !/(^|\/)(node_modules|dist)\//.test(path);
const paths = globSync(sources, { cwd: root }).filter(isOurs);
const files = new Map(paths.map((path) => [path, readFileSync(join(root, path), "utf8")]));

test("every package and every folder of core stands only on what the table gives it", () => {
  expect(violations(files).join("\n")).toBe("");
});

test("every breach is found and reported together, with what is allowed", () => {
  const planted = new Map([
    ["packages/core/package.json", '{ "dependencies": { "zod": "4" } }'],
    ["packages/core/src/error/a.ts", 'import type { Store } from "../ports/store.ts";'],
    ["packages/core/src/planted/a.ts", 'import "../error/index.ts";'],
    ["packages/core/src/ports/broker.ts", `\n\nimport { join } from "node:path";${"\n".repeat(60)}//`],
    ["packages/core/src/ports/platform.ts", 'import type { Broker } from "./broker.ts";'],
    [
      "packages/kysely/src/a.ts",
      'export * from "@banyan/core";\nimport "../../core/src/a.ts";\nimport "@banyan/node";',
    ],
    ["packages/kysely/src/a.test.ts", 'import "@banyan/testing";'],
    ["examples/shop/a.ts", 'import "./b.ts";\nimport "@banyan/core";'],
    ["examples/shop/b.ts", 'import "./a.ts";'],
  ]);
  const order = CORE_FOLDERS.join(", ");
  expect(violations(planted)).toEqual([
    "packages/core/src/error/a.ts:1 imports ports; core's error may import nothing",
    `packages/core/src/planted/a.ts:1 is in the folder "planted", which has no place in the order ${order}`,
    'packages/core/src/ports/broker.ts:3 imports "node:path"; packages/core may import nothing',
    "packages/kysely/src/a.ts:2 reaches into packages/core/src/a.ts; import its package by name",
    'packages/kysely/src/a.ts:3 imports "@banyan/node"; packages/kysely may import @banyan/core, kysely',
    'packages/kysely/src/a.ts:1 exports everything of "@banyan/core"; export by name',
    'examples/shop/a.ts:2 imports "@banyan/core"; examples/shop may import @banyan/kysely, @banyan/testing, banyan, kysely, node:, zod',
    "a cycle: examples/shop/a.ts -> examples/shop/b.ts -> examples/shop/a.ts",
    'packages/core/package.json depends on "zod"; it may on nothing',
    "packages/core/src/ports/broker.ts has 63 lines; a port is at most 60, its comments are promises",
    "packages/core/src/ports/broker.ts has no suite packages/testing/src/conformance/broker.ts",
  ]);
});

import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync } from "oxc-parser";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const PAGE = join(root, "docs", "explanation", "failure-modes.md");

/** What the page says is shown by a test: the file, and the name of the test in it. */
const named = [...readFileSync(PAGE, "utf8").matchAll(/\[[^\]]+\]\(([^)]+\.test\.ts)\) "([^"|]+)"/g)].map(
  ([, path = "", name = ""]) => ({ file: join(dirname(PAGE), path), name }),
);

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string";

const nodesIn = (value: unknown): Node[] => {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  return isNode(value) ? [value, ...Object.values(value).flatMap(nodesIn)] : [];
};

/** `test`, `test.each(…)`, `test.skipIf(…)`, `describe.each(…)`: whatever they are called by. */
const isTest = ({ type, name, callee, object }: Node): boolean =>
  type === "Identifier"
    ? name === "test" || name === "describe"
    : [callee, object].some((of) => isNode(of) && isTest(of));

/** The names of the tests and groups of a file, as they are written there. */
function namesIn(file: string): string[] {
  const calls = nodesIn(parseSync(file, readFileSync(file, "utf8")).program).filter(
    (node) => node.type === "CallExpression" && isTest(node),
  );
  const firsts = calls.flatMap(({ arguments: given }) => (Array.isArray(given) ? given.slice(0, 1) : []));
  return firsts.flatMap(({ value }: { readonly value?: unknown }) => (typeof value === "string" ? [value] : []));
}

test("every test that the page of failure modes names exists", () => {
  expect(named.length).toBeGreaterThan(40);
  const missing = named.filter(({ file, name }) => !namesIn(file).includes(name));
  expect(missing).toEqual([]);
});

test("every row of it names one, and every test of this folder is in it", () => {
  const rows = readFileSync(PAGE, "utf8")
    .split("\n")
    .filter((line) => /^\| (?!what happens|---)/.test(line));
  expect(rows.filter((row) => !/\.test\.ts\) "/.test(row))).toEqual([]);
  const here = globSync("*.test.ts", { cwd: import.meta.dirname })
    .filter((file) => file !== "modes.test.ts")
    .flatMap((file) => namesIn(join(import.meta.dirname, file)));
  const known = new Set(named.map(({ name }) => name));
  // the test within a group stands for the group
  const inner = "holds up its own key alone, and each entry has its effect once";
  expect(here.filter((name) => !known.has(name) && name !== inner)).toEqual([]);
});

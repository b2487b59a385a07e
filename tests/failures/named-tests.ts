import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync } from "oxc-parser";

/** A test that a page of the documentation says shows something. */
export interface NamedTest {
  readonly file: string;
  readonly name: string;
}

/** `[what](path.test.ts) "name of the test"`, wherever it stands in a text of this page. */
export function namedIn(text: string, page: string): readonly NamedTest[] {
  return [...text.matchAll(/\[[^\]]+\]\(([^)]+\.test\.ts)\) "([^"|]+)"/g)].map(([, path = "", name = ""]) => ({
    file: join(dirname(page), path),
    name,
  }));
}

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
export function testsIn(file: string): readonly string[] {
  const calls = nodesIn(parseSync(file, readFileSync(file, "utf8")).program).filter(
    (node) => node.type === "CallExpression" && isTest(node),
  );
  const firsts = calls.flatMap(({ arguments: given }) => (Array.isArray(given) ? given.slice(0, 1) : []));
  return firsts.flatMap(({ value }: { readonly value?: unknown }) => (typeof value === "string" ? [value] : []));
}

/** Those that do not exist. */
export function missingAmong(named: readonly NamedTest[]): readonly NamedTest[] {
  return named.filter(({ file, name }) => !testsIn(file).includes(name));
}

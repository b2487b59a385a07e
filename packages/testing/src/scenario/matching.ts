import { inspect } from "node:util";

/** Part of a value: what is left out may be anything. Lists are given whole, their items in part. */
export type Part<T> = T extends readonly (infer Item)[]
  ? readonly Part<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]?: Part<T[Name]> }
    : T;

/** Where a value is not as expected, a line for each place; none = it matches. */
export function differences(expected: unknown, actual: unknown, path = ""): readonly string[] {
  if (isMatcher(expected)) return expected.asymmetricMatch(actual) ? [] : [line(path, expected, actual)];
  if (Array.isArray(expected)) return listDifferences(expected, actual, path);
  if (typeof expected !== "object" || expected === null)
    return Object.is(expected, actual) ? [] : [line(path, expected, actual)];
  if (typeof actual !== "object" || actual === null) return [line(path, expected, actual)];
  return Object.entries(expected).flatMap(([name, value]) =>
    differences(value, (actual as Record<string, unknown>)[name], path === "" ? name : `${path}.${name}`),
  );
}

function listDifferences(expected: readonly unknown[], actual: unknown, path: string): readonly string[] {
  if (!Array.isArray(actual) || actual.length !== expected.length) return [line(path, expected, actual)];
  return expected.flatMap((item, i) => differences(item, actual[i], path === "" ? String(i) : `${path}.${i}`));
}

/** `expect.any(String)` and its like, as test frameworks have them. */
function isMatcher(value: unknown): value is { asymmetricMatch(actual: unknown): boolean } {
  return typeof (value as { asymmetricMatch?: unknown } | null)?.asymmetricMatch === "function";
}

function line(path: string, expected: unknown, actual: unknown): string {
  return `${path === "" ? "data" : path}: expected ${shown(expected)}, got ${shown(actual)}`;
}

export function shown(value: unknown): string {
  return inspect(value, { depth: 4, breakLength: Infinity, compact: true, maxStringLength: 200 });
}

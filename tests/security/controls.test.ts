import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { missingAmong, namedIn, testsIn } from "../failures/named-tests.ts";

const root = join(import.meta.dirname, "..", "..");
const PAGE = join(root, "docs", "explanation", "security.md");
const text = readFileSync(PAGE, "utf8");
const named = namedIn(text, PAGE);

/** How many controls the threat model has for each boundary. */
const CONTROLS = { B1: 18, B6: 13, B7: 8, B8: 7 } as const;

/** Parts that do not exist: what a "not yet" may name, and what would be there if it did. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  "live channels": ["packages/core/src/channel", "packages/client"],
  studio: ["packages/studio"],
  workflows: ["packages/core/src/workflow"],
  "registry of contracts": ["packages/contracts"],
  "traces and metrics": ["packages/otel", "packages/node/src/metrics"],
  releases: [".ci/release", ".github/workflows/release.yml"],
};

const rows = text.split("\n").flatMap((line) => {
  const [id = "", control = "", , shown = "", ...more] = line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
  return /^B\d\.\d+$/.test(id) ? [{ id, control, shown, more }] : [];
});

test("every control of the threat model is a row, once and in order", () => {
  const ids = Object.entries(CONTROLS).flatMap(([boundary, count]) =>
    Array.from({ length: count }, (_, at) => `${boundary}.${at + 1}`),
  );
  expect(rows.map(({ id }) => id)).toEqual(ids);
  expect(rows.filter(({ control, shown, more }) => control === "" || shown === "" || more.length > 0)).toEqual([]);
});

test("every test that the page of security names exists", () => {
  expect(named.length).toBeGreaterThan(60);
  expect(missingAmong(named)).toEqual([]);
});

/** `shown`, `not there`, or what is wrong. */
function stateOf(shown: string): string {
  const part = /^not yet: ([a-z ]+)$/.exec(shown)?.[1];
  if (part === undefined) return namedIn(shown, PAGE).length > 0 ? "shown" : "names no test";
  const paths = PARTS[part];
  if (paths === undefined) return `names no part that is known: ${part}`;
  return paths.some((path) => existsSync(join(root, path))) ? `${part} exist: name the test` : "not there";
}

test("every control names a test, or a part that does not exist", () => {
  const wrong = rows
    .map(({ id, shown }) => [id, stateOf(shown)])
    .filter(([, state]) => !/^(shown|not there)$/.test(state ?? ""));
  expect(wrong).toEqual([]);
  expect(["not yet: everything", "later", "[a](b.test.ts)"].map(stateOf)).not.toContain("shown");
});

test("every test of this folder and of the canaries is named on it", () => {
  const known = new Set(named.map(({ name }) => name));
  const files = globSync("tests/{security,canaries,authorisation}/*.test.ts", { cwd: root }).filter(
    (file) => !/(controls|canary)\.test\.ts$/.test(file),
  );
  expect(files.length).toBeGreaterThan(3);
  expect(files.flatMap((file) => testsIn(join(root, file))).filter((name) => !known.has(name))).toEqual([]);
});

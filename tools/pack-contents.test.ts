import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BOUNDS_KIB, type Contents, contentProblems } from "./pack-contents.ts";

const root = join(import.meta.dirname, "..");
const NAME = "@banyan/kysely";
const manifest = (more: object = {}): string =>
  JSON.stringify({ exports: { ".": { default: "./dist/index.js" } }, engines: { node: ">=24.15" }, ...more });
const sound = { LICENSE: "", "README.md": "", "package.json": manifest(), "dist/index.js": "" };

function problems(files: Readonly<Record<string, string>>, about: Partial<Contents> = {}): string[] {
  const list = Object.entries(files).map(([path, text]) => ({ path, text }));
  return contentProblems({ name: NAME, bytes: 1_000, files: list, ...about }, "/builder/checkout");
}

test("a sound package has no problem", () => {
  expect(problems(sound)).toEqual([]);
});

test.each([
  ["lacks LICENSE", { "README.md": "", "package.json": manifest(), "dist/index.js": "" }],
  ["carries a test: src/a.test.ts", { ...sound, "src/a.test.ts": "" }],
  ["carries a test: src/a.test-d.ts", { ...sound, "src/a.test-d.ts": "" }],
  ["carries a test: src/order-fixture.ts", { ...sound, "src/order-fixture.ts": "" }],
  ["dist/a.js names a folder of a machine", { ...sound, "dist/a.js": "// /builder/checkout/src/a.ts" }],
  ["dist/a.js names a folder of a machine", { ...sound, "dist/a.js": '"/home/ada/src"' }],
  ["exports ./dist/index.js, which is not in it", { LICENSE: "", "README.md": "", "package.json": manifest() }],
  [
    "runs a script at installation: postinstall",
    { ...sound, "package.json": manifest({ scripts: { postinstall: "node a.js" } }) },
  ],
  ["does not say which Node it needs", { ...sound, "package.json": manifest({ engines: {} }) }],
])("it %s", (problem, files) => {
  expect(problems(files)).toEqual([`${NAME}: ${problem}`]);
});

test("weight has a bound for every package", () => {
  const names = globSync("packages/*/package.json", { cwd: root }).map(
    (path): string => JSON.parse(readFileSync(join(root, path), "utf8")).name,
  );
  expect(Object.keys(BOUNDS_KIB).toSorted()).toEqual(names.toSorted());
  expect(problems(sound, { bytes: 20 * 1024 })).toEqual([`${NAME}: weighs 20 KiB, over its bound of 14 KiB`]);
  expect(problems(sound, { name: "@banyan/new" })).toEqual([
    "@banyan/new: has no bound on its size: set one in tools/pack-contents.ts",
  ]);
});

test("what `banyan init` writes travels with it, and llms.txt", () => {
  expect(problems(sound, { name: "banyan" })).toContain("banyan: lacks templates/first/banyan.config.ts");
  expect(problems(sound, { name: "banyan" })).toContain("banyan: lacks llms.txt");
});

test("every package carries the licence of the whole", () => {
  const whole = readFileSync(join(root, "LICENSE"), "utf8");
  for (const path of globSync("packages/*", { cwd: root }))
    expect(readFileSync(join(root, path, "LICENSE"), "utf8")).toBe(whole);
});

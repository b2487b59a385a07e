import { expect, test } from "vitest";
import { excludeFor } from "./tsconfig-exclude.ts";

const written = ["banyan.config.ts", "contexts"];

test.each([
  ["names no files", "{}", ["node_modules", ...written]],
  [
    "has comments, commas and an outDir",
    '{ // "include": ["src"]\n "compilerOptions": { "outDir": "dist", /* x */ }, }',
    ["node_modules", "dist", ...written],
  ],
  ["takes all by a pattern", '{ "include": ["next-env.d.ts", "**/*.ts"] }', ["node_modules", ...written]],
  ["takes the folder it is in", '{ "include": ["./"] }', ["node_modules", ...written]],
  [
    "leaves something out already",
    '{ "exclude": ["dist", "contexts/**"] }',
    ["dist", "contexts/**", "banyan.config.ts"],
  ],
])("a tsconfig.json that %s has to leave out what is written", (_, text, exclude) => {
  expect(excludeFor(text, written)).toEqual(exclude);
});

test.each([
  ["names its folder", '{ "include": ["src/**/*", "./lib"] }'],
  ["names its files", '{ "files": ["a.ts"] }'],
  ["leaves it out", '{ "exclude": ["./contexts", "banyan.config.ts"] }'],
  ["cannot be read", "{"],
])("one that %s is left as it is", (_, text) => {
  expect(excludeFor(text, written)).toBeUndefined();
});

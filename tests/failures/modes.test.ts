import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { missingAmong, namedIn, testsIn } from "./named-tests.ts";

const PAGE = join(import.meta.dirname, "..", "..", "docs", "explanation", "failure-modes.md");
const text = readFileSync(PAGE, "utf8");
const named = namedIn(text, PAGE);

test("every test that the page of failure modes names exists", () => {
  expect(named.length).toBeGreaterThan(40);
  expect(missingAmong(named)).toEqual([]);
});

test("every row of it names one, and every test of this folder is in it", () => {
  const rows = text.split("\n").filter((line) => /^\| (?!what happens|---)/.test(line));
  expect(rows.filter((row) => !/\.test\.ts\) "/.test(row))).toEqual([]);
  const here = globSync("*.test.ts", { cwd: import.meta.dirname })
    .filter((file) => file !== "modes.test.ts")
    .flatMap((file) => testsIn(join(import.meta.dirname, file)));
  const known = new Set(named.map(({ name }) => name));
  // the test within a group stands for the group
  const inner = "holds up its own key alone, and each entry has its effect once";
  expect(here.filter((name) => !known.has(name) && name !== inner)).toEqual([]);
});

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { MUTANTS } from "./mutants.ts";

const root = join(import.meta.dirname, "..", "..");
const page = readFileSync(join(root, "docs", "explanation", "simulation.md"), "utf8");

/** What the bank's first seeds break with this runtime; null: nothing. */
async function brokenBy(mutant: string, seeds: number): Promise<unknown> {
  const args = ["--conditions=source", join("tests", "simulation", "mutant.ts"), mutant, String(seeds)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  return JSON.parse(stdout);
}

test.each(Object.keys(MUTANTS))("a runtime that %s is found", { timeout: 120_000 }, async (mutant) => {
  expect(await brokenBy(mutant, 200)).toEqual({
    seed: expect.any(Number),
    laws: expect.arrayContaining([expect.any(String)]),
  });
});

test("the runtime as it is breaks nothing in the same way of running it", { timeout: 120_000 }, async () => {
  expect(await brokenBy("", 10)).toBeNull();
});

test("the page names them", () => {
  expect(Object.keys(MUTANTS).filter((mutant) => !page.includes(`"${mutant}"`))).toEqual([]);
});

import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { commitsSince, noHistory, OLDEST } from "./age.ts";
import { kept } from "./record.ts";
import { SUITES, type Printed } from "./suites.ts";

const root = join(import.meta.dirname, "..", "..");
const { scripts } = JSON.parse(JSON.stringify(await import("../../package.json", { with: { type: "json" } }))).default;

test.each(SUITES)("$name is made of steps that differ, of a command there is", ({ script, steps, claim }) => {
  expect(Object.keys(scripts)).toContain(script);
  expect(new Set(steps.map((args) => args.join(" "))).size).toBe(steps.length);
  expect(claim).toMatch(/\.$/);
});

test("the seeds of a simulation are each run once, and as many as are claimed", () => {
  const [shop] = SUITES;
  const ranges = shop?.steps.map((args) => [Number(args[5]), Number(args[3])] as const) ?? [];
  let next = 1;
  for (const [from, count] of ranges) {
    expect(from).toBe(next);
    next += count;
  }
  expect(next - 1).toBe(10_000);
});

test("figures are read from what a run prints", async () => {
  const args = ["--conditions=source", "--import", "./tools/where-called.ts", "tools/simulate.ts"];
  const options = ["--app", "reference-memory", "--seeds", "3", "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, ...options], { cwd: root });
  const printed = JSON.parse(stdout) as Printed;
  const figures = SUITES.find(({ name }) => name === "simulate-memory")?.figures([printed, printed]) ?? "";
  expect(figures).toMatch(/^6 seeds, 0 violations: [1-9][\d,]* deliveries, [1-9]/);
}, 60_000);

test.each(SUITES)("$name says what it is about, and that exists", ({ paths }) => {
  expect(paths.length).toBeGreaterThan(0);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test.for(kept())("the proof of $name is of a suite there is, and not too old", ({ name, commit }, { skip }) => {
  const suite = SUITES.find((one) => one.name === name);
  expect(suite).toBeDefined();
  const why = noHistory();
  if (why !== undefined) skip(`the age of a proof is not known: ${why}`);
  const age = commitsSince(commit, suite?.paths ?? [], `docs/proofs/${name}.json`);
  expect(age, `${age} commits have touched it: npm run prove -- ${name}`).toBeLessThanOrEqual(OLDEST);
});

test("age is counted in commits that touch the paths, also since a commit that is not there", ({ skip }) => {
  const why = noHistory();
  if (why !== undefined) skip(`the age of a proof is not known: ${why}`);
  const file = "docs/proofs/planted.json";
  const roots = execFileSync("git", ["rev-list", "--max-parents=0", "HEAD"], { cwd: root, encoding: "utf8" });
  const first = roots.trim().slice(0, 40);
  expect(commitsSince(first, ["packages"], file)).toBeGreaterThan(100);
  expect(commitsSince(first, ["no-such-folder"], file)).toBe(0);
  expect(commitsSince("0".repeat(40), ["packages"], file)).toBeLessThan(commitsSince(first, ["packages"], file));
  expect(() => commitsSince("0".repeat(40), ["packages"], "no-such-file")).toThrow("Nothing is known");
});

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
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

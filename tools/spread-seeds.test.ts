import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SimulationResult } from "@banyan/testing";
import { afterAll, expect, test } from "vitest";
import { spreadSeeds } from "./spread-seeds.ts";

const asked = { app: "reference-memory", from: 5, seeds: 9, faults: undefined, clients: undefined };
const folder = mkdtempSync(join(tmpdir(), "banyan-spread-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function jobOf(name: string, code: string): string {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, `process.once("disconnect", () => process.exit());\n${code}`);
  return file;
}

async function seen(job: string): Promise<SimulationResult[]> {
  const results: SimulationResult[] = [];
  for await (const result of spreadSeeds(asked, 2, job)) results.push(result);
  return results;
}

test("a process that is killed in the midst is an error, and never a smaller count", async () => {
  const answers = "process.send({ nth, result: { seed: nth + 5 } })";
  const whole = jobOf("whole", `process.on("message", (nth) => ${answers});`);
  expect((await seen(whole)).map(({ seed }) => seed).toSorted((a, b) => a - b)).toEqual([
    5, 6, 7, 8, 9, 10, 11, 12, 13,
  ]);
  const killed = jobOf(
    "killed",
    `process.on("message", (nth) => nth === 6 ? process.kill(process.pid, "SIGKILL") : ${answers});`,
  );
  await expect(seen(killed)).rejects.toThrow("The process that was to run seed 11 ended before it: SIGKILL.");
  const ends = jobOf("ends", `process.on("message", (nth) => process.exit(0));`);
  await expect(seen(ends)).rejects.toThrow(/seed [56] ended before it: exit 0/);
});

test("what a process cannot do is said as if it were done here", async () => {
  const failing = jobOf(
    "failing",
    `process.on("message", (nth) => process.send({ nth, failed: "There is no such table." }));`,
  );
  await expect(seen(failing)).rejects.toThrow("There is no such table.");
  await expect(spreadSeeds({ ...asked, app: "nothing.ts" }, 2).next()).rejects.toThrow("nothing.ts");
});

test("no process outlives the loop over the results", async () => {
  const told = jobOf("told", `process.on("message", (nth) => process.send({ nth, result: { seed: process.pid } }));`);
  const results = spreadSeeds(asked, 1, told);
  const pid = (await results.next()).value?.seed ?? 0;
  await results.return();
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test("the processes end with the one that started them, however that was ended", async () => {
  const spread = join(import.meta.dirname, "spread-seeds.ts");
  const code = `import { spreadSeeds } from ${JSON.stringify(spread)};
    for await (const { seed } of spreadSeeds(${JSON.stringify({ ...asked, seeds: 100_000 })}, 2)) console.log(seed);`;
  const parent = execFile(process.execPath, ["--conditions=source", "--input-type=module", "--eval", code]);
  const closed = once(parent, "close");
  await once(parent.stdout as NodeJS.ReadableStream, "data");
  parent.kill("SIGKILL");
  // they have its output in their hands, so it is closed when the last of them is gone
  expect(await closed).toEqual([null, "SIGKILL"]);
}, 30_000);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

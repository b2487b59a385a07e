import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { drain } from "./drain.ts";
import { fill } from "./fill.ts";
import { judge } from "./judge.ts";
import { live } from "./live.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "banyan-backlog-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a backlog drains whole and in order, and what waits is told right while it does; other types are no part of it", async () => {
  const spread = { keys: 500, hot: 0 };
  const wanted = await fill(folder, 20_000, spread);
  expect(wanted).toBe(17_500);
  const drained = await drain(folder, wanted, spread);
  expect(drained).toMatchObject({ entries: 17_500, parked: 0 });
  const { lagError } = judge(drained);
  expect(lagError).toBeLessThanOrEqual(0.1);
  expect(drained.samples[0]).toMatchObject({ behind: expect.any(Number) });
  expect(drained.samples.at(-1)).toMatchObject({ left: 0, behind: 0 });
}, 60_000);

test("a hot key among others is read in order", async () => {
  const read = await live(folder, 2_000, { rate: 2_000, spread: { keys: 100, hot: 90 } });
  expect(read).toMatchObject({ entries: 1_750, parked: 0 });
}, 60_000);

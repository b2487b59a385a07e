import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { barOf, type Moment, Progress } from "./progress.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const moment: Moment = { phase: "replaying", done: 50, total: 200, note: "48 accepted" };

test("a terminal gets a bar that is redrawn, cut to its width", () => {
  expect(barOf(moment, 120)).toBe("[######------------------] 25% replaying: 50/200, 48 accepted");
  expect(barOf(moment, 40)).toHaveLength(39);
  const written: string[] = [];
  const progress = new Progress(
    { isTTY: true, columns: 100, write: (text: string) => written.push(text) > 0 },
    () => moment,
  );
  vi.advanceTimersByTime(400);
  progress.end();
  progress.end();
  expect(written).toHaveLength(4);
  expect(written[0]).toMatch(/^\r/);
  expect(written.at(-1)).toBe("\n");
});

test("elsewhere a line comes every five seconds", () => {
  const written: string[] = [];
  const progress = new Progress({ write: (text: string) => written.push(text) > 0 }, () => moment);
  vi.advanceTimersByTime(10_999);
  progress.end();
  expect(written).toEqual(Array(2).fill("replaying: 50/200, 48 accepted\n"));
});

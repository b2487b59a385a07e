import type { Entry } from "@banyan/core";
import { describe, expect, test } from "vitest";
import type { Entering, KeptEvent } from "../witness.ts";
import type { Remains } from "./remains.ts";
import { judgeRetention } from "./retention.ts";
import { judgeSchedule } from "./schedule.ts";

const kept = (id: string, due: number, keptAt: number): KeptEvent =>
  ({ context: "one", due, entry: { id, type: "one.happened" }, keptAt, process: "process 1" }) as KeptEvent;
const entering = (id: string, lookedAt: number, wallMs: number): Entering => ({
  id,
  lookedAt,
  wallMs,
  process: "process 1",
});
const entry = (id: string, position: number, at = 0): Entry => ({ id, position, at, source: "one" }) as Entry;

/** Two were scheduled, were due one after the other, and entered together. */
const seen = {
  kept: [kept("a", 20, 1), kept("b", 10, 2)],
  entered: [entering("b", 3, 25), entering("a", 3, 25)],
  due: [kept("b", 10, 2)],
};
const remains = { logs: new Map([["one", [entry("b", 1), entry("a", 2)]]]), scheduled: [], trimmed: [] };

function found(changes: Partial<Remains>, otherwise: Partial<typeof seen> = {}): number {
  return judgeSchedule({ ...remains, ...changes } as unknown as Remains, { ...seen, ...otherwise }).length;
}

describe("a scheduled event", () => {
  test("enters once, in its turn", () => {
    expect(found({})).toBe(0);
  });

  test("is neither lost nor doubled", () => {
    const [b, a] = [entry("b", 1), entry("a", 2)];
    expect(found({ logs: new Map([["one", [b]]]) })).toBe(1);
    expect(found({ logs: new Map([["one", [b, a, entry("a", 3)]]]) })).toBe(1);
    expect(found({ scheduled: [kept("a", 20, 1)] })).toBe(1);
    expect(found({ logs: new Map([["one", [b]]]), scheduled: [kept("a", 20, 1)] })).toBe(0);
  });

  test("was kept by a commit", () => {
    expect(found({ scheduled: [kept("c", 20, 1)] })).toBe(1);
  });

  test("does not enter before the wall clock has said so", () => {
    expect(found({}, { entered: [entering("b", 3, 25), entering("a", 3, 19)] })).toBe(1);
  });

  test("is not late for ever: what was due when all had settled is in the log", () => {
    const b = kept("b", 10, 2);
    const late = { logs: new Map([["one", [entry("a", 2)]]]), scheduled: [b] };
    expect(found(late)).toBe(1);
    expect(found(late, { due: [] })).toBe(0);
  });

  test("enters before what is due later, where both were in the schedule when it was looked at", () => {
    const logs = new Map([["one", [entry("a", 1), entry("b", 2)]]]);
    expect(found({ logs })).toBe(1);
    expect(found({ logs }, { entered: [entering("b", 3, 25), entering("a", 2, 25)] })).toBe(0);
  });
});

test("retention takes out what is older than it was asked to take", () => {
  const trimmed = [entry("a", 1, 10), entry("b", 2, 20)];
  const judged = (olderThan: number): number =>
    judgeRetention({ trimmed } as unknown as Remains, { trimmedTo: new Map([["one", olderThan]]) }).length;
  expect(judged(21)).toBe(0);
  expect(judged(20)).toBe(1);
  expect(judged(10)).toBe(2);
});

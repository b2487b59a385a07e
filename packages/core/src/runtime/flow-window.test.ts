import { describe, expect, test } from "vitest";
import { FlowWindow } from "./flow-window.ts";
import { DEFAULT_LIMITS } from "./limits.ts";

const limits = { ...DEFAULT_LIMITS, inFlight: 64, inFlightFloor: 4, inFlightBytes: 100, attemptTargetMs: 1_000 };

interface Work {
  readonly ms?: number;
  readonly loopMs?: number;
  readonly start?: number;
}

/** Settles `count` entries, one after the other on the clock. */
function settle(window: FlowWindow, count: number, { ms = 10, loopMs = 0, start = 0 }: Work = {}): number {
  for (let i = 0; i < count; i++) window.attempted({ from: start + i * ms, to: start + (i + 1) * ms, loopMs });
  return start + count * ms;
}

describe("a window", () => {
  test("that is never too slow doubles up to its cap, and no further", () => {
    const window = new FlowWindow(limits);
    expect(window.size).toBe(16);
    settle(window, 16);
    expect(window.size).toBe(32);
    settle(window, 32);
    expect(window.size).toBe(64);
    settle(window, 1_000);
    expect(window.size).toBe(64);
  });

  test("that is too slow is halved down to its floor, and grows in steps afterwards", () => {
    const window = new FlowWindow(limits);
    const at = settle(window, 10, { ms: 1_001 });
    expect(window.size).toBe(4);
    settle(window, 4, { start: at });
    expect(window.size).toBe(8);
    settle(window, 8, { start: at + 100 });
    expect(window.size).toBe(12);
  });

  test("is halved by a busy event loop as well", () => {
    const window = new FlowWindow(limits);
    settle(window, 1, { loopMs: 51 });
    expect(window.size).toBe(8);
  });

  test("is halved once by all that was under way at that moment", () => {
    const window = new FlowWindow(limits);
    for (let i = 0; i < 16; i++) window.attempted({ from: i, to: 2_000 + i, loopMs: 0 });
    expect(window.size).toBe(8);
    window.attempted({ from: 2_000, to: 4_000, loopMs: 0 });
    expect(window.size).toBe(4);
  });

  test("holds at least one entry, whatever its limits are", () => {
    const window = new FlowWindow({ ...limits, inFlight: 1, inFlightFloor: 0 });
    settle(window, 5, { ms: 5_000 });
    expect(window.size).toBe(1);
    expect(window.room(0)).toEqual({ limit: 1, bytes: 100 });
  });

  test("has room for as many entries and as many bytes as are left of it, and none without either", () => {
    const window = new FlowWindow(limits);
    window.fetched(60);
    expect(window.room(6)).toEqual({ limit: 10, bytes: 40 });
    expect(window.room(16)).toBe(undefined);
    window.fetched(40);
    expect(window.room(7)).toBe(undefined);
    window.released(60);
    expect(window.room(6)).toEqual({ limit: 10, bytes: 60 });
  });
});

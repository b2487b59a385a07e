import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backoff, durationMs, waitMs } from "./retry.ts";

const NO_JITTER = 0;
const ALL_JITTER = 0xffff_ffff;

describe("backoff", () => {
  test("waits double from the base up to the cap", () => {
    const policy = backoff("1s", "10s", 8);
    const waits = [1, 2, 3, 4, 5, 6].map((attempt) => waitMs(policy, attempt, NO_JITTER));
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });

  test("jitter only extends a wait, by at most a quarter", () => {
    const policy = fc.record({ baseMs: fc.nat(10_000), capMs: fc.nat(600_000), tries: fc.constant(8) });
    fc.assert(
      fc.property(policy, fc.integer({ min: 1, max: 2_000 }), fc.nat(ALL_JITTER), (chosen, attempt, dice) => {
        const plain = waitMs(chosen, attempt, NO_JITTER);
        const wait = waitMs(chosen, attempt, dice);
        expect(wait).toBeGreaterThanOrEqual(plain);
        expect(wait).toBeLessThanOrEqual(Math.ceil(plain * 1.25));
        expect(plain).toBeLessThanOrEqual(chosen.capMs);
      }),
    );
  });

  test("the dice decide", () => {
    const policy = backoff("1s", "5m", 8);
    expect(waitMs(policy, 1, ALL_JITTER)).toBe(1_250);
    expect(waitMs(policy, 1, 0x8000_0000)).toBe(1_125);
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("%d tries are refused", (tries) => {
    expect(() => backoff("1s", "5m", tries)).toThrow(expect.objectContaining({ code: "config-invalid" }));
  });

  test("a cap below the base is refused", () => {
    expect(() => backoff("5m", "1s", 8)).toThrow(expect.objectContaining({ code: "config-invalid" }));
    expect(backoff("1s", "1s", 1)).toEqual({ baseMs: 1_000, capMs: 1_000, tries: 1 });
  });
});

describe("a duration", () => {
  test.each([
    ["250ms", 250],
    ["1s", 1_000],
    ["1.5s", 1_500],
    ["5m", 300_000],
    ["2h", 7_200_000],
    ["3d", 259_200_000],
    ["0s", 0],
  ])("%s", (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  test.each(["", "5", "s", "5 s", "-1s", "1.s", "1w", "5S", "1s2m", "1e3s", "Infinitys"])("%j is none", (text) => {
    expect(() => durationMs(text)).toThrow(
      expect.objectContaining({ code: "config-invalid", message: `"${text}" is not a duration.` }),
    );
  });
});

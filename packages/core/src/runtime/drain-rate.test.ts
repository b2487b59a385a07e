import { describe, expect, test } from "vitest";
import { DrainRate, Meter } from "./drain-rate.ts";

describe("a meter", () => {
  test("tells what came in a second, from the first second on", () => {
    const meter = new Meter(500);
    for (let ms = 500; ms < 10_500; ms += 10) meter.add(1, ms);
    expect(meter.perSecond(10_500)).toBeCloseTo(100, 5);
  });

  test("forgets what is more than a minute ago, also when nothing came for long", () => {
    const meter = new Meter(0);
    meter.add(6_000, 0);
    expect(meter.perSecond(59_999)).toBeCloseTo(100, 0);
    expect(meter.perSecond(60_000)).toBe(0);
    meter.add(590, 61_000);
    expect(meter.perSecond(61_000)).toBeCloseTo(10, 5);
    meter.add(10, 10_000_000);
    expect(meter.perSecond(10_001_000)).toBeCloseTo(10 / 60, 1);
  });

  test("asked from a moment on, it tells of that time only", () => {
    const meter = new Meter(0);
    meter.add(1_000, 5_000);
    meter.add(300, 31_000);
    expect(meter.perSecond(33_000, 30_000)).toBeCloseTo(100, 5);
  });

  test("a burst in its first moment is not taken for a rate", () => {
    const meter = new Meter(0);
    meter.add(50, 1);
    expect(meter.perSecond(1)).toBe(50);
  });
});

describe("the time to drain", () => {
  /** So many a second in and out, for so long. */
  function run(
    rates: { readonly in: number; readonly out: number },
    seconds: number,
  ): { drain: DrainRate; now: number } {
    const drain = new DrainRate(0);
    let now = 0;
    for (; now < seconds * 1_000; now += 100) {
      drain.arrived(rates.in / 10, now);
      for (let i = 0; i < rates.out / 10; i++) drain.settled(now);
    }
    return { drain, now };
  }

  test("is what waits, by how much faster it goes out than it comes in", () => {
    const { drain, now } = run({ in: 100, out: 300 }, 90);
    expect(drain.rate(now)).toMatchObject({ in: expect.closeTo(100, 0), out: expect.closeTo(300, 0) });
    const ms = drain.drainedInMs(10_000, now) ?? 0;
    expect(ms / 50_000).toBeCloseTo(1, 1);
  });

  test("is not known while what waits does not shrink, and nothing where nothing waits", () => {
    const { drain, now } = run({ in: 300, out: 300 }, 30);
    expect(drain.drainedInMs(10_000, now)).toBe(undefined);
    expect(drain.drainedInMs(0, now)).toBe(0);
  });

  test("is not told by how slowly it began", () => {
    const drain = new DrainRate(0);
    let now = 0;
    for (; now < 4_000; now += 2) drain.settled(now);
    for (; now < 10_300; now++) drain.settled(now);
    expect((drain.drainedInMs(30_000, now) ?? 0) / 30_000).toBeCloseTo(1, 1);
  });

  test("is right within a second of its clock, wherever in a second it is asked", () => {
    const drain = new DrainRate(0);
    const told: number[] = [];
    for (let now = 0; now < 9_000; now++) {
      drain.settled(now);
      if (now > 3_000 && now % 70 === 0) told.push(drain.drainedInMs(5_000, now) ?? 0);
    }
    expect(Math.min(...told) / 5_000).toBeCloseTo(1, 2);
    expect(Math.max(...told) / 5_000).toBeCloseTo(1, 2);
  });

  test("of a new backlog is neither that of the quiet time before it, nor held up by the burst that began it", () => {
    const drain = new DrainRate(0);
    drain.idle();
    drain.arrived(50_000, 50_000);
    let now = 50_000;
    const settleFor = (ms: number): void => {
      for (const end = now + ms; now < end; now++) drain.settled(now);
    };
    settleFor(2_000);
    expect(drain.drainedInMs(48_000, now)).toBe(undefined);
    settleFor(12_000);
    expect((drain.drainedInMs(36_000, now) ?? 0) / 36_000).toBeCloseTo(1, 1);
  });
});

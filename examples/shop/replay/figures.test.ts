import { expect, test } from "vitest";
import { median, percentilesOf } from "./figures.ts";
import { type ProcessSample, quartersOf, restartsSeen } from "./shop-process.ts";

test("percentiles are measured values by nearest rank", () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index);
  expect(percentilesOf(values)).toEqual({ p50: 100, p90: 180, p99: 198, max: 200 });
  expect(percentilesOf([7])).toEqual({ p50: 7, p90: 7, p99: 7, max: 7 });
  expect(percentilesOf([])).toBeUndefined();
  expect(median([3, 1, 2])).toBe(2);
});

const sample = (atMs: number, rssBytes: number, uptimeS: number): ProcessSample => {
  return { atMs, rssBytes, uptimeS, eventLoopDelayP99Ms: atMs / 10 };
};

test("quarters are quarters of the time; the last one keeps what comes after", () => {
  const samples = [0, 10, 20, 30, 40, 50, 60, 75, 120].map((atMs) => sample(atMs, atMs * 2, atMs));
  const quarters = quartersOf(samples, 0, 100);
  expect(quarters.map(({ samples: count }) => count)).toEqual([3, 2, 2, 2]);
  expect(quarters[0]).toMatchObject({ rssMedianBytes: 20, eventLoopDelayP99MsMedian: 1, eventLoopDelayP99MsMax: 2 });
  expect(quartersOf([], 0, 100)[3]).toMatchObject({ samples: 0, rssMedianBytes: undefined });
});

test("an uptime that goes back is a restart", () => {
  expect(restartsSeen([sample(0, 1, 5), sample(1, 1, 6), sample(2, 1, 0.5), sample(3, 1, 1.5)])).toBe(1);
});

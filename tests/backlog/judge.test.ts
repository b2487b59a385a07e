import { expect, test } from "vitest";
import type { Drained, Sample, Tenth } from "./drain.ts";
import { judge, judgeLive } from "./judge.ts";

const MIB = 1024 * 1024;
const ENTRIES = 1_000_000;
const MS = 100_000;

/** A million entries in a hundred seconds, as steady and as truly told as can be. */
function drained(change: Partial<Drained> = {}): Drained {
  const tenths = Array.from({ length: 10 }, (): Tenth => {
    return { perSecond: 10_000, cpuUs: 80, rssBytes: 200 * MIB, loopP99Ms: 5 };
  });
  const samples = Array.from({ length: 1_001 }, (_, i): Sample => {
    const [ms, left] = [i * 100, ENTRIES - i * 1_000];
    return { ms, left, behind: left, drainedInMs: MS - ms, cpuMs: ms * 0.8 };
  });
  return { entries: ENTRIES, ms: MS, parked: 0, tenths, samples, ...change };
}

/** The same with the tenths, or the samples, changed. */
function tenths(change: (tenth: Tenth, i: number) => Partial<Tenth>): Drained {
  const steady = drained();
  return { ...steady, tenths: steady.tenths.map((tenth, i) => ({ ...tenth, ...change(tenth, i) })) };
}

function samples(change: (sample: Sample, i: number) => Partial<Sample>): Drained {
  const true_ = drained();
  return { ...true_, samples: true_.samples.map((sample, i) => ({ ...sample, ...change(sample, i) })) };
}

const failed = (one: Drained): string[] =>
  judge(one)
    .points.filter(({ judged, verdict }) => judged && verdict === "FAIL")
    .map(({ point }) => point);

test("what is steady and truly told passes, everything by the clock included", () => {
  expect(judge(drained()).points.filter(({ verdict }) => verdict === "FAIL")).toEqual([]);
});

test.each<[string, Drained, string]>([
  ["one is out of order", drained({ parked: 1 }), "order and effects"],
  ["one never came", samples(({ left }) => ({ left: left + 1 })), "order and effects"],
  ["a tenth costs twice the work", tenths((_, i) => (i === 6 ? { cpuUs: 160 } : {})), "a steady rate, in work"],
  ["memory grows with what was read", tenths((_, i) => ({ rssBytes: (200 + 11 * i) * MIB })), "flat memory"],
  [
    "the lag is told 11 % off for a moment",
    samples(({ left }, i) => (i === 500 ? { behind: left * 1.11 } : {})),
    "lag",
  ],
  ["nothing was told", drained({ samples: [] }), "lag"],
  [
    "the time to drain is told 15 % short",
    samples((one) => ({ drainedInMs: (one.drainedInMs ?? 0) * 0.85 })),
    "time to drain, in work",
  ],
  ["no time to drain is told", samples(() => ({ drainedInMs: null })), "time to drain, in work"],
])("it falls short where %s", (_, one, point) => {
  expect(failed(one)).toContain(point);
});

test("a hot key falls short where entries are out of order, or others wait for it more and more", () => {
  const live = { entries: 1, ms: 1, parked: 0, hotP99Ms: [5, 900], othersP99Ms: [20, 30, 140] };
  expect(judgeLive(live)).toEqual([]);
  expect(judgeLive({ ...live, parked: 2 })).toHaveLength(1);
  expect(judgeLive({ ...live, othersP99Ms: [20, 30, 141] })).toHaveLength(1);
});

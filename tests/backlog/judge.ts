import type { Drained, Sample } from "./drain.ts";
import type { Live } from "./live.ts";

const MIB = 1024 * 1024;
/** What the slowest tenth must reach of the median one. */
const STEADY = 0.7;
const RSS_GROWTH_BYTES = 96 * MIB;
const TRUTH = 0.1;
/** A batch that is being committed is settled already, or not yet, whoever is asked: so many entries are no untruth. */
const SLACK = 500;
/** What a forecast is made of at most. */
const FORECAST_MS = 30_000;
const MARKS = [0.25, 0.5, 0.75];

const STEADILY = `the slowest tenth has ${percent(STEADY)} of the median`;

export interface Judged {
  readonly slowestOverMedian: number;
  readonly rssGrowthBytes: number;
  /** How far the number told was from what really waited, at worst. */
  readonly lagError: number;
  /** The same of the time to drain, where a quarter, a half and three quarters were done; null = none was told. */
  readonly drainErrors: readonly (number | null)[];
  /** The same against the processor time that the rest took: what others do to the machine meanwhile is not in it. */
  readonly drainErrorsInWork: readonly (number | null)[];
  readonly points: readonly Point[];
}

/** What is promised, and what was measured. */
export interface Point {
  readonly point: string;
  readonly promised: string;
  readonly measured: string;
  readonly verdict: "PASS" | "FAIL";
  /** Whether it decides on the whole. */
  readonly judged: boolean;
}

export function judge(drained: Drained): Judged {
  const rates = drained.tenths.map(({ perSecond }) => perSecond).toSorted((a, b) => a - b);
  const slowestOverMedian = (rates[0] ?? 0) / (rates[Math.floor(rates.length / 2)] ?? 1);
  const costs = drained.tenths.map(({ cpuUs }) => cpuUs).toSorted((a, b) => b - a);
  const slowestInWork = (costs[Math.floor(costs.length / 2)] ?? 0) / (costs[0] ?? 1);
  const rss = drained.tenths.map(({ rssBytes }) => rssBytes);
  const rssGrowthBytes = Math.max(...rss) - (rss[0] ?? 0);
  // nothing told is nothing true
  const lagError = drained.samples.length === 0 ? Infinity : Math.max(...drained.samples.map(lagErrorOf));
  const lost = (drained.samples.at(-1)?.left ?? drained.entries) - drained.parked;
  const drainErrors = MARKS.map((mark) => drainErrorAt(mark, drained));
  const drainErrorsInWork = MARKS.map((mark) => drainErrorInWorkAt(mark, drained));
  const points = [
    point("order and effects", "nothing parked, nothing lost", [
      `${drained.parked} parked, ${lost} lost`,
      drained.parked === 0 && lost === 0,
    ]),
    point("a steady rate, in work", STEADILY, [percent(slowestInWork), slowestInWork >= STEADY]),
    {
      ...point("a steady rate, by the clock", STEADILY, [percent(slowestOverMedian), slowestOverMedian >= STEADY]),
      judged: false,
    },
    point("flat memory", `at most ${RSS_GROWTH_BYTES / MIB} MiB more than after the first tenth`, [
      `${Math.round(rssGrowthBytes / MIB)} MiB`,
      rssGrowthBytes <= RSS_GROWTH_BYTES,
    ]),
    point("lag", `within ${percent(TRUTH)}`, [percent(lagError), lagError <= TRUTH]),
    point(
      "time to drain, in work",
      `within ${percent(TRUTH)} at ${MARKS.map(percent).join(", ")}`,
      truth(drainErrorsInWork),
    ),
    // a neighbour that comes or goes is nothing that can be told before
    { ...point("time to drain, by the clock", `within ${percent(TRUTH)} likewise`, truth(drainErrors)), judged: false },
  ];
  return { slowestOverMedian, rssGrowthBytes, lagError, drainErrors, drainErrorsInWork, points };
}

function point(name: string, promised: string, [measured, holds]: readonly [string, boolean]): Point {
  return { point: name, promised, measured, verdict: holds ? "PASS" : "FAIL", judged: true };
}

function truth(errors: readonly (number | null)[]): readonly [string, boolean] {
  const words = errors.map((error) => (error === null ? "none told" : percent(error)));
  return [words.join(", "), errors.every((error) => error !== null && Math.abs(error) <= TRUTH)];
}

export function judgeLive({ parked, othersP99Ms }: Live): readonly string[] {
  const [first = 0, ...later] = othersP99Ms;
  const last = later.at(-1) ?? 0;
  return [
    ...(parked > 0 ? [`${parked} entries were out of order`] : []),
    // twice what it was, and what a busy machine may do to one percent of the entries
    ...(last > first * 2 + 100 ? [`the other keys were ${last} ms late at the end, and ${first} ms at first`] : []),
  ];
}

function lagErrorOf({ left, behind }: Sample): number {
  const off = Math.max(0, Math.abs(behind - left) - SLACK);
  return off / Math.max(left, SLACK);
}

/** What was told when so much was done, against what it took from then on. */
function drainErrorAt(mark: number, { samples, entries, ms }: Drained): number | null {
  const sample = samples.find(({ left }) => left <= entries * (1 - mark));
  if (sample === undefined || sample.drainedInMs === null) return null;
  return sample.drainedInMs / (ms - sample.ms) - 1;
}

/** As above in processor time, of which it gets on as much as it got in the time the forecast is made of. */
function drainErrorInWorkAt(mark: number, { samples, entries }: Drained): number | null {
  const sample = samples.find(({ left }) => left <= entries * (1 - mark));
  const from = samples.find(({ ms }) => ms >= Math.max((sample?.ms ?? 0) / 2, (sample?.ms ?? 0) - FORECAST_MS));
  const last = samples.at(-1);
  if (sample === undefined || sample.drainedInMs === null || from === undefined || last === undefined) return null;
  const share = (sample.cpuMs - from.cpuMs) / (sample.ms - from.ms);
  return (sample.drainedInMs * share) / (last.cpuMs - sample.cpuMs) - 1;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

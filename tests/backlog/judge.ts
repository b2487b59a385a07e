import type { Drained, Sample } from "./drain.ts";
import type { Live } from "./live.ts";

const MIB = 1024 * 1024;
/** What the slowest tenth must reach of the median one. */
const STEADY = 0.7;
const RSS_GROWTH_BYTES = 96 * MIB;
const TRUTH = 0.1;
/** A batch that is being committed is settled already, or not yet, whoever is asked: so many entries are no untruth. */
const SLACK = 500;
const MARKS = [0.25, 0.5, 0.75];

export interface Judged {
  readonly slowestOverMedian: number;
  readonly rssGrowthBytes: number;
  /** How far the number told was from what really waited, at worst. */
  readonly lagError: number;
  /** The same of the time to drain, where a quarter, a half and three quarters were done; null = none was told. */
  readonly drainErrors: readonly (number | null)[];
  readonly missing: readonly string[];
}

export function judge(drained: Drained): Judged {
  const rates = drained.tenths.map(({ perSecond }) => perSecond).toSorted((a, b) => a - b);
  const slowestOverMedian = (rates[0] ?? 0) / (rates[Math.floor(rates.length / 2)] ?? 1);
  const rss = drained.tenths.map(({ rssBytes }) => rssBytes);
  const rssGrowthBytes = Math.max(...rss) - (rss[0] ?? 0);
  const lagError = Math.max(...drained.samples.map(lagErrorOf));
  const drainErrors = MARKS.map((mark) => drainErrorAt(mark, drained));
  const missing = [
    ...(drained.parked > 0 ? [`${drained.parked} entries were out of order or lost their effect`] : []),
    ...(slowestOverMedian < STEADY ? [`the slowest tenth has ${percent(slowestOverMedian)} of the median rate`] : []),
    ...(rssGrowthBytes > RSS_GROWTH_BYTES ? [`memory grew by ${Math.round(rssGrowthBytes / MIB)} MiB`] : []),
    ...(lagError > TRUTH ? [`the lag told was ${percent(lagError)} off`] : []),
    ...drainErrors.flatMap((error, i) =>
      error !== null && Math.abs(error) <= TRUTH
        ? []
        : [
            `the time to drain told at ${percent(MARKS[i] ?? 0)} was ${error === null ? "none" : `${percent(error)} off`}`,
          ],
    ),
  ];
  return { slowestOverMedian, rssGrowthBytes, lagError, drainErrors, missing };
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
  if (sample === undefined || sample.drainMs === null) return null;
  return sample.drainMs / (ms - sample.ms) - 1;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

import type { Reconciled } from "./outcomes.ts";
import { DEADLINE_MS, type Second } from "./seconds.ts";
import type { Sample } from "./watch.ts";

const MIB = 1024 * 1024;
/** Of the goodput at its peak, so much is left. */
const GOODPUT = 0.8;
const RSS_BYTES = 1_024 * MIB;
/** How much more memory the last third of the overload may take than the one before it: what grows with time is not bounded. */
const RSS_GROWTH = 1.15;
const NORMAL_WITHIN_S = 60;
/** Of what is called normal so much must have been seen. */
const NORMAL_FOR_S = 5;
const TIMES_SLOWER = 2;
const REFUSALS: ReadonlySet<string> = new Set(["429 rate-limited", "503 overloaded"]);

/** One run, by the second. */
export interface Evidence {
  /** The goodput of each interval at the peak. */
  readonly peaks: readonly number[];
  /** At a rate that is sustainable, before and after. */
  readonly before: readonly Second[];
  readonly overload: readonly Second[];
  readonly after: readonly Second[];
  /** Taken of the shop during the overload. */
  readonly samples: readonly Sample[];
  readonly orders: Reconciled;
  /** What the shop's tables and the provider's ledger hold against one another. */
  readonly faults: readonly string[];
}

/** What is promised, and what was measured. */
export interface Point {
  readonly point: string;
  readonly promised: string;
  readonly measured: string;
  readonly verdict: "PASS" | "FAIL";
}

export interface Judged {
  readonly peakPerSecond: number;
  readonly offeredPerSecond: number;
  readonly goodPerSecond: number;
  readonly goodputOfPeak: number;
  readonly beforeP95Ms: number;
  readonly acceptedP50Ms: number;
  readonly acceptedP95Ms: number;
  readonly afterP95Ms: number;
  readonly refusedP95Ms: number;
  readonly rssMaxBytes: number;
  readonly others: Readonly<Record<string, number>>;
  /** Seconds after the overload; null = not within what was watched. */
  readonly backToNormalS: number | null;
  readonly points: readonly Point[];
}

export function judge(evidence: Evidence): Judged {
  const { overload, samples, orders, faults } = evidence;
  const peakPerSecond = median(evidence.peaks);
  const goodPerSecond = mean(overload.map(({ good }) => good));
  const beforeP95Ms = percentile(evidence.before, "acceptedMs", 0.95);
  const others = summed(overload);
  const backToNormalS = normalSince(evidence.after, beforeP95Ms);
  const rss = samples.map(({ rssBytes }) => rssBytes);
  return {
    peakPerSecond,
    offeredPerSecond: mean(overload.map(({ offered }) => offered)),
    goodPerSecond,
    goodputOfPeak: goodPerSecond / peakPerSecond,
    beforeP95Ms,
    acceptedP50Ms: percentile(overload, "acceptedMs", 0.5),
    acceptedP95Ms: percentile(overload, "acceptedMs", 0.95),
    afterP95Ms: percentile(evidence.after.slice(backToNormalS ?? 0), "acceptedMs", 0.95),
    refusedP95Ms: percentile(overload, "refusedMs", 0.95),
    rssMaxBytes: Math.max(...rss),
    others,
    backToNormalS,
    points: [
      goodput(goodPerSecond, peakPerSecond),
      memory(rss),
      refusals(others, overload),
      orderly(orders, faults),
      normal(backToNormalS),
    ],
  };
}

function goodput(good: number, peak: number): Point {
  const promised = `answered within ${DEADLINE_MS} ms: at least ${percent(GOODPUT)} of the peak`;
  const measured = `${percent(good / peak)}: ${Math.round(good)} of ${Math.round(peak)} a second`;
  return point("goodput", promised, [measured, good >= GOODPUT * peak]);
}

function memory(rss: readonly number[]): Point {
  const third = Math.ceil(rss.length / 3);
  const [most, middle, last] = [
    Math.max(...rss),
    Math.max(...rss.slice(-2 * third, -third)),
    Math.max(...rss.slice(-third)),
  ];
  const growth = last / middle;
  const promised = `at most ${RSS_BYTES / MIB} MiB, and in the last third ${percent(RSS_GROWTH)} of the one before it`;
  const measured = `${Math.round(most / MIB)} MiB, ${percent(growth)}`;
  return point("memory", promised, [measured, most <= RSS_BYTES && growth <= RSS_GROWTH]);
}

function refusals(others: Readonly<Record<string, number>>, overload: readonly Second[]): Point {
  const strange = Object.keys(others).filter((name) => !REFUSALS.has(name));
  const bare = overload.reduce((sum, { withoutRetryAfter }) => sum + withoutRetryAfter, 0);
  const counts = Object.entries(others).map(([name, count]) => `${count} x ${name}`);
  const measured = `${counts.join(", ") || "none"}; ${bare} without Retry-After`;
  return point("refusals", "429 or 503, with a code and Retry-After", [measured, strange.length === 0 && bare === 0]);
}

function orderly({ acknowledged, lost, unasked, unknown }: Reconciled, faults: readonly string[]): Point {
  const found = [...faults, ...(unknown > 0 ? [`${unknown} without an answer`] : [])];
  const measured = `${acknowledged} acknowledged, ${lost} lost, ${unasked} placed though refused; ${found.join(", ") || "the books agree"}`;
  const promised = "none that was acknowledged is lost or done twice, none that was refused is placed";
  return point("orders", promised, [measured, acknowledged > 0 && lost + unasked + faults.length === 0]);
}

function normal(since: number | null): Point {
  const promised = `nothing refused, and p95 within ${TIMES_SLOWER} times what it was, ${NORMAL_WITHIN_S} s after at the latest`;
  const measured = since === null ? "not as long as it was watched" : `after ${since} s`;
  return point("back to normal", promised, [measured, since !== null && since <= NORMAL_WITHIN_S]);
}

/** The first second from which on everything is as it was before. */
function normalSince(after: readonly Second[], beforeP95Ms: number): number | null {
  for (let since = 0; since <= after.length - NORMAL_FOR_S; since++) {
    const rest = after.slice(since);
    const isQuiet = rest.every(({ offered, acceptedMs }) => acceptedMs.length === offered);
    if (isQuiet && percentile(rest, "acceptedMs", 0.95) <= TIMES_SLOWER * beforeP95Ms) return since;
  }
  return null;
}

export function percentile(seconds: readonly Second[], of: "acceptedMs" | "refusedMs", share: number): number {
  const sorted = seconds.flatMap((second) => second[of]).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * share)] ?? 0;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function summed(seconds: readonly Second[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { others } of seconds)
    for (const [name, count] of Object.entries(others)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

function point(name: string, promised: string, [measured, holds]: readonly [string, boolean]): Point {
  return { point: name, promised, measured, verdict: holds ? "PASS" : "FAIL" };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

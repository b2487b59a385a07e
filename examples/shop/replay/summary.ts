import { type Approve, type Audit, faultsOf } from "./audit.ts";
import type { ReplayFailure } from "./failure.ts";
import { percentilesOf, type Percentiles, rounded } from "./figures.ts";
import type { Plan } from "./plan.ts";
import { type ProcessQuarter, type ProcessSample, quartersOf, restartsSeen } from "./shop-process.ts";
import type { StockResult } from "./stock.ts";
import type { Tally } from "./tally.ts";
import type { Verification } from "./verify.ts";

/** What a replay knows when it ends, complete or not. */
export interface Outcome {
  readonly file: string;
  readonly approve: Approve;
  readonly plan: Plan;
  readonly tally: Tally;
  readonly repeats: ReadonlyMap<string, number>;
  readonly stock: StockResult | undefined;
  readonly samples: readonly ProcessSample[];
  readonly drained: { readonly audit: Audit; readonly drainMs: number } | undefined;
  readonly verification: Verification | undefined;
  /** What ended the replay before its end, if it was not asked to stop. */
  readonly cut: ReplayFailure | undefined;
  readonly endedAt: number;
}

export type Verdict = "fine" | "fell-short" | "stopped";
type Counts = Readonly<Record<string, number>>;

/** The document that `--json` prints. */
export interface Summary {
  readonly verdict: Verdict;
  /** Sentences; empty when the verdict is fine. */
  readonly faults: readonly string[];
  readonly file: string;
  readonly rows: number;
  readonly invoices: number;
  readonly malformedRows: Readonly<Record<string, { count: number; firstLine: number }>>;
  readonly stock: { readonly set: number; readonly existing: number; readonly refused: Counts };
  readonly orders: {
    readonly planned: number;
    readonly acknowledged: number;
    readonly unanswered: number;
    /** By code: what the shop refused, and invoices that were not sent. */
    readonly refused: Counts;
    readonly notSent: Counts;
    readonly byStatus: Counts;
    readonly byReason: Counts;
  };
  readonly cancellations: {
    readonly planned: number;
    readonly accepted: number;
    readonly unmatched: number;
    readonly refused: Counts;
  };
  readonly acceptedPerSecond: number;
  readonly latencyMs: Percentiles | null;
  readonly sendS: number;
  readonly drainS: number | null;
  /** Requests that were asked again, by what stood in their way. */
  readonly repeats: Counts;
  readonly shopProcess: {
    readonly restartsSeen: number;
    readonly rssFirstBytes: number | null;
    readonly rssLastBytes: number | null;
    readonly quarters: readonly ProcessQuarter[];
    readonly rssLastOverThird: number | null;
  } | null;
  readonly audit: Audit | null;
  readonly lost: readonly string[] | null;
  readonly unsettled: readonly string[] | null;
}

export function summarize(outcome: Outcome): Summary {
  const { plan, tally, drained, verification } = outcome;
  const faults = faultSentences(outcome);
  const sendMs = tally.lastAcknowledgedAt - tally.startedAt;
  return {
    verdict: verdictOf(outcome, faults),
    faults,
    file: outcome.file,
    rows: plan.rows,
    invoices: plan.invoices,
    malformedRows: Object.fromEntries(plan.malformed),
    stock: stockPart(outcome.stock),
    orders: ordersPart(outcome),
    cancellations: {
      planned: plan.steps.filter(({ kind }) => kind === "cancel").length,
      accepted: tally.cancelled,
      unmatched: tally.unmatched,
      refused: Object.fromEntries(tally.cancelRefused),
    },
    acceptedPerSecond: rounded(tally.acceptedPerSecond(), 1),
    latencyMs: latencyPart(tally.latenciesMs),
    sendS: rounded(sendMs / 1000, 2),
    drainS: drained ? rounded(drained.drainMs / 1000, 2) : null,
    repeats: Object.fromEntries(outcome.repeats),
    shopProcess: processPart(outcome),
    audit: drained?.audit ?? null,
    lost: verification?.lost ?? null,
    unsettled: verification?.unsettled ?? null,
  };
}

function verdictOf(outcome: Outcome, faults: readonly string[]): Verdict {
  if (!outcome.drained || !outcome.verification) return "stopped";
  return faults.length === 0 ? "fine" : "fell-short";
}

function faultSentences(outcome: Outcome): string[] {
  const { drained, verification, approve, cut } = outcome;
  const faults = drained ? faultsOf(drained.audit, approve) : [];
  if (cut) faults.push(`${cut.code}: ${cut.message} ${cut.remedy}`);
  if (!verification) faults.push("stopped before the end: the acknowledged orders were not checked");
  if (verification && verification.lost.length > 0)
    faults.push(`${verification.lost.length} acknowledged orders are lost`);
  if (verification && verification.unsettled.length > 0) {
    faults.push(`${verification.unsettled.length} acknowledged orders have not ended`);
  }
  const codeless = codesOf(outcome).filter((code) => code.endsWith("-without-code"));
  if (codeless.length > 0) faults.push(`refusals without a code: ${codeless.join(", ")}`);
  return faults;
}

function codesOf({ tally, stock }: Outcome): string[] {
  const counts = [tally.refused, tally.cancelRefused, stock?.refused ?? new Map<string, number>()];
  return counts.flatMap((refused) => [...refused.keys()]);
}

function stockPart(stock: StockResult | undefined): Summary["stock"] {
  return { set: stock?.set ?? 0, existing: stock?.existing ?? 0, refused: Object.fromEntries(stock?.refused ?? []) };
}

function ordersPart({ plan, tally, verification }: Outcome): Summary["orders"] {
  return {
    planned: plan.steps.filter(({ kind }) => kind === "order").length,
    acknowledged: tally.acknowledged.size,
    unanswered: tally.unanswered,
    refused: Object.fromEntries(tally.refused),
    notSent: Object.fromEntries(plan.refused),
    byStatus: Object.fromEntries(verification?.byStatus ?? []),
    byReason: Object.fromEntries(verification?.byReason ?? []),
  };
}

function latencyPart(latenciesMs: readonly number[]): Percentiles | null {
  const figures = percentilesOf(latenciesMs);
  if (!figures) return null;
  const { p50, p90, p99, max } = figures;
  return { p50: rounded(p50, 2), p90: rounded(p90, 2), p99: rounded(p99, 2), max: rounded(max, 2) };
}

function processPart({ samples, tally, endedAt }: Outcome): Summary["shopProcess"] {
  if (samples.length === 0) return null;
  const quarters = quartersOf(samples, tally.startedAt, endedAt);
  const third = quarters[2]?.rssMedianBytes;
  const last = quarters[3]?.rssMedianBytes;
  return {
    restartsSeen: restartsSeen(samples),
    rssFirstBytes: samples[0]?.rssBytes ?? null,
    rssLastBytes: samples.at(-1)?.rssBytes ?? null,
    quarters,
    rssLastOverThird: third !== undefined && last !== undefined ? rounded(last / third, 3) : null,
  };
}

import type { RuntimeStatus } from "@banyan/core";
import type { Delivery } from "../ops/delivery.ts";
import type { EventLoopDelay } from "./event-loop-delay.ts";

/** What `/_banyan/health/ready` answers: counts only; names and keys are for the operator. */
export interface Readiness {
  readonly status: "ready" | "not-ready";
  readonly reasons?: readonly string[];
  readonly parked: number;
  readonly dead: number;
  readonly held: number;
  readonly paused: number;
  readonly full: number;
  readonly fullOfBytes: number;
  /** Scheduled events that are due and cannot enter their log, and those of contexts that this code does not have. */
  readonly overdue: number;
  readonly scheduledHeld: number;
  readonly backlogFull: number;
  readonly diskLow: boolean;
  readonly lag: number;
  readonly process: {
    readonly pid: number;
    readonly uptimeS: number;
    readonly rssBytes: number;
    readonly eventLoopDelayP99Ms: number;
    readonly eventLoopDelayMaxMs: number;
    readonly eventLoopDelaySinceStart: { readonly p99Ms: number; readonly maxMs: number };
  };
}

/** Ready unless starting, draining or unable to commit. Parked and dead entries are counts of a ready process. */
export function readinessOf(status: RuntimeStatus, delay: EventLoopDelay, stopping: boolean): Readiness {
  const { parked, dead, held, paused, full, fullOfBytes, lag, backlogFull, diskLow, overdue, scheduledHeld } = status;
  const { p99Ms, maxMs } = delay.recent;
  const reasons = reasonsOf(status, stopping);
  return {
    ...(reasons.length === 0 ? { status: "ready" } : { status: "not-ready", reasons }),
    parked,
    dead,
    held,
    paused,
    full,
    fullOfBytes,
    overdue,
    scheduledHeld,
    backlogFull,
    diskLow,
    lag,
    process: {
      pid: process.pid,
      uptimeS: Math.round(process.uptime() * 10) / 10,
      rssBytes: process.memoryUsage.rss(),
      eventLoopDelayP99Ms: p99Ms,
      eventLoopDelayMaxMs: maxMs,
      eventLoopDelaySinceStart: delay.sinceStart,
    },
  };
}

/** In words of our own: the runtime's reason may come from an error, whose words are for the log. */
function reasonsOf({ state }: RuntimeStatus, stopping: boolean): readonly string[] {
  if (state === "failed") return ["failed: the store cannot commit; the log says why"];
  if (stopping || state === "draining" || state === "stopped") return ["draining: the process is stopping"];
  if (state === "starting") return ["starting: the store is being opened"];
  return [];
}

/** For the operator's eyes, beside the counts. */
export interface Trouble {
  readonly subscriptions?: readonly {
    readonly subscription: string;
    readonly held: boolean;
    readonly paused?: string | undefined;
    readonly fullOf?: "rows" | "bytes" | undefined;
    readonly parked: number;
    readonly dead: number;
    /** Of dead entries, the first of them. */
    readonly deadKeys: readonly string[];
  }[];
}

const MOST_KEYS = 20;

/** The subscriptions that the counts are of. */
export async function troubleOf(delivery: Delivery): Promise<Trouble> {
  const states = await delivery.subscriptions();
  const told = states.map(async ({ subscription, held, paused, fullOf, parked }) => {
    const { dead, retrying, waiting, unknown } = parked;
    const all = dead + retrying + waiting + unknown;
    if (!held && paused === undefined && fullOf === undefined && all === 0) return [];
    const rows = dead === 0 ? [] : await delivery.parked({ subscription, state: "dead", limit: MOST_KEYS });
    return [{ subscription, held, paused, fullOf, parked: all, dead, deadKeys: rows.map(({ key }) => key) }];
  });
  return { subscriptions: (await Promise.all(told)).flat() };
}

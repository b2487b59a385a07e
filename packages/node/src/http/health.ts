import type { RuntimeStatus } from "@banyan/core";
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
  const { parked, dead, held, paused, full, fullOfBytes, lag, backlogFull, diskLow } = status;
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

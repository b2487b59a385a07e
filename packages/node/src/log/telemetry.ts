import { ERROR_CODES, type ErrorCode, type Signal, type Telemetry } from "@banyan/core";
import { Flood } from "./flood.ts";
import type { Log } from "./log.ts";

export interface LogTelemetry extends Telemetry {
  /** Tells what was only counted so far. */
  flush(): void;
}

/** Refusals that say something about this process and not about the caller. */
const OWN_TROUBLE = new Set([
  "unit-stalled",
  "before-timeout",
  "read-timeout",
  "commit-failed",
  "disk-full",
  "call-failed",
  "fault-injected",
]);

const PAUSED =
  "Most of its entries fail for this reason. It tries one now and then and goes on by itself; `banyan events redrive` makes it go on now.";

/**
 * What the runtime says about itself, as log lines: states, warnings, parked entries, trouble, injected faults. Never payloads; the words
 * of an error are the application's and may name people, so they are told in development only.
 */
export function logTelemetry(log: Log, options: { readonly words: boolean; readonly flood?: Flood }): LogTelemetry {
  const flood = options.flood ?? new Flood();
  const told: { readonly [Name in Signal["name"]]?: (signal: Extract<Signal, { name: Name }>) => void } = {
    "process.state": ({ state, reason }) => {
      if (state === "failed") log.error("process failed", { reason });
      else log.info(`process ${state}`);
    },
    warning: ({ message }) => log.warn(message),
    "entry.parked": (signal) => tellParked(signal, log, { words: options.words, flood }),
    "key.released": ({ subscription, position }) => {
      const tell = (): void => log.info("parked entry done", { subscription, position });
      flood.say(`released ${subscription}`, tell, (count) =>
        log.info(`${count} more parked entries done`, { subscription }),
      );
    },
    "entry.skipped": ({ subscription, position }) =>
      log.warn("entry skipped by an operator", { subscription, position }),
    "subscription.paused": ({ subscription, reason }) =>
      log.warn("subscription paused", { subscription, reason, remedy: PAUSED }),
    "subscription.resumed": ({ subscription }) => log.info("subscription resumed", { subscription }),
    "subscription.rewound": ({ subscription }) =>
      log.warn("subscription replayed by an operator: it begins at the start of its log", { subscription }),
    "fault.injected": ({ fault, where }) => {
      const tell = (): void => log.info("fault injected", { fault, where });
      flood.say(`fault ${fault}`, tell, (count) => log.info(`${count} more faults injected`, { fault }));
    },
    "command.done": (signal) => tellTrouble(signal, log, flood),
    "query.done": (signal) => tellTrouble(signal, log, flood),
  };
  return {
    signal: (signal) => told[signal.name]?.(signal as never),
    flush: () => flood.flush(),
  };
}

type Parked = Extract<Signal, { name: "entry.parked" }>;

function tellParked(signal: Parked, log: Log, by: { readonly words: boolean; readonly flood: Flood }): void {
  const { subscription, position, state, attempts, code, message } = signal;
  // the others of its key wait behind it: the head says why
  if (state === "waiting") return;
  const tell = (): void =>
    log.warn(`entry parked as ${state}`, {
      subscription,
      position,
      attempts,
      code,
      ...(by.words && message !== "" ? { message } : {}),
      remedy: remedyOf(code),
    });
  by.flood.say(`parked ${subscription} ${state} ${code}`, tell, (count) =>
    log.warn(`${count} more entries parked as ${state}`, { subscription, code }),
  );
}

type Done = Extract<Signal, { name: "command.done" | "query.done" }>;

function tellTrouble({ operation, code, ms }: Done, log: Log, flood: Flood): void {
  if (code === undefined || !OWN_TROUBLE.has(code)) return;
  const tell = (): void =>
    log.warn("operation refused", { operation, code, ms: Math.round(ms), remedy: remedyOf(code) });
  flood.say(`trouble ${operation} ${code}`, tell, (count) => log.warn(`${count} more refused`, { operation, code }));
}

function remedyOf(code: string): string | undefined {
  return Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as ErrorCode].remedy : undefined;
}

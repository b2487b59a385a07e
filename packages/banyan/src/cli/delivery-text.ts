import {
  sizeText,
  type AuditRecord,
  type LogState,
  type OnceState,
  type ParkedEntry,
  type ScheduleState,
  type SubscriptionState,
} from "@banyan/core";
import { columns } from "./columns.ts";
import { printable } from "./printable.ts";

const TITLES = [
  "subscription",
  "source",
  "behind",
  "in flight",
  "parked",
  "dead",
  "parked size",
  "oldest",
  "in/s",
  "out/s",
  "drained in",
  "state",
];
const LOG_TITLES = ["log", "entries", "size", "first", "last", "kept for", "held by", "waits", "budget"];
const SCHEDULE_TITLES = ["scheduled by", "events", "overdue", "first due", "state"];
const ONCE_TITLES = ["once by", "source", "records", "size"];

export interface Stand {
  readonly running: boolean;
  readonly subscriptions: readonly SubscriptionState[];
  readonly logs: readonly LogState[];
  readonly scheduled: readonly ScheduleState[];
  readonly once: readonly OnceState[];
}

/** Where delivery stands. How long logs are kept only the application knows, which is not there where no process runs. */
export function standText(found: Stand, now: number): string {
  const { running, subscriptions, logs, scheduled, once } = found;
  const head = running ? "" : "no process runs on this data; where it stood:\n\n";
  const tables = [
    lagText(subscriptions, now),
    logsText(logs, running),
    scheduleText(scheduled, running),
    onceText(once),
  ];
  return `${head}${tables.join("\n")}`;
}

/** Where every subscription stands, for people; `now` in wall-clock milliseconds. */
export function lagText(states: readonly SubscriptionState[], now: number): string {
  if (states.length === 0) return "no subscriptions\n";
  return columns([TITLES, ...states.map((state) => lagRow(state, now))]);
}

function lagRow(state: SubscriptionState, now: number): readonly string[] {
  const { retrying, waiting, unknown, dead } = state.parked;
  const counts = [state.behind, state.inFlight, retrying + waiting + unknown, dead].map(String);
  const size = state.parkedBytes === 0 ? "" : sizeText(state.parkedBytes);
  const oldest = state.oldestAt === undefined ? "" : duration(now - state.oldestAt);
  const rates = [state.rate.in, state.rate.out].map(perSecond);
  return [state.subscription, state.source, ...counts, size, oldest, ...rates, drain(state), stillness(state)];
}

function perSecond(rate: number): string {
  return rate < 10 ? String(Math.round(rate * 10) / 10) : String(Math.round(rate));
}

function drain({ behind, drainedInMs }: SubscriptionState): string {
  if (behind === 0) return "";
  return drainedInMs === undefined ? "not shrinking" : duration(drainedInMs);
}

/** Why nothing new is fetched, where that is so. */
function stillness({ held, paused, fullOf }: SubscriptionState): string {
  if (held) return "held";
  if (paused !== undefined) return printable(`paused: ${paused}`);
  if (fullOf === undefined) return "";
  return fullOf === "rows" ? "full: too many entries are parked" : "full: too many bytes are parked";
}

/** How much every log has, for people. */
export function logsText(logs: readonly LogState[], running = true): string {
  if (logs.length === 0) return "no logs\n";
  return columns([LOG_TITLES, ...logs.map((log) => logRow(log, running))]);
}

function logRow(log: LogState, running: boolean): readonly string[] {
  const { source, entries, bytes, first, last, keepMs, heldBy, waitingBytes, budgetBytes } = log;
  const kept = keepMs === undefined ? (running ? "ever" : "") : duration(keepMs);
  const sizes = [sizeText(waitingBytes), budgetBytes === undefined ? "" : sizeText(budgetBytes)];
  return [source, String(entries), sizeText(bytes), String(first), String(last), kept, heldBy ?? "", ...sizes];
}

/** What is to enter logs later, for people. What is held waits for code that has the context: which that is nobody knows where no process runs. */
export function scheduleText(scheduled: readonly ScheduleState[], running = true): string {
  if (scheduled.length === 0) return "nothing is scheduled\n";
  const rows = scheduled.map(({ context, entries, overdue, first, held }) => {
    return [context, String(entries), String(overdue), instant(first), held && running ? "held" : ""];
  });
  return columns([SCHEDULE_TITLES, ...rows]);
}

/** What is kept of acts outside, for people. */
export function onceText(states: readonly OnceState[]): string {
  if (states.length === 0) return "nothing was done once\n";
  const rows = states.map(({ subscription, source, records, bytes }) => {
    return [subscription, source, String(records), sizeText(bytes)];
  });
  return columns([ONCE_TITLES, ...rows]);
}

/** Parked entries with every attempt, for people; at `limit` there may be more. */
export function parkedText(entries: readonly ParkedEntry[], now: number, limit: number): string {
  if (entries.length === 0) return "nothing is parked\n";
  const blocks = entries.map((entry) => parkedBlock(entry, now));
  const end = `no more than ${limit} are shown: see --limit, --subscription, --key and --state\n`;
  return [...blocks, ...(entries.length < limit ? [] : [end])].join("\n");
}

function parkedBlock(entry: ParkedEntry, now: number): string {
  const { subscription, position, key, type, version, at } = entry;
  const head = `${subscription}  position ${position}  key ${JSON.stringify(key)}  ${stateText(entry, now)}`;
  const event =
    type === "" ? "  what is stored of it cannot be read" : `  ${type} v${version}, ${duration(now - at)} old`;
  const attempts = entry.errors.map((error) => `  ${instant(error.at)}  ${error.code}: ${error.message}`);
  return [head, event, ...attempts].map((line) => `${printable(line)}\n`).join("");
}

function stateText({ state, attempts, due }: ParkedEntry, now: number): string {
  if (state === "waiting") return "waiting for its predecessor";
  const tries = `${attempts} ${attempts === 1 ? "attempt" : "attempts"}`;
  if (state !== "retrying") return `${state} after ${tries}`;
  return `retrying after ${tries}, ${due > now ? `again in ${duration(due - now)}` : "again now"}`;
}

/** What operators did, for people. */
export function auditText(records: readonly AuditRecord[]): string {
  return records.length === 0 ? "no operator has changed anything\n" : records.map(auditBlock).join("\n");
}

function auditBlock({ at, operator, action, subject, why }: AuditRecord): string {
  const what = Object.entries(subject).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  const lines = [`${instant(at)}  ${action} by ${operator}: ${why}`, `  ${what.join(", ")}`];
  return lines.map((line) => `${printable(line)}\n`).join("");
}

/** The two largest units; what a clock that jumped makes negative is nothing. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const [d, h, m, s] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  if (d > 0) return `${d}d ${h}h`;
  if (h > 0) return `${h}h ${m}m`;
  return m > 0 ? `${m}m ${s}s` : `${s}s`;
}

export function instant(ms: number): string {
  return new Date(ms).toISOString();
}

import { DEFAULT_ODDS, type FaultOdds } from "./fault-odds.ts";

type Fault = keyof FaultOdds;

/** What must have happened in a hundred runs of any application, by the names of the counters, with the kind of fault it comes of: a fault that never strikes proves nothing. */
const MUST_HAPPEN: Readonly<Record<string, Fault>> = {
  "clock drift": "clockDrift",
  "clock jump": "clockJump",
  "command duplicated": "duplicate",
  "command repeated": "repeat",
  "commit unknown, kept": "commitUnknown",
  "commit unknown, lost": "commitUnknown",
  "commit-failed": "commitFails",
  "crash after commit": "crash",
  "crash before commit": "crash",
  delay: "delay",
  "disk full": "diskFull",
  pause: "pause",
  "read failed": "readFails",
  "statement failed": "statementFails",
  restart: "restart",
  takeover: "takeover",
};

/** What comes of faults where anybody subscribes: of any of these kinds. */
const COMES_OF: Readonly<Record<string, readonly Fault[]>> = {
  "delivered again": ["crash", "commitFails", "takeover"],
  fenced: ["takeover"],
  reordered: ["reorder"],
};

/** What must have happened where anybody subscribes. */
export const DELIVERED: readonly string[] = ["entry settled", ...Object.keys(COMES_OF)];

/**
 * What did not happen once, in the sum of the counters of many runs: faults, and what else must have happened.
 * A kind of fault that was left out on purpose, by odds of 0, is not asked for, nor what comes of it.
 */
export function neverHappened(
  counters: Readonly<Record<string, number>>,
  mustHappen: readonly string[] = DELIVERED,
  faults: Partial<FaultOdds> = {},
): readonly string[] {
  const odds = { ...DEFAULT_ODDS, ...faults };
  const struck = Object.entries(MUST_HAPPEN).flatMap(([name, fault]) => (odds[fault] > 0 ? [name] : []));
  const happened = mustHappen.filter((name) => COMES_OF[name]?.some((fault) => odds[fault] > 0) ?? true);
  return [...struck, ...happened].filter((name) => counters[name] === undefined);
}

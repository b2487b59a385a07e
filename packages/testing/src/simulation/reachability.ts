/** What must have happened in a hundred runs of any application, by the names of the counters: a fault that never strikes proves nothing. */
const MUST_HAPPEN: readonly string[] = [
  "clock jump",
  "commit unknown, kept",
  "commit unknown, lost",
  "commit-failed",
  "crash after commit",
  "crash before commit",
  "entry settled",
  "fenced",
  "pause",
  "read failed",
  "restart",
  "takeover",
];

/** The faults that did not strike once, and what else must have happened and has not, in the sum of the counters of many runs. */
export function neverHappened(
  counters: Readonly<Record<string, number>>,
  mustHappen: readonly string[] = [],
): readonly string[] {
  return [...MUST_HAPPEN, ...mustHappen].filter((name) => counters[name] === undefined);
}

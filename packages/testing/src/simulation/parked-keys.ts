import type { ParkedRow } from "@banyan/core";

/** What is parked of one key in one subscription. */
export interface ParkedKey {
  /** Holds the others up. */
  readonly head: ParkedRow;
  readonly behind: number;
}

export function parkedKeys(rows: readonly ParkedRow[]): readonly ParkedKey[] {
  const keys = Map.groupBy(rows, (row) => JSON.stringify([row.subscription, row.source, row.key]));
  return [...keys.values()].map((ofKey) => ({
    head: ofKey.reduce((first, row) => (row.position < first.position ? row : first)),
    behind: ofKey.length - 1,
  }));
}

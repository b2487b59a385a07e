import type { ParkRow } from "@banyan/core";

/** What of a parked row says whose turn it is. */
export type KeyRow = Pick<ParkRow, "subscription" | "source" | "position" | "key" | "state">;

/** What is parked of one key in one subscription. */
export interface ParkedKey<Row extends KeyRow> {
  /** Holds the others up. */
  readonly head: Row;
  readonly behind: number;
}

export function parkedKeys<Row extends KeyRow>(rows: readonly Row[]): readonly ParkedKey<Row>[] {
  const keys = Map.groupBy(rows, (row) => JSON.stringify([row.subscription, row.source, row.key]));
  return [...keys.values()].map((ofKey) => ({
    head: ofKey.reduce((first, row) => (row.position < first.position ? row : first)),
    behind: ofKey.length - 1,
  }));
}

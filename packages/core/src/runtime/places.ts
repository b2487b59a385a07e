import type { Cursor } from "../ports/index.ts";

/** Up to here the reader has settled everything. What is parked is settled: it has a copy. */
export function settledThrough({ pos, open }: Pick<Cursor, "pos" | "open">): number {
  return Math.min(pos, (open[0] ?? Infinity) - 1);
}

/** The reader of this log that has settled the least. */
export function slowestOf(source: string, places: readonly Cursor[]): Cursor | undefined {
  const readers = places.filter((place) => place.source === source);
  return readers.toSorted((left, right) => settledThrough(left) - settledThrough(right))[0];
}

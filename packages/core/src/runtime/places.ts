import type { Cursor } from "../ports/index.ts";

/** Who reads a log, and up to where it has settled all that it reads, whether that is stored yet or not. */
export interface Reader {
  readonly subscription: string;
  readonly source: string;
  readonly through: number;
  /** Undefined where the code does not say what it reads. */
  readonly types: readonly string[] | undefined;
}

/** Up to here the reader has settled everything. What is parked is settled: it has a copy. */
export function settledThrough({ pos, open }: Pick<Cursor, "pos" | "open">): number {
  return Math.min(pos, (open[0] ?? Infinity) - 1);
}

/** Of the readers of one log the one that has settled the least. */
export function slowestOf(readers: readonly Reader[]): Reader | undefined {
  return readers.toSorted((a, b) => a.through - b.through)[0];
}

/** Of this log, up to where everybody has stored that it is settled; Infinity where nobody reads it. */
export function storedThrough(source: string, places: readonly Cursor[]): number {
  return Math.min(Infinity, ...places.filter((place) => place.source === source).map(settledThrough));
}

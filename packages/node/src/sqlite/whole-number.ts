import { BanyanError, isInstant, LAST_INSTANT } from "@banyan/core";

/**
 * A stored integer as it was written, or the nearest that is a time. `node:sqlite` throws for what a number cannot hold exactly, and then nobody could read
 * the rows beside it either, so it is read as a bigint.
 */
export function wholeNumber(stored: unknown): number {
  const read = Number(stored);
  return Number.isNaN(read) ? 0 : Math.min(LAST_INSTANT, Math.max(0, Math.trunc(read)));
}

/** A time that is about to be stored. */
export function instant(due: number): number {
  if (isInstant(due)) return due;
  throw new BanyanError("internal", `${String(due)} is no time that a row can hold.`);
}

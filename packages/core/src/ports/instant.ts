/** The last moment a date can name, in wall-clock milliseconds. */
export const LAST_INSTANT = 8_640_000_000_000_000;

/** Whether a store can keep it as a time: a whole number of milliseconds from the epoch to the last date. */
export function isInstant(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= LAST_INSTANT;
}

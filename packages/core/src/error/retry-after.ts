/** The longest an error may ask to be left alone: what waits for it is a row whose time every store can hold. */
export const LONGEST_RETRY_MS: number = 30 * 86_400_000;

/** A wait as the runtime keeps it: whole milliseconds from 0 to thirty days; undefined where it is no number. */
export function retryAfterOf(wanted: unknown): number | undefined {
  if (typeof wanted !== "number" || Number.isNaN(wanted)) return undefined;
  return Math.min(LONGEST_RETRY_MS, Math.max(0, Math.ceil(wanted)));
}

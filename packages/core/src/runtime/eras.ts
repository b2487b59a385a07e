import type { Era } from "../ports/index.ts";

/**
 * The incarnation an entry was appended under. Stable keys are made of it: entries from before a backup keep the keys they had (they may
 * have acted outside after it was taken), and positions that are given out a second time after a restore get others.
 */
export function incarnationAt(eras: readonly Era[], position: number): string {
  return eras.findLast(({ after }) => after < position)?.incarnation ?? "";
}

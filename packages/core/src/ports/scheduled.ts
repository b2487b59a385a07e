import type { NewEntry } from "./entry.ts";

/** An event that is to enter the log of its owner later. */
export interface Scheduled {
  readonly context: string;
  /** Wall-clock milliseconds. */
  readonly due: number;
  readonly entry: NewEntry;
}

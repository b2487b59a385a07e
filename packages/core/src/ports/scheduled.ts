import type { NewEntry } from "./entry.ts";

/** An event that is to enter the log of its owner later. */
export interface Scheduled {
  readonly context: string;
  /** Wall-clock milliseconds: a whole number from 0 to the last date. */
  readonly due: number;
  readonly entry: NewEntry;
}

/** How much is scheduled of one context. */
export interface ScheduleExtent {
  readonly context: string;
  readonly entries: number;
  /** Of these, those that are due. */
  readonly overdue: number;
  /** When the first is due, in wall-clock milliseconds. */
  readonly first: number;
}

import type { Entry } from "./entry.ts";

export interface ParkRef {
  readonly subscription: string;
  readonly source: string;
  readonly position: number;
}

/** `retrying` and `unknown` stand at the head of their key; `waiting` behind it; `dead` holds its key until an operator decides. */
export type ParkState = "retrying" | "waiting" | "dead" | "unknown";

/** The form of a parked entry of which a store cannot read what it has: its body is the text that is there. */
export const TORN = "torn";

export interface ParkRow extends ParkRef {
  readonly incarnation: string;
  readonly slot: number;
  readonly key: string;
  readonly state: ParkState;
  readonly attempts: number;
  /** Wall-clock milliseconds of the next attempt, a whole number up to the last date; 0 when none is planned. */
  readonly due: number;
  readonly errors: readonly ParkError[];
  /** A copy, so that parked entries do not hold the log. */
  readonly entry: Entry;
}

/** A parked entry without the entry and its errors, since there may be many: with the bytes of its body in UTF-8, and when it failed last (0 = never). */
export interface ParkedRow extends Omit<ParkRow, "entry" | "errors"> {
  readonly bytes: number;
  readonly failedAt: number;
}

export interface ParkError {
  readonly at: number;
  readonly code: string;
  readonly message: string;
}

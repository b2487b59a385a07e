import type { NewEntry, StoreTransaction } from "../ports/index.ts";
import type { LaneCursor } from "./cursor.ts";
import type { StallWatch } from "./stall-watch.ts";

/** One body to be run as (part of) a transaction. It may be run more than once; only the last run's effects are kept. */
export interface Unit<Value> {
  /** `orders.place-order`, `payments.charge`: for errors and signals. */
  readonly name: string;
  readonly context: string;
  /** Size of its input, for the batch limit. */
  readonly bytes: number;
  run(transaction: StoreTransaction, watch: StallWatch): Promise<UnitEffects<Value>>;
}

/** An entry for the log: now, or when it is due (wall-clock milliseconds). */
export interface Emitted extends NewEntry {
  readonly due?: number;
}

/** What a run of a unit wants kept, besides what it wrote itself. */
export interface UnitEffects<Value> {
  readonly value: Value;
  readonly emitted: readonly Emitted[];
  /** The entry this unit settles, or several; without any it commits only while its lane is still ours. */
  readonly settles?: {
    readonly cursor: LaneCursor;
    readonly position?: number;
    readonly positions?: readonly number[];
  };
}

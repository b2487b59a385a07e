import type { Cursor } from "./cursor.ts";
import type { RawHandle } from "./handle.ts";
import type { ParkedRow } from "./park.ts";

export interface StoreFeatures {
  readonly name: string;
  readonly handle: RawHandle["kind"];
  readonly writers: number;
  /** Whether an acknowledged commit survives the loss of power. */
  readonly durable: boolean;
  /** Whether it keeps the rows of tenants apart. Applications with `tenantTables` do not start on one that does not. */
  readonly tenants: boolean;
}

/** What the contexts need of a store, given at `open`. */
export interface StorePlan {
  readonly contexts: readonly {
    readonly name: string;
    readonly prefix: string;
    readonly migrations: readonly Migration[];
    /** Tables that hold rows of tenants. What a unit or session of a tenant asks of them reaches that tenant's rows and no others. */
    readonly tenantTables?: readonly string[];
  }[];
  /** Opens the contexts that are stored as they are, for an operator: no migration is looked at, and what is to be said once is kept for the next start. */
  readonly stored?: true;
  /** Wall-clock milliseconds, for rows that say when. */
  readonly now: () => number;
  /** A new UUIDv7, for incarnations. */
  readonly newId: () => string;
}

/** One step of a context's schema, applied once, in order of name (`001-orders.sql`); its text may not change afterwards. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** Where the text is, for messages. */
  readonly file?: string;
}

/** The entries behind position `after`, up to the next era's, were appended under this incarnation. */
export interface Era {
  readonly incarnation: string;
  readonly after: number;
}

export interface StoreState {
  /** The identity of each context's log for its lifetime; new after a restore. */
  readonly incarnations: ReadonlyMap<string, string>;
  /** Which incarnation the entries of each context's log were appended under: the oldest first, the last one is the log's own. */
  readonly eras: ReadonlyMap<string, readonly Era[]>;
  readonly cursors: readonly Cursor[];
  /** Without their entries and errors, by subscription, source and position. */
  readonly parked: readonly ParkedRow[];
  /** What an operator should know: a migration the code does not have, … */
  readonly warnings: readonly string[];
}

import type { AuditRecord } from "./audit.ts";
import type { CommandRecord, CommandScope } from "./command-record.ts";
import type { Cursor, CursorMove, CursorName, FetchQuery, Fetched, LogExtent } from "./cursor.ts";
import type { EffectRecord } from "./effect.ts";
import type { Entry, NewEntry } from "./entry.ts";
import type { ReadSession, UnitHandle } from "./handle.ts";
import type { ParkRef, ParkRow } from "./park.ts";
import type { StoreFeatures, StorePlan, StoreState } from "./store-plan.ts";

/** Durable truth: the logs, cursors, parked entries, command records and tables of the contexts of one process. */
export interface Store {
  readonly features: StoreFeatures;
  /** Takes ownership (or names the owner), refuses unsafe settings, applies migrations, returns what survived. Once, before all else. */
  open(plan: StorePlan): Promise<StoreState>;
  /** A transaction. At most `features.writers` are open at a time; the caller keeps to it. The reads below may wait for it to end, so nothing inside it asks for them. */
  begin(): Promise<StoreTransaction>;
  /** Committed entries after a position, in order of position; sees every commit that was acknowledged. */
  fetch(query: FetchQuery): Promise<Fetched>;
  /** The committed entries at exactly these positions, in order. */
  entriesAt(source: string, positions: readonly number[]): Promise<readonly Entry[]>;
  parkedEntry(ref: ParkRef): Promise<ParkRow | undefined>;
  /** The first and the last committed position of a log; 0 and 0 while it is empty, `first` = `last` + 1 where retention has taken all. */
  extent(source: string): Promise<LogExtent>;
  effectOf(key: string): Promise<EffectRecord | undefined>;
  /** What operators did, newest first. */
  audits(limit: number): Promise<readonly AuditRecord[]>;
  recall(scope: CommandScope): Promise<CommandRecord | undefined>;
  /** One consistent, read-only view of committed data. Every session is ended by its caller. A nested one never waits for others to end: whoever asks may hold one. */
  session(context: string, nested?: boolean): Promise<ReadSession>;
  /** Safe to call twice. What was acknowledged is on disk before and after. */
  close(): Promise<void>;
}

/** All of it commits or none of it. Positions rise in the order of `append` within one context. */
export interface StoreTransaction {
  /** The tables of a context for one unit, `name` in errors. Units of one transaction follow each other. */
  unit(context: string, name: string): UnitHandle;
  append(context: string, entries: readonly NewEntry[]): Promise<void>;
  /** The cursor of this name, created at the start or the end of the log if absent, under a new fence: older fences are dead. */
  claim(name: CursorName, from: "start" | "now"): Promise<Cursor>;
  /** Moves a cursor where its fence is still `move.fence`; false = it is not, and the caller rolls back. */
  settle(move: CursorMove): Promise<boolean>;
  /** Moves the cursors and parked entries of a subscription to another name; place, fence and first name stay. Nothing where there are none; throws where the other name has a cursor. */
  rename(subscription: string, to: string): Promise<void>;
  /** Deletes the cursors and parked entries of a subscription and says how many entries were parked. */
  forget(subscription: string): Promise<number>;
  park(row: ParkRow): Promise<void>;
  unpark(ref: ParkRef): Promise<void>;
  /** False when a record of this scope exists already: the caller rolls back. Expired records do not count. */
  remember(record: CommandRecord): Promise<boolean>;
  /** Keeps what is known of an act outside, in place of what was known under its key. */
  effect(record: EffectRecord): Promise<void>;
  /** Keeps who did what and why, for good. */
  audit(record: AuditRecord): Promise<void>;
  /** Returns only once the disk has it. A throw means it did not commit, unless its code is `store-failed` or `database-corrupt`: then nobody knows before the next `open`. */
  commit(): Promise<void>;
  /** Safe after a failed statement or commit. */
  rollback(): Promise<void>;
}

import type { AuditRecord } from "./audit.ts";
import type { CommandRecord, CommandScope } from "./command-record.ts";
import type { Cursor, CursorMove, CursorName, OwnCursor } from "./cursor.ts";
import type { ActRecord, ActsBelow } from "./act.ts";
import type { NewEntry } from "./entry.ts";
import type { UnitHandle } from "./handle.ts";
import type { Cut } from "./log.ts";
import type { ParkRef, ParkRow } from "./park.ts";
import type { Scheduled } from "./scheduled.ts";

/** All of it commits or none of it. Positions rise in the order of `append` within one context. */
export interface StoreTransaction {
  /** The tables of a context for one unit, `name` in errors. Of tenant tables it has the rows of `tenant`, with `"*"` all rows; without one it may not touch them. Units of one transaction follow each other. */
  unit(context: string, name: string, tenant?: string): UnitHandle;
  append(context: string, entries: readonly NewEntry[]): Promise<void>;
  /** Keeps an entry that is to be appended later. Throws, and keeps nothing, where `due` is no time a row can hold. */
  schedule(one: Scheduled): Promise<void>;
  /** Takes it out again; false = it is not there any more. */
  unschedule(one: Scheduled): Promise<boolean>;
  /** The cursor of this name, created at the start or the end of the log if absent, under a new fence: older fences are dead. */
  claim(name: CursorName, from: "start" | "now"): Promise<Cursor>;
  /** Moves a cursor where its fence is still `move.fence`; false = it is not, and the caller rolls back. */
  settle(move: CursorMove): Promise<boolean>;
  /**
   * Puts a cursor whose fence is still `of.fence` back to the start of the log, under the next fence, and deletes what is parked for its subscription and source.
   * Undefined = its fence is another, and the caller rolls back. Throws `log-trimmed` where the log does not begin with its first entry any more.
   */
  rewind(of: OwnCursor): Promise<Cursor | undefined>;
  /** Moves the cursors and parked entries of a subscription to another name; place, fence and first name stay. Nothing where there are none; throws where the other name has a cursor. */
  rename(subscription: string, to: string): Promise<void>;
  /** Deletes the cursors and parked entries of a subscription, with what is known of acts outside under its first name, and says how many entries were parked. */
  forget(subscription: string): Promise<number>;
  /** Throws, and keeps nothing, where `due` is no time a row can hold. */
  park(row: ParkRow): Promise<void>;
  unpark(ref: ParkRef): Promise<void>;
  /** False when a record of this scope exists already: the caller rolls back. Expired records do not count. */
  remember(record: CommandRecord): Promise<boolean>;
  /** Deletes the record of this scope where its outcome is an error: a result stays. Nothing where there is none. */
  forgetRefusal(scope: CommandScope): Promise<void>;
  /** Keeps what is known of an act outside, in place of what was known under its key. */
  recordAct(record: ActRecord): Promise<void>;
  /** Deletes what is known of acts outside for entries below a position, where it is older than `olderThan` and the entry is not parked; at most `limit`, the lowest first. Answers how many. */
  forgetActs(of: ActsBelow, cut: Cut): Promise<number>;
  /**
   * Deletes entries up to the position `through` that are older than `olderThan`; at most `limit`, the lowest first, and none behind the first that is too young.
   * Answers how many. Their positions are never given to others.
   */
  trim(source: string, through: number, cut: Cut): Promise<number>;
  /** Keeps who did what and why, for good. */
  audit(record: AuditRecord): Promise<void>;
  /** Returns only once the disk has it. A throw means it did not commit, unless its code is `store-failed` or `database-corrupt`: then nobody knows before the next `open`. */
  commit(): Promise<void>;
  /** Safe after a failed statement or commit. */
  rollback(): Promise<void>;
}

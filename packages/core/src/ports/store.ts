import type { AuditRecord } from "./audit.ts";
import type { CommandRecord, CommandScope } from "./command-record.ts";
import type { ActExtent, ActRecord } from "./act.ts";
import type { Entry } from "./entry.ts";
import type { ReadSession } from "./handle.ts";
import type { FetchQuery, Fetched, LogExtent, LogVolume, VolumeQuery } from "./log.ts";
import type { ParkedRow, ParkRef, ParkRow } from "./park.ts";
import type { Scheduled, ScheduleExtent } from "./scheduled.ts";
import type { StoreFeatures, StorePlan, StoreState } from "./store-plan.ts";
import type { StoreSpace } from "./store-space.ts";
import type { StoreTransaction } from "./store-transaction.ts";

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
  /** Everything that is parked, as `open` tells it: by subscription, source and position, without the entries and errors. */
  parkedRows(): Promise<readonly ParkedRow[]>;
  /** With an entry of the form `TORN` where what is stored of it cannot be read: it is in the way of nothing else, and may be parked again. */
  parkedEntry(ref: ParkRef): Promise<ParkRow | undefined>;
  /** The first and the last committed position of a log; 0 and 0 while it is empty, `first` = `last` + 1 where retention has taken all. */
  extent(source: string): Promise<LogExtent>;
  /** How much is committed of a log behind a position: exact, and without reading a long log. */
  volume(query: VolumeQuery): Promise<LogVolume>;
  /**
   * The contexts whose logs others (hosts, in transactions of their own) have appended to since this was asked. Absent where nobody else can.
   * What they append has its place among all other entries, is whole or not there, and is seen by `fetch` from then on.
   */
  readonly appendedElsewhere?: (() => Promise<readonly string[]>) | undefined;
  actOf(key: string): Promise<ActRecord | undefined>;
  /** How much is known of acts outside, by subscription and source, where there is any. It may read all of it: not for what happens often. */
  acts(): Promise<readonly ActExtent[]>;
  /** What is scheduled of a context, in the order of `due`, then of id. A row that cannot be read is left out, and in nobody's way. */
  scheduled(context: string, limit: number): Promise<readonly Scheduled[]>;
  /** How much is scheduled of each context that has anything, by name, also of contexts that were not opened. */
  schedules(now: number): Promise<readonly ScheduleExtent[]>;
  /** What operators did, newest first. */
  audits(limit: number): Promise<readonly AuditRecord[]>;
  recall(scope: CommandScope): Promise<CommandRecord | undefined>;
  /** One consistent, read-only view of committed data, of tenant tables as a unit of `tenant` has. Every session is ended by its caller. A nested one never waits for others to end: whoever asks may hold one. */
  session(context: string, tenant?: string, nested?: boolean): Promise<ReadSession>;
  /** How much room there is where the data lies; undefined where that is not a disk. */
  space(): Promise<StoreSpace | undefined>;
  /** Safe to call twice. What was acknowledged is on disk before and after. */
  close(): Promise<void>;
}

export type { Abort } from "./abort.ts";
export type { Authenticator, Credentials, Door } from "./authenticator.ts";
export type { AuditRecord } from "./audit.ts";
export type { CallRequest, Calls } from "./calls.ts";
export type { Clock } from "./clock.ts";
export type { Codec } from "./codec.ts";
export type { CommandRecord, CommandScope } from "./command-record.ts";
export type { Cursor, CursorMove, CursorName, CursorPlace, OwnCursor } from "./cursor.ts";
export type { ActExtent, ActRecord, ActsBelow } from "./act.ts";
export type { Entry, NewEntry, Origin, Principal } from "./entry.ts";
export type {
  RawHandle,
  ReadSession,
  SqlHandle,
  SqlResult,
  SqlShape,
  SqlValue,
  Table,
  TablesHandle,
  UnitHandle,
} from "./handle.ts";
export type { Cut, FetchQuery, Fetched, LogExtent, LogVolume, VolumeQuery } from "./log.ts";
export { TORN } from "./park.ts";
export type { ParkError, ParkedRow, ParkRef, ParkRow, ParkState } from "./park.ts";
export type { Platform } from "./platform.ts";
export type { Random } from "./random.ts";
export type { Store } from "./store.ts";
export type { StoreTransaction } from "./store-transaction.ts";
export type { Era, Migration, StoreFeatures, StorePlan, StoreState } from "./store-plan.ts";
export type { StoreSpace } from "./store-space.ts";
export type { Scheduled, ScheduleExtent } from "./scheduled.ts";
export { isInstant, LAST_INSTANT } from "./instant.ts";
export { DEFAULT_TENANT, EVERY_TENANT } from "./tenant.ts";
export type { Signal, Telemetry } from "./telemetry.ts";
export type { Turn } from "./turn.ts";

import {
  type AuditRecord,
  BanyanError,
  type CommandRecord,
  type CommandScope,
  type ActExtent,
  type ActRecord,
  type Entry,
  type FetchQuery,
  type Fetched,
  isBanyanError,
  type LogExtent,
  type LogVolume,
  type ParkedRow,
  type ParkRef,
  type ParkRow,
  type ReadSession,
  type Scheduled,
  type ScheduleExtent,
  type Store,
  type StoreFeatures,
  type StorePlan,
  type StoreSpace,
  type StoreState,
  type StoreTransaction,
  type VolumeQuery,
} from "@banyan/core";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Policy } from "./authorizer.ts";
import type { Backup, Backups } from "./backup.ts";
import { actExtents, RUNTIME } from "./act-extents.ts";
import { readEras } from "./eras.ts";
import type { Home } from "./home.ts";
import { inspect, type Inspected, type StoreFacts } from "./inspect.ts";
import { migrate } from "./migrations.ts";
import { tellRestore } from "./restored.ts";
import { assertOneSqlite, noteOwner } from "./one-sqlite.ts";
import { prepareTables, storedContexts } from "./runtime-tables.ts";
import { commitError, endsStore, SQLITE, sqliteCode, startError, statementError } from "./sqlite-error.ts";
import { dropTenantGuard } from "./tenant-guard.ts";
import { guardTenants, slowTenantTables } from "./tenant-tables.ts";
import { SqliteTransaction } from "./transaction.ts";
import { unknownContext, Writer } from "./writer.ts";

const LOCKED = "The database is locked: something else has been writing to it for half a second.";
/** How long a transaction waits for that of another connection: half a second in all. */
const BUSY_PAUSES_MS = [1, 2, 4, 8, 15, 20, ...Array<number>(18).fill(25)];

/**
 * The Store port on SQLite.
 *
 * I1. One connection, of this thread, writes; every statement on it runs to its end where it is asked for.
 * I2. What is asked of the store outside a transaction sees committed data only, also while a transaction is open on the same connection.
 * I3. Nothing is acknowledged before COMMIT has returned, at synchronous = FULL in a folder.
 */
export class SqliteStore implements Store, Backups, Inspected {
  readonly features: StoreFeatures;
  readonly #openHome: () => Home;
  #home: Home | undefined;
  #writer: Writer | undefined;
  #policies: ReadonlyMap<string, Policy> = new Map();
  #state: "new" | "open" | "closed" = "new";
  #transaction: SqliteTransaction | undefined;
  #trusted = true;
  readonly #news = new Set<string>();
  /** On a file, where others may write, too. */
  readonly appendedElsewhere: Store["appendedElsewhere"];

  constructor(durable: boolean, openHome: () => Home) {
    this.features = { name: "sqlite", handle: "sql", writers: 1, durable, tenants: true };
    this.#openHome = openHome;
    if (durable) this.appendedElsewhere = async () => this.#read((writer) => this.#takeNews(writer));
  }

  async open(plan: StorePlan): Promise<StoreState> {
    if (this.#state !== "new") throw new BanyanError("internal", "A store is opened once.");
    this.#state = "open";
    if (this.features.durable) await assertOneSqlite();
    try {
      const state = this.#open(plan);
      if (this.features.durable) await assertOneSqlite();
      return state;
    } catch (error) {
      const failure = isBanyanError(error) ? error : startError(error, this.#home?.db.location() ?? "");
      this.#trusted = !endsStore(failure);
      await this.close();
      throw failure;
    }
  }

  #open(plan: StorePlan): StoreState {
    const home = (this.#home = this.#openHome());
    dropTenantGuard(home.db);
    const contexts = plan.stored === true ? storedContexts(home.db) : plan.contexts;
    const logs = prepareTables(home.db, { ...plan, contexts });
    if (this.features.durable) noteOwner(home.db);
    const warnings = plan.stored === true ? [] : [...migrate(home.db, home.guard, plan), ...tellRestore(home.db)];
    const guarded = guardTenants(home.db, plan);
    const writer = (this.#writer = new Writer(home.db, home.guard, { logs, now: plan.now, guarded }));
    const policyOf = (name: string, prefix: string): Policy => ({
      context: name,
      prefix,
      may: "read",
      guarded: guarded.get(name),
    });
    this.#policies = new Map(contexts.map(({ name, prefix }) => [name, policyOf(name, prefix)]));
    const readers = new Map([...this.#policies, [RUNTIME.context, RUNTIME]]);
    if (plan.stored !== true) writer.cursors.assertNoneLost();
    // a page that only a read has found damaged may be needed by the next write
    home.start(readers, (damage) => writer.fail(damage));
    return {
      incarnations: new Map(logs.map(({ name, incarnation }) => [name, incarnation])),
      eras: readEras(home.db),
      cursors: writer.cursors.all(),
      parked: writer.parking.all(),
      warnings: [...warnings, ...slowTenantTables(home.db, plan)],
    };
  }

  async begin(): Promise<StoreTransaction> {
    this.#assertOneWriter();
    this.#use();
    await this.#home?.turn();
    let writer = this.#begun();
    // a host's own transaction is over within milliseconds; it is waited for, and the event loop is not
    for (const ms of BUSY_PAUSES_MS) {
      if (writer !== undefined) break;
      await pause(ms);
      writer = this.#begun();
    }
    if (writer === undefined) throw this.#notBegun(new BanyanError("commit-failed", LOCKED));
    this.#transaction = new SqliteTransaction(writer, {
      check: () => void this.#use(),
      owns: () => this.#state === "open" && this.#home?.owns() === true,
      ended: (outcome) => this.#ended(outcome),
    });
    return this.#transaction;
  }

  /** The writer with a transaction that has begun; undefined while another connection has one. */
  #begun(): Writer | undefined {
    this.#assertOneWriter();
    const writer = this.#use();
    try {
      this.#home?.between();
      writer.begin.run();
      if (this.features.durable) this.#look(writer);
      return writer;
    } catch (error) {
      if (writer.db.isTransaction) writer.rollback.run();
      if (sqliteCode(error) === SQLITE.busy) return undefined;
      throw this.#notBegun(commitError(error));
    }
  }

  #notBegun(error: BanyanError): BanyanError {
    this.#home?.ended("rolled back");
    return this.#failed(error);
  }

  #look(writer: Writer): void {
    for (const context of writer.appendedElsewhere()) this.#news.add(context);
  }

  /** In an open transaction nothing is new: nobody else can commit, and what had been there was found when it began. */
  #takeNews(writer: Writer): readonly string[] {
    if (this.#transaction === undefined) this.#look(writer);
    const news = [...this.#news];
    this.#news.clear();
    return news;
  }

  async fetch(query: FetchQuery): Promise<Fetched> {
    return this.#read((writer) => writer.log(query.source).fetch(query));
  }

  async entriesAt(source: string, positions: readonly number[]): Promise<readonly Entry[]> {
    return this.#read((writer) => writer.log(source).entriesAt(positions));
  }

  async parkedRows(): Promise<readonly ParkedRow[]> {
    return this.#read((writer) => writer.parking.allCommitted());
  }

  async parkedEntry(ref: ParkRef): Promise<ParkRow | undefined> {
    return this.#read((writer) => writer.parking.committed(ref));
  }

  async extent(source: string): Promise<LogExtent> {
    return this.#read((writer) => writer.log(source).extent());
  }

  async volume(query: VolumeQuery): Promise<LogVolume> {
    return this.#read((writer) => writer.log(query.source).volume(query));
  }

  async actOf(key: string): Promise<ActRecord | undefined> {
    return this.#read((writer) => writer.acts.committed(key));
  }

  async acts(): Promise<readonly ActExtent[]> {
    this.#use();
    const home = this.#home as Home;
    return actExtents(home.session({ policy: RUNTIME, tenant: undefined, nested: false }));
  }

  async scheduled(context: string, limit: number): Promise<readonly Scheduled[]> {
    return this.#read((writer) => writer.schedules.committed(context, limit));
  }

  async schedules(now: number): Promise<readonly ScheduleExtent[]> {
    return this.#read((writer) => writer.schedules.extents(now));
  }

  async audits(limit: number): Promise<readonly AuditRecord[]> {
    return this.#read((writer) => writer.audits.committed(limit));
  }

  async recall(scope: CommandScope): Promise<CommandRecord | undefined> {
    return this.#read((writer) => writer.commands.committed(scope));
  }

  async session(context: string, tenant?: string, nested = false): Promise<ReadSession> {
    this.#use();
    const policy = this.#policies.get(context) ?? unknownContext(context);
    return this.#home?.session({ policy, tenant, nested }) ?? unknownContext(context);
  }

  async space(): Promise<StoreSpace | undefined> {
    this.#use();
    return this.#home?.space();
  }

  async backup(file: string): Promise<Backup> {
    this.#use();
    if (this.#home === undefined) throw new BanyanError("internal", "The store is not open.");
    try {
      return await this.#home.backup(resolve(file));
    } catch (error) {
      // it has read everything; what it cannot write elsewhere is no trouble of the store
      throw isBanyanError(error) && error.code === "database-corrupt" ? this.#failed(error) : error;
    }
  }

  async inspect(): Promise<StoreFacts> {
    return this.#read((writer) => inspect(writer.db));
  }

  async close(): Promise<void> {
    if (this.#state === "open") await this.#transaction?.rollback();
    this.#state = "closed";
    await this.#home?.close(this.#trusted && this.#writer?.failed !== true);
  }

  #assertOneWriter(): void {
    if (this.#transaction === undefined) return;
    throw new BanyanError("internal", "A transaction is open; this store has one writer.");
  }

  #read<T>(work: (writer: Writer) => T): T {
    const writer = this.#use();
    try {
      return work(writer);
    } catch (error) {
      throw this.#failed(statementError(error, "the runtime"));
    }
  }

  #ended(outcome: "committed" | "rolled back"): void {
    this.#transaction = undefined;
    this.#home?.ended(outcome);
  }

  #failed(error: BanyanError): BanyanError {
    if (endsStore(error)) this.#writer?.fail(error);
    return error;
  }

  #use(): Writer {
    if (this.#state === "closed") throw new BanyanError("draining", "The store is closed.");
    const writer = this.#writer;
    if (writer === undefined) throw new BanyanError("internal", "The store is not open.");
    if (this.#home?.owns() !== true)
      throw new BanyanError("fenced", "Another store was opened on this database; this one counts as crashed.");
    writer.check();
    return writer;
  }
}

import {
  type AuditRecord,
  BanyanError,
  type CommandRecord,
  type CommandScope,
  type Cursor,
  type CursorMove,
  type CursorName,
  type Cut,
  type ActExtent,
  type ActRecord,
  type ActsBelow,
  type Entry,
  type Fetched,
  type FetchQuery,
  type LogExtent,
  type LogVolume,
  type NewEntry,
  type OwnCursor,
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
  type UnitHandle,
  type VolumeQuery,
} from "@banyan/core";
import type { BacklogWitness } from "./backlog-witness.ts";
import type { PortCalls } from "./port-calls.ts";
import { simulatedSession, SimulatedUnit } from "./simulated-handle.ts";
import type { Testimony } from "./testimony.ts";
import type { Hold, Volume } from "./volume.ts";
import type { Look } from "./witness.ts";

/** The store as one life of a process sees it: every call is a point of the scheduler, and faults strike there. */
export class SimulatedStore implements Store {
  readonly features: StoreFeatures;
  readonly #volume: Volume;
  readonly #calls: PortCalls;
  readonly #backlog: BacklogWitness;
  /** How it last looked at the schedule of each context. */
  readonly #looks = new Map<string, Look>();

  constructor(volume: Volume, calls: PortCalls, backlog: BacklogWitness) {
    this.features = volume.features;
    this.#volume = volume;
    this.#calls = calls;
    this.#backlog = backlog;
  }

  async open(plan: StorePlan): Promise<StoreState> {
    const state = await this.#calls.run("open", () => this.#volume.open(plan, this.#calls.life));
    for (const cursor of state.cursors) this.#backlog.placed(cursor);
    return state;
  }

  async begin(): Promise<StoreTransaction> {
    const hold = await this.#calls.run("begin", () => this.#volume.begin(this.#calls.life));
    const testimony = this.#volume.testimony(this.#calls.life, new Map(this.#looks));
    const [volume, calls, backlog] = [this.#volume, this.#calls, this.#backlog];
    return new SimulatedTransaction(hold, { volume, calls, backlog, testimony });
  }

  fetch(query: FetchQuery): Promise<Fetched> {
    return this.#read("fetch", (store) => store.fetch(query));
  }

  entriesAt(source: string, positions: readonly number[]): Promise<readonly Entry[]> {
    if (positions.length > 0) this.#calls.nemesis.note("open refetched");
    return this.#read("entriesAt", (store) => store.entriesAt(source, positions));
  }

  parkedRows(): Promise<readonly ParkedRow[]> {
    return this.#read("parkedRows", (store) => store.parkedRows());
  }

  parkedEntry(ref: ParkRef): Promise<ParkRow | undefined> {
    return this.#read("parkedEntry", (store) => store.parkedEntry(ref));
  }

  extent(source: string): Promise<LogExtent> {
    return this.#read("extent", (store) => store.extent(source));
  }

  async volume(query: VolumeQuery): Promise<LogVolume> {
    const look = this.#backlog.looks(query.source);
    const told = await this.#read("volume", async (store) => {
      await this.#backlog.sees(look, store);
      return store.volume(query);
    });
    this.#backlog.answered(look);
    return told;
  }

  actOf(key: string): Promise<ActRecord | undefined> {
    return this.#read("actOf", (store) => store.actOf(key));
  }

  acts(): Promise<readonly ActExtent[]> {
    return this.#read("acts", (store) => store.acts());
  }

  scheduled(context: string, limit: number): Promise<readonly Scheduled[]> {
    return this.#read("scheduled", (store) => {
      this.#looks.set(context, this.#volume.look());
      return store.scheduled(context, limit);
    });
  }

  schedules(now: number): Promise<readonly ScheduleExtent[]> {
    return this.#read("schedules", (store) => store.schedules(now));
  }

  audits(limit: number): Promise<readonly AuditRecord[]> {
    return this.#read("audits", (store) => store.audits(limit));
  }

  recall(scope: CommandScope): Promise<CommandRecord | undefined> {
    return this.#read("recall", (store) => store.recall(scope));
  }

  async session(...asked: Parameters<Store["session"]>): Promise<ReadSession> {
    return simulatedSession(await this.#read("session", (store) => store.session(...asked)), this.#calls);
  }

  space(): Promise<StoreSpace | undefined> {
    return this.#read("space", (store) => store.space());
  }

  close(): Promise<void> {
    return this.#calls.run("close", () => this.#volume.close(this.#calls.life));
  }

  #read<T>(label: string, from: (store: Store) => Promise<T>): Promise<T> {
    return this.#calls.run(label, () => {
      if (!this.#calls.nemesis.strikes("readFails")) return from(this.#volume.store);
      this.#calls.nemesis.note("read failed");
      throw new BanyanError("read-timeout", `The simulation let "${label}" fail.`);
    });
  }
}

const LONGEST_FULL_MS = 10_000;

class SimulatedTransaction implements StoreTransaction {
  readonly #hold: Hold;
  readonly #volume: Volume;
  readonly #calls: PortCalls;
  readonly #backlog: BacklogWitness;
  readonly #testimony: Testimony;
  /** What the process knows once it is told that this is committed. */
  readonly #known: (() => void)[] = [];
  readonly #entered: (readonly [context: string, entries: readonly NewEntry[]])[] = [];

  constructor(
    hold: Hold,
    around: {
      readonly volume: Volume;
      readonly calls: PortCalls;
      readonly backlog: BacklogWitness;
      readonly testimony: Testimony;
    },
  ) {
    this.#hold = hold;
    this.#volume = around.volume;
    this.#calls = around.calls;
    this.#backlog = around.backlog;
    this.#testimony = around.testimony;
  }

  unit(...asked: Parameters<StoreTransaction["unit"]>): UnitHandle {
    return new SimulatedUnit(this.#open().unit(...asked), this.#calls, () => void this.#open());
  }

  append(context: string, entries: readonly NewEntry[]): Promise<void> {
    this.#testimony.append(context, entries);
    this.#entered.push([context, entries]);
    return this.#calls.run("append", async () => this.#open().append(context, entries));
  }

  async claim(name: CursorName, from: "start" | "now"): Promise<Cursor> {
    const cursor = await this.#calls.run("claim", async () => this.#open().claim(name, from));
    this.#known.push(() => this.#backlog.placed(cursor));
    return cursor;
  }

  async settle(move: CursorMove): Promise<boolean> {
    const settled = await this.#calls.run("settle", async () => this.#open().settle(move));
    if (settled) this.#known.push(() => this.#backlog.placed(move));
    else this.#calls.nemesis.note("fenced");
    return settled;
  }

  async rewind(of: OwnCursor): Promise<Cursor | undefined> {
    const rewound = await this.#calls.run("rewind", async () => this.#open().rewind(of));
    if (rewound === undefined) this.#calls.nemesis.note("fenced");
    else this.#known.push(() => this.#backlog.placed(rewound));
    return rewound;
  }

  rename(subscription: string, to: string): Promise<void> {
    this.#testimony.happens(`renamed to ${to}`);
    this.#known.push(() => this.#backlog.renamed(subscription, to));
    return this.#calls.run("rename", async () => this.#open().rename(subscription, to));
  }

  forget(subscription: string): Promise<number> {
    this.#testimony.happens(`forgot ${subscription}`);
    this.#known.push(() => this.#backlog.forgotten(subscription));
    return this.#calls.run("forget", async () => this.#open().forget(subscription));
  }

  park(row: ParkRow): Promise<void> {
    return this.#calls.run("park", async () => this.#open().park(row));
  }

  unpark(ref: ParkRef): Promise<void> {
    return this.#calls.run("unpark", async () => this.#open().unpark(ref));
  }

  remember(record: CommandRecord): Promise<boolean> {
    return this.#calls.run("remember", async () => this.#open().remember(record));
  }

  forgetRefusal(scope: CommandScope): Promise<void> {
    return this.#calls.run("forgetRefusal", async () => this.#open().forgetRefusal(scope));
  }

  schedule(one: Scheduled): Promise<void> {
    this.#testimony.schedule(one);
    return this.#calls.run("schedule", async () => this.#open().schedule(one));
  }

  unschedule(one: Scheduled): Promise<boolean> {
    return this.#calls.run("unschedule", async () => this.#open().unschedule(one));
  }

  recordAct(record: ActRecord): Promise<void> {
    return this.#calls.run("recordAct", async () => this.#open().recordAct(record));
  }

  forgetActs(of: ActsBelow, cut: Cut): Promise<number> {
    return this.#calls.run("forgetActs", async () => this.#open().forgetActs(of, cut));
  }

  trim(source: string, through: number, cut: Cut): Promise<number> {
    this.#testimony.trim(source, cut);
    return this.#calls.run("trim", async () => this.#open().trim(source, through, cut));
  }

  audit(record: AuditRecord): Promise<void> {
    return this.#calls.run("audit", async () => this.#open().audit(record));
  }

  async commit(): Promise<void> {
    await this.#calls.run("commit", async () => {
      const transaction = this.#open();
      this.#needRoom();
      if (this.#calls.nemesis.strikes("commitUnknown")) await this.#commitUnknown(transaction);
      await transaction.commit();
      this.#testimony.committed();
      this.#volume.end(this.#hold);
    });
    this.#backlog.told(this.#known);
    for (const [context, entries] of this.#entered) this.#backlog.appended(context, entries);
  }

  rollback(): Promise<void> {
    return this.#calls.run("rollback", async () => {
      if (!this.#volume.holds(this.#hold)) return;
      await this.#hold.transaction.rollback();
      this.#volume.end(this.#hold);
    });
  }

  #needRoom(): void {
    const { nemesis } = this.#calls;
    if (nemesis.strikes("diskFull")) {
      nemesis.note("disk filled");
      this.#volume.fill(nemesis.duration(LONGEST_FULL_MS));
    }
    if (!nemesis.active || !this.#volume.full) return;
    nemesis.note("disk full");
    throw new BanyanError("disk-full", "The simulation leaves no room on the disk.", { retryAfterMs: 1_000 });
  }

  async #commitUnknown(transaction: StoreTransaction): Promise<never> {
    const kept = this.#calls.nemesis.coin();
    this.#calls.nemesis.note(kept ? "commit unknown, kept" : "commit unknown, lost");
    await (kept ? transaction.commit() : transaction.rollback());
    if (kept) this.#testimony.committed();
    this.#volume.end(this.#hold);
    throw new BanyanError("store-failed", "The simulation let a commit end without an answer.");
  }

  #open(): StoreTransaction {
    if (this.#volume.holds(this.#hold)) return this.#hold.transaction;
    throw new BanyanError("commit-failed", "The connection was lost, and with it the transaction.");
  }
}

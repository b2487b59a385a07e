import { BanyanError, didYouMean, isBanyanError } from "../error/index.ts";
import type {
  AuditRecord,
  Cursor,
  Entry,
  ParkedRow,
  ParkError,
  ParkRow,
  ParkState,
  ScheduleExtent,
  StoreTransaction,
  VolumeQuery,
} from "../ports/index.ts";
import { waitingFor, weightOf } from "./backlog.ts";
import type { Rate } from "./drain-rate.ts";
import type { Surroundings } from "./host.ts";
import type { Lane } from "./lane.ts";
import type { Parked } from "./parked-keys.ts";
import type { DryReplay, DryReplayQuery, DryReplays } from "./dry-replay.ts";
import type { Replayed, Replays } from "./replay.ts";
import type { Tail, TailPage, TailQuery } from "./tail.ts";
import { slowestOf } from "./places.ts";
import { Readers } from "./readers.ts";
import type { KeptLog } from "./retention.ts";

/** Who changes something by hand, and why: kept in the commit of the change. */
export interface Operator {
  readonly name: string;
  readonly why: string;
}

/** Where a subscription stands. */
export interface SubscriptionState {
  readonly subscription: string;
  readonly source: string;
  readonly incarnation: string;
  /** It stands still by `--hold`. */
  readonly held: boolean;
  /** Why it is paused: most of its entries fail for this reason. */
  readonly paused: string | undefined;
  /** Of what its parked entries have reached their cap; it fetches nothing new until there is room. */
  readonly fullOf: "rows" | "bytes" | undefined;
  readonly pos: number;
  /** The last position of the source's log. */
  readonly last: number;
  /** Entries it will be given and has not settled, those in flight included and parked ones not. While it is held by a code that does not have it: of all types. */
  readonly behind: number;
  readonly inFlight: number;
  readonly parked: Readonly<Record<ParkState, number>>;
  /** Of the bodies of what is parked. */
  readonly parkedBytes: number;
  /** Entries a second over the last minute: of its types that entered the log, and that it has settled. */
  readonly rate: Rate;
  /** How long it takes until nothing waits if it goes on as it went lately; undefined while it gets no less. */
  readonly drainedInMs: number | undefined;
  /** Wall-clock milliseconds at which the oldest entry it has not settled was emitted. */
  readonly oldestAt: number | undefined;
}

/** A parked entry with everything that is known of its attempts, and without its data. */
export interface ParkedEntry {
  readonly subscription: string;
  readonly source: string;
  readonly position: number;
  readonly key: string;
  readonly state: ParkState;
  /** Attempts since it was parked, or since it was redriven last. */
  readonly attempts: number;
  readonly due: number;
  readonly errors: readonly ParkError[];
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly at: number;
}

export interface ParkedQuery {
  readonly subscription?: string | undefined;
  readonly key?: string | undefined;
  readonly state?: ParkState | undefined;
  /** 100 unless said otherwise. */
  readonly limit?: number | undefined;
}

/** How much of a context's log there is. */
export interface LogState {
  readonly source: string;
  readonly incarnation: string;
  /** The first and the last position; 0 and 0 before anything was emitted, `first` = `last` + 1 where nothing is left. */
  readonly first: number;
  readonly last: number;
  readonly entries: number;
  /** What they take, near enough. */
  readonly bytes: number;
  /** The subscription that has settled the least, where it has not settled the oldest entry: nothing is trimmed before it has. */
  readonly heldBy: string | undefined;
  /** How long entries are kept; undefined = for good. */
  readonly keepMs: number | undefined;
  /** Bytes of what the reader with most before it has yet to settle, and how much that may be: beyond it commands are refused. */
  readonly waitingBytes: number;
  readonly budgetBytes: number | undefined;
}

/** What is scheduled of one context. */
export interface ScheduleState extends ScheduleExtent {
  /** The code that runs does not have the context: it waits for code that does. */
  readonly held: boolean;
}

/** How much is kept of what one subscription has done outside with `once`. */
export interface OnceState {
  readonly subscription: string;
  readonly source: string;
  readonly records: number;
  /** Of their outcomes. */
  readonly bytes: number;
}

export interface DeliveryParts {
  readonly around: Pick<Surroundings, "platform" | "newId">;
  readonly lanes: readonly Lane[];
  /** Cursors that stand still, and what is parked for them. */
  readonly held: readonly Cursor[];
  readonly heldParked: readonly ParkedRow[];
  readonly logs: readonly KeptLog[];
  /** Undefined where no code of an application is: nothing can be replayed there. */
  readonly replays: Replays | undefined;
  readonly dryReplays: DryReplays | undefined;
  /** What each subscription of the code reads. */
  readonly typesOf: ReadonlyMap<string, readonly string[]>;
  readonly tail: Tail;
}

const STILL: Rate = { in: 0, out: 0 };
const NO_PARKED: Readonly<Record<ParkState, number>> = { retrying: 0, waiting: 0, dead: 0, unknown: 0 };

/** What an operator may see and do of delivery. Everything that changes something says who and why, in the same commit. */
export class DeliveryOperations {
  readonly #parts: DeliveryParts;
  readonly #readers: Readers;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    this.#readers = new Readers(parts);
  }

  async subscriptions(): Promise<readonly SubscriptionState[]> {
    const { lanes, held } = this.#parts;
    const live = lanes.map((lane) => this.#stateOf(lane.place, lane.parked.all, lane));
    const still = held.map((cursor) => this.#stateOf(cursor, this.#heldRows(cursor.subscription)));
    const states = await Promise.all([...live, ...still]);
    return states.sort((a, b) => (a.subscription < b.subscription ? -1 : 1));
  }

  /** Parked entries by subscription and position. */
  async parked({ subscription, key, state, limit = 100 }: ParkedQuery): Promise<readonly ParkedEntry[]> {
    if (subscription !== undefined) this.#assertKnown(subscription);
    const { lanes, held } = this.#parts;
    const { store } = this.#parts.around.platform;
    const places = [
      ...lanes.map((lane) => ({ place: lane.place, rows: lane.parked.all })),
      ...held.map((place) => ({ place, rows: this.#heldRows(place.subscription) })),
    ];
    const wanted = places
      .filter(({ place }) => subscription === undefined || place.subscription === subscription)
      .sort((a, b) => (a.place.subscription < b.place.subscription ? -1 : 1))
      .flatMap(({ place, rows }) =>
        rows
          .filter((row) => (key === undefined || row.key === key) && (state === undefined || row.state === state))
          .toSorted((a, b) => a.position - b.position)
          .map(({ position }) => ({ subscription: place.subscription, source: place.source, position })),
      );
    const rows = await Promise.all(wanted.slice(0, limit).map((ref) => store.parkedEntry(ref)));
    return rows.filter((row) => row !== undefined).map(shown);
  }

  /** Takes one parked entry out for good: it is never delivered. What stands behind it goes on. */
  async skip(ref: { readonly subscription: string; readonly position: number }, by: Operator): Promise<ParkedEntry> {
    const lane = this.#laneOf(ref.subscription);
    const key = lane.parked.at(ref.position)?.key ?? "";
    const subject = { subscription: lane.subscription, source: lane.source, position: ref.position, key };
    return shown(await lane.parking.skip(ref.position, this.#audit("skip", subject, by)));
  }

  /** Tries the parked entries of one key, or of all keys, again now, in order and with all their tries. Answers how many keys that were. */
  async redrive(
    { subscription, key }: { readonly subscription: string; readonly key?: string | undefined },
    by: Operator,
  ): Promise<{ readonly keys: number }> {
    const lane = this.#laneOf(subscription);
    const keys = key === undefined ? lane.parked.heads.map((head) => head.key) : [key];
    const subject = (of: string): AuditRecord["subject"] => ({ subscription, source: lane.source, key: of });
    const redrive = (of: string): Promise<boolean> => lane.parking.redrive(of, this.#audit("redrive", subject(of), by));
    const done = await Promise.all(keys.map((of) => redrive(of).catch(orTorn)));
    const redriven = done.filter((one) => one === true).length;
    const torn = done.find((one) => typeof one === "object");
    if (torn !== undefined && redriven === 0) throw torn;
    if (key !== undefined && redriven === 0)
      throw new BanyanError("parked-unknown", `"${subscription}" has nothing parked for the key "${key}".`);
    return { keys: redriven };
  }

  /** Clears the effects of a subscription that declares `rebuild` and makes them anew from the start of its log, beside everything else. Resolves once that has begun for good. */
  async replay({ subscription }: { readonly subscription: string }, by: Operator): Promise<Replayed> {
    const lane = this.#laneOf(subscription);
    const replays = this.#parts.replays ?? nothingRuns(subscription);
    return replays.replay(lane, this.#audit("replay", { subscription, source: lane.source }, by));
  }

  /** Delivers entries to a subscription and keeps nothing: would the code that runs now accept them? */
  async dryReplay(query: DryReplayQuery): Promise<DryReplay> {
    const lane = this.#laneOf(query.subscription);
    return (this.#parts.dryReplays ?? nothingRuns(query.subscription)).dryReplay(lane, query);
  }

  /** A page of one context's log, without what is personal. */
  tail(query: TailQuery): Promise<TailPage> {
    return this.#parts.tail.page(query);
  }

  /** What operators did, newest first. */
  audit(limit = 100): Promise<readonly AuditRecord[]> {
    return this.#parts.around.platform.store.audits(limit);
  }

  /** The log of every context: how much it has, and who holds it. */
  logs(): Promise<readonly LogState[]> {
    return Promise.all(this.#parts.logs.map((log) => this.#logState(log)));
  }

  async #logState({ source, ...log }: KeptLog): Promise<LogState> {
    const { store } = this.#parts.around.platform;
    const { first, last } = await store.extent(source);
    const entries = last === 0 ? 0 : last - first + 1;
    const bytes = weightOf(await store.volume({ source, after: 0 }));
    const readers = this.#readers.of(source);
    const slowest = slowestOf(readers);
    const heldBy = entries > 0 && slowest !== undefined && slowest.through < first ? slowest.subscription : undefined;
    const waiting = await Promise.all(readers.map((reader) => waitingFor(reader, store)));
    return { source, ...log, first, last, entries, bytes, heldBy, waitingBytes: Math.max(0, ...waiting) };
  }

  /** What is scheduled of every context that has anything. */
  async scheduled(): Promise<readonly ScheduleState[]> {
    const { clock, store } = this.#parts.around.platform;
    const known = new Set(this.#parts.logs.map(({ source }) => source));
    const extents = await store.schedules(clock.now());
    return extents.map((extent) => ({ ...extent, held: !known.has(extent.context) }));
  }

  /** What is kept of acts outside, of every subscription that has any. */
  async onceRecords(): Promise<readonly OnceState[]> {
    const extents = await this.#parts.around.platform.store.acts();
    const { places } = this.#readers;
    const states = extents.map(({ subscription: first, source, records, bytes }) => {
      const reader = places.find((place) => place.firstName === first && place.source === source);
      return { subscription: reader?.subscription ?? first, source, records, bytes };
    });
    return states.sort((a, b) => (a.subscription < b.subscription ? -1 : 1));
  }

  #audit(
    action: AuditRecord["action"],
    subject: AuditRecord["subject"],
    { name, why }: Operator,
  ): (transaction: StoreTransaction) => Promise<void> {
    const { platform, newId } = this.#parts.around;
    const record = { id: newId(), at: platform.clock.now(), operator: name, why, action, subject };
    return (transaction) => transaction.audit(record);
  }

  #laneOf(subscription: string): Lane {
    this.#assertKnown(subscription);
    const lane = this.#parts.lanes.find((known) => known.subscription === subscription);
    if (lane?.rewinding === true)
      throw new BanyanError("replay-in-progress", `"${subscription}" is being put back to the start of its log.`);
    if (lane !== undefined) return lane;
    throw new BanyanError("subscription-held", `"${subscription}" stands still; nothing of it is changed meanwhile.`);
  }

  #assertKnown(subscription: string): void {
    const names = [...this.#parts.lanes, ...this.#parts.held].map((known) => known.subscription);
    if (names.includes(subscription)) return;
    throw new BanyanError(
      "subscription-unknown",
      `This process has no subscription "${subscription}".${didYouMean(subscription, names)}`,
    );
  }

  #heldRows(subscription: string): readonly ParkedRow[] {
    return this.#parts.heldParked.filter((row) => row.subscription === subscription);
  }

  async #stateOf(
    { subscription, source, incarnation, pos, open }: Cursor,
    parked: readonly Pick<Parked, "state" | "bytes">[],
    lane?: Lane,
  ): Promise<SubscriptionState> {
    const { store } = this.#parts.around.platform;
    const { last } = await store.extent(source);
    const unsettled = lane?.unsettled ?? open;
    const wanted = { source, after: lane?.through ?? pos, ...this.#typesOf(subscription) };
    const { entries: ahead } = await store.volume(wanted);
    const behind = ahead + unsettled.length;
    const oldest = await this.#oldest(wanted, unsettled[0]);
    const counts = { ...NO_PARKED };
    for (const { state } of parked) counts[state]++;
    return {
      subscription,
      source,
      incarnation,
      held: lane === undefined,
      paused: lane?.parking.paused,
      fullOf: lane?.fullOf,
      pos,
      last,
      behind,
      inFlight: unsettled.length,
      parked: counts,
      parkedBytes: parked.reduce((sum, { bytes }) => sum + bytes, 0),
      rate: lane?.rate ?? STILL,
      drainedInMs: lane === undefined ? (behind === 0 ? 0 : undefined) : lane.drainedInMs(behind),
      oldestAt: oldest?.at,
    };
  }

  /** Nothing where the code does not say what it reads. */
  #typesOf(subscription: string): { readonly types?: readonly string[] } {
    const types = this.#parts.typesOf.get(subscription);
    return types === undefined ? {} : { types };
  }

  /** The entry in flight, or the next one to be fetched where that is near. */
  async #oldest(wanted: VolumeQuery, inFlight: number | undefined): Promise<Entry | undefined> {
    const { store } = this.#parts.around.platform;
    if (inFlight !== undefined) return (await store.entriesAt(wanted.source, [inFlight]))[0];
    if (wanted.types === undefined) return undefined;
    return (await store.fetch({ ...wanted, types: wanted.types, limit: 1 })).entries[0];
  }
}

/** Of several keys it keeps no other from being redriven. */
function orTorn(error: unknown): BanyanError {
  if (isBanyanError(error) && error.code === "entry-torn") return error;
  throw error;
}

function nothingRuns(subscription: string): never {
  throw new BanyanError("not-running", `"${subscription}" is replayed by its own code, and no process runs it here.`);
}

function shown({ entry, subscription, source, position, key, state, attempts, due, errors }: ParkRow): ParkedEntry {
  const { id, type, version, at } = entry;
  return { subscription, source, position, key, state, attempts, due, errors, id, type, version, at };
}

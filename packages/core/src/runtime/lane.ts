import { asBanyanError, type BanyanError } from "../error/index.ts";
import { utf8Length } from "../hash/index.ts";
import type { Cursor, Entry, NewEntry } from "../ports/index.ts";
import type { LaneCursor } from "./cursor.ts";
import type { Delivery } from "./deliver.ts";
import { DrainRate, type Rate } from "./drain-rate.ts";
import { FlowWindow } from "./flow-window.ts";
import { LaneParking } from "./lane-parking.ts";
import { LaneWork, type LaneWorkOptions } from "./lane-work.ts";
import type { ParkedKeys, Parked } from "./parked-keys.ts";
import { settledThrough } from "./places.ts";

export interface LaneOptions extends LaneWorkOptions {
  readonly parked: readonly Parked[];
}

/** A place without news is stored once so many positions, or so many characters of bodies, have been passed over. */
const FAR = 1_000;
const FAR_LENGTH = 256 * 1024;
/** Entries of one key whose bodies may be in one commit, where there is no `before` to wait for. */
const TOGETHER = 64;

/**
 * Delivers one lane of one subscription: fetches entries in order, runs them per key in order and over keys in parallel, parks what fails.
 *
 * I1. An entry is settled in the commit that has its effect or its park row.
 * I2. Of one key one task runs at a time, and a retry of the key's head never runs beside an arrival. The next entry starts after its predecessor's commit,
 *     or, where there is no `before`, in the same one right behind it: then they are kept or fall back together.
 * I3. While a key has a parked entry, its later entries are parked as `waiting` behind it and move up in order.
 * I4. A failing key holds nobody else up.
 * I5. It holds no more entries than its window lets it, nor more bytes: what is not fetched waits in the log, and nothing is dropped.
 */
export class Lane {
  readonly parking: LaneParking;
  readonly #work: LaneWork;
  readonly #window: FlowWindow;
  readonly #rate: DrainRate;
  readonly #types: ReadonlySet<string>;
  /** What has come of each key and was not begun. */
  readonly #arrived = new Map<string, Entry[]>();
  /** Entries of its types that it has not fetched, as far as it was told of them. */
  #ahead = 0;
  /** What was open comes before all that follows: nothing is fetched until it has arrived. */
  #started = false;
  #pumping = false;
  #keeping: Promise<void> | undefined;
  /** What entered the log since the place was stored for its own sake. */
  #passedLength = 0;
  #rewinding = false;
  #again = false;
  #atEnd = false;

  constructor({ parked, ...work }: LaneOptions) {
    this.#work = new LaneWork(work);
    this.#window = new FlowWindow(work.around.limits);
    this.#rate = new DrainRate(this.#now);
    this.#types = new Set(work.definition.contracts.map((contract) => contract.name));
    this.parking = new LaneParking(this.#work, parked, () => void this.#pump());
  }

  get subscription(): string {
    return this.#work.subscription;
  }

  get source(): string {
    return this.place.source;
  }

  /** Where it stands. While it is put back it says that it is at the start: what lies there is about to be read. */
  get place(): Cursor {
    const { place } = this.#work.cursor;
    return this.#rewinding ? { ...place, pos: 0, open: [] } : place;
  }

  /** Up to where it has settled all that it reads, stored or not; at the start while it is put back. */
  get settledThrough(): number {
    return this.#rewinding ? 0 : this.#work.cursor.settledThrough;
  }

  /** It is being put back to the start of the log, and nothing else is done with it. */
  get rewinding(): boolean {
    return this.#rewinding;
  }

  /** What it delivers, where to, and its own cursor. */
  get delivery(): Delivery & { readonly cursor: LaneCursor } {
    return { ...this.#work.options, cursor: this.#work.cursor };
  }

  get parked(): ParkedKeys {
    return this.parking.keys;
  }

  /** Positions that were fetched and are not settled, in order. */
  get unsettled(): readonly number[] {
    return this.#work.cursor.unsettled;
  }

  /** Everything up to here has been looked at. */
  get through(): number {
    return this.#work.cursor.through;
  }

  /** It may act outside. */
  get acts(): boolean {
    return this.#work.definition.before !== undefined;
  }

  /** Its parked entries have reached their cap: it fetches nothing new until there is room. */
  get full(): boolean {
    return this.fullOf !== undefined;
  }

  /** Of what it has too many parked: entries, or bytes of them. */
  get fullOf(): "rows" | "bytes" | undefined {
    const { parkedRows, parkedBytes } = this.#work.options.around.limits;
    if (this.parked.rows >= parkedRows) return "rows";
    return this.parked.bytes >= parkedBytes ? "bytes" : undefined;
  }

  /** What it may hold for now, and holds. */
  get window(): Pick<FlowWindow, "size" | "bytes"> {
    return this.#window;
  }

  /** Entries that are not settled yet; at least 1 while the end of the log has not been seen. */
  get lag(): number {
    return this.#work.cursor.inFlight + (this.#atEnd ? 0 : Math.max(1, this.#ahead));
  }

  get rate(): Rate {
    return this.#rate.rate(this.#now);
  }

  /** How long it takes until so many are settled; undefined while it gets no less. */
  drainedInMs(behind: number): number | undefined {
    return this.#rate.drainedInMs(behind, this.#now);
  }

  /** Refetches what was open, plans the retries, then reads on. */
  async start(): Promise<void> {
    const { store } = this.#work.options.around.platform;
    this.#ahead = (await this.#waiting()) ?? 0;
    const open = await store.entriesAt(this.source, this.place.open);
    for (const entry of open) this.#arrive(entry);
    this.#started = true;
    this.parking.start();
    void this.#pump();
  }

  /** Something was appended to the source. */
  wake(entries: readonly NewEntry[] = []): void {
    this.#atEnd = false;
    const arrived = entries.reduce((count, { type }) => count + (this.#types.has(type) ? 1 : 0), 0);
    this.#ahead += arrived;
    this.#passedLength += entries.reduce((sum, { body }) => sum + body.length, 0);
    this.#rate.arrived(arrived, this.#now);
    void this.#pump();
  }

  /** Something was appended to the source by others. */
  async wakeUncounted(): Promise<void> {
    const before = this.#ahead;
    this.#ahead = (await this.#waiting()) ?? before;
    this.#rate.arrived(Math.max(0, this.#ahead - before), this.#now);
    this.wake();
  }

  async #waiting(): Promise<number | undefined> {
    const { store } = this.#work.options.around.platform;
    const query = { source: this.source, after: this.through, types: [...this.#types] };
    return (await store.volume(query).catch(() => undefined))?.entries;
  }

  /** Starts nothing new and waits for what is running: afterwards it commits nothing. */
  async stop(): Promise<void> {
    await this.#work.stop();
    await this.#keeping;
  }

  /** As `stop`, for good: another lane is to follow it. */
  prepareRewind(): Promise<void> {
    this.#rewinding = true;
    return this.stop();
  }

  /** The lane that follows this one, which has stopped: from where it stood, with what it has parked; or from a cursor that was put back, with nothing. */
  successor(rewound?: Cursor): Lane {
    const parked = rewound === undefined ? this.parked.all : [];
    return new Lane({ ...this.#work.options, cursor: rewound ?? this.#work.cursor.place, parked });
  }

  /** As `start`, however often the store fails. */
  resume(): Promise<void> {
    return this.#work.insist(() => this.start());
  }

  get #now(): number {
    return this.#work.clock.mono();
  }

  async #pump(): Promise<void> {
    this.#again = true;
    if (this.#pumping || !this.#started) return;
    this.#pumping = true;
    try {
      while (this.#again) {
        this.#again = false;
        while (await this.#fetch());
      }
    } catch (error) {
      this.#work.later(1_000, () => void this.#pump());
      this.#work.warn(`Fetching for "${this.subscription}" failed: ${asBanyanError(error, "fetch").message}`);
    } finally {
      this.#pumping = false;
    }
    this.#tellIdle();
  }

  get #room(): ReturnType<FlowWindow["room"]> {
    const { inFlight } = this.#work.cursor;
    const room = this.#window.room(inFlight);
    if (room === undefined || !this.parking.onTrial) return room;
    return inFlight === 0 ? { ...room, limit: 1 } : undefined;
  }

  /** One fetch; true while there may be more and there is room for it. */
  async #fetch(): Promise<boolean> {
    const { platform } = this.#work.options.around;
    const { cursor, stopped } = this.#work;
    const room = this.#room;
    if (stopped || room === undefined || this.full || this.parking.paused !== undefined) return false;
    const after = cursor.through;
    const fetched = await platform.store.fetch({
      source: this.source,
      after,
      ...room,
      types: [...this.#types],
    });
    cursor.fetched(
      fetched.entries.map((entry) => entry.position),
      fetched.through,
    );
    for (const entry of fetched.entries) this.#arrive(entry);
    this.#atEnd = fetched.through === after && !this.#again;
    this.#ahead = this.#atEnd ? 0 : Math.max(0, this.#ahead - fetched.entries.length);
    // A long way through what others read is not walked in one go.
    if (fetched.entries.length === 0 && !this.#atEnd) await platform.turn.next();
    return fetched.through > after;
  }

  #arrive(entry: Entry): void {
    this.#window.fetched(utf8Length(entry.body));
    const before = this.#arrived.get(entry.key);
    if (before === undefined) this.#arrived.set(entry.key, [entry]);
    else before.push(entry);
    this.#work.chains.push(entry.key, () => this.#deliver(entry.key));
  }

  /** The next of a key, and those behind it that may be in its commit; nothing where an earlier task has taken them along. */
  #take(key: string): Entry[] {
    const arrived = this.#arrived.get(key) ?? [];
    const together = this.acts ? 1 : TOGETHER;
    const taken = arrived.splice(0, together);
    if (arrived.length === 0) this.#arrived.delete(key);
    return taken;
  }

  async #deliver(key: string): Promise<void> {
    const entries = this.#take(key);
    let together = entries.length > 1;
    while (entries.length > 0 && !this.#work.stopped) {
      let settled = 0;
      const deliver = async (): Promise<void> => {
        settled = together ? await this.#tryTogether(entries) : await this.#deliverOne(entries[0]);
      };
      await this.#work.insist(deliver, async (error) => {
        settled = await this.#parkOne(entries[0], error);
      });
      // one of them failed: that is found out by each alone
      together = settled > 0 && together && entries.length > settled + 1;
      for (const { body } of entries.splice(0, settled)) this.#released(utf8Length(body));
    }
    if (this.#atEnd) this.#tellIdle();
    else void this.#pump();
  }

  #released(bytes: number): void {
    this.#window.released(bytes);
    this.#rate.settled(this.#now);
  }

  async #deliverOne(entry: Entry | undefined): Promise<number> {
    if (entry === undefined) return 0;
    if (this.parked.head(entry.key) === undefined) await this.#tryLive(entry);
    else await this.parking.parkBehind(entry);
    return 1;
  }

  async #parkOne(entry: Entry | undefined, failed: BanyanError): Promise<number> {
    if (entry === undefined) return 0;
    if (this.parked.head(entry.key) === undefined) await this.parking.parkFailed(entry, failed);
    else await this.parking.parkBehind(entry);
    return 1;
  }

  async #tryTogether(entries: readonly Entry[]): Promise<number> {
    if (this.parked.head(entries[0]?.key ?? "") !== undefined) return 0;
    const from = this.#now;
    const settled = await this.#work.attemptTogether(entries);
    for (let i = 0; i < settled; i++) this.#succeeded(from);
    return settled;
  }

  async #tryLive(entry: Entry): Promise<void> {
    const from = this.#now;
    const failed = await this.#work.attempt(entry, { attempt: 1, settles: entry.position });
    if (failed === undefined) return this.#succeeded(from);
    this.#attempted(from);
    await this.parking.parkFailed(entry, failed);
  }

  #succeeded(from: number): void {
    this.#attempted(from);
    this.parking.succeeded();
  }

  #attempted(from: number): void {
    const { loopDelay } = this.#work.options.around;
    this.#window.attempted({ from, to: this.#now, loopMs: loopDelay.ms });
  }

  #tellIdle(): void {
    const { cursor, options, stopped } = this.#work;
    if (!this.#atEnd || cursor.inFlight > 0 || stopped) return;
    this.#rate.idle();
    const passed = cursor.through - cursor.place.pos;
    if (passed >= FAR || (passed > 0 && this.#passedLength >= FAR_LENGTH)) void this.keepPlace();
    options.around.platform.telemetry.signal({
      name: "lane.idle",
      subscription: this.subscription,
      pos: cursor.place.pos,
    });
  }

  /** Stores how far was looked where nothing was found to settle, so that a restart does not look again and the log is not held. What fails stays as it was. */
  async keepPlace(): Promise<void> {
    const { cursor, stopped } = this.#work;
    if (stopped || this.#rewinding || cursor.settledThrough <= settledThrough(cursor.place)) return;
    this.#passedLength = 0;
    this.#keeping ??= this.#work
      .commit(0, async () => {})
      .catch(() => {})
      .finally(() => (this.#keeping = undefined));
    await this.#keeping;
  }
}

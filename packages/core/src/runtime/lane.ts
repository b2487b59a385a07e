import { waitMs, type SubscriptionDefinition } from "../context/index.ts";
import { asBanyanError, type BanyanError } from "../error/index.ts";
import type { Cursor, Entry, ParkRow, StoreTransaction } from "../ports/index.ts";
import { afterFailure, isStoreTrouble, type Failure } from "./attempt-outcome.ts";
import type { Committer } from "./committer.ts";
import { LaneCursor } from "./cursor.ts";
import { sleep } from "./deferred.ts";
import type { Surroundings } from "./host.ts";
import { KeyChains } from "./key-chains.ts";
import { attemptEntry, type Delivery } from "./deliver.ts";
import { ParkedKeys, type Parked } from "./parked-keys.ts";
import type { UnitEffects } from "./unit.ts";

export interface LaneOptions extends Delivery {
  readonly cursor: Cursor;
  readonly parked: readonly Parked[];
  readonly committer: Committer;
  readonly around: Surroundings;
}

/** How a lane insists when it is the store that fails. */
const STORE_RETRY = { baseMs: 100, capMs: 5_000, tries: Infinity };

/** Positions that were passed over before a place without news is stored. */
const FAR = 1_000;

interface MoveUp {
  readonly head: Parked;
  readonly behind: ParkRow | undefined;
}

/**
 * Delivers one lane of one subscription: fetches entries in order, runs them per key in order and over keys in parallel, parks what fails.
 *
 * I1. An entry is settled in the commit that has its effect or its park row.
 * I2. Of one key one task runs at a time: the next entry starts after its predecessor's commit, and a retry of the key's head never runs beside an arrival.
 * I3. While a key has a parked entry, its later entries are parked as `waiting` behind it and move up in order.
 * I4. A failing key holds nobody else up.
 */
export class Lane {
  readonly subscription: string;
  readonly definition: SubscriptionDefinition;
  readonly #options: LaneOptions;
  readonly #cursor: LaneCursor;
  readonly #parked: ParkedKeys;
  readonly #chains = new KeyChains();
  readonly #timers = new Set<() => void>();
  /** Keys whose head is to be tried again, in the order in which they came due. */
  readonly #due: string[] = [];
  #retrying = 0;
  /** What was open comes before all that follows: nothing is fetched until it has arrived. */
  #started = false;
  #pumping = false;
  #keeping = false;
  #again = false;
  #atEnd = false;
  #stopped = false;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.subscription = options.subscription;
    this.definition = options.definition;
    this.#cursor = new LaneCursor(options.cursor);
    this.#parked = new ParkedKeys(options.parked);
  }

  get source(): string {
    return this.#cursor.place.source;
  }

  get parked(): number {
    return this.#parked.rows;
  }

  get dead(): number {
    return this.#parked.dead;
  }

  /** Entries known to be unsettled; at least 1 while the end of the log has not been seen. */
  get lag(): number {
    return this.#cursor.inFlight + (this.#atEnd ? 0 : 1);
  }

  /** Refetches what was open, plans the retries, then reads on. */
  async start(): Promise<void> {
    const open = await this.#options.around.platform.store.entriesAt(this.source, this.#cursor.place.open);
    for (const head of this.#parked.heads) {
      // Code that starts may know what the code before it did not.
      if (head.state === "unknown") this.#due.push(head.key);
      else this.#plan(head);
    }
    for (const entry of open) this.#arrive(entry);
    this.#started = true;
    this.#startRetries();
    void this.#pump();
  }

  /** Something was appended to the source. */
  wake(): void {
    this.#atEnd = false;
    void this.#pump();
  }

  /** Starts nothing new and waits for what is running. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    await this.#chains.idle();
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
      this.#later(1_000, () => void this.#pump());
      this.#warn(`Fetching for "${this.subscription}" failed: ${asBanyanError(error, "fetch").message}`);
    } finally {
      this.#pumping = false;
    }
    this.#tellIdle();
  }

  /** One fetch; true while there may be more and there is room for it. */
  async #fetch(): Promise<boolean> {
    const { limits, platform } = this.#options.around;
    const room = limits.inFlight - this.#cursor.inFlight;
    if (this.#stopped || room <= 0 || this.#parked.rows >= limits.parkedRows) return false;
    const after = this.#cursor.through;
    const fetched = await platform.store.fetch({
      source: this.source,
      after,
      limit: room,
      types: [this.definition.contract.name],
    });
    this.#cursor.fetched(
      fetched.entries.map((entry) => entry.position),
      fetched.through,
    );
    for (const entry of fetched.entries) this.#arrive(entry);
    this.#atEnd = fetched.through === after && !this.#again;
    // A long way through what others read is not walked in one go.
    if (fetched.entries.length === 0 && !this.#atEnd) await platform.turn.next();
    return fetched.through > after;
  }

  #arrive(entry: Entry): void {
    this.#chains.push(entry.key, () => this.#deliver(entry));
  }

  async #deliver(entry: Entry): Promise<void> {
    await this.#insist(() =>
      this.#parked.head(entry.key) === undefined ? this.#tryLive(entry) : this.#parkBehind(entry),
    );
    if (this.#atEnd) this.#tellIdle();
    else void this.#pump();
  }

  async #tryLive(entry: Entry): Promise<void> {
    const settles = { cursor: this.#cursor, position: entry.position };
    const failed = await this.#attempt(entry, { attempt: 1, settles });
    if (failed === undefined) return;
    const failure = this.#decide(failed, { attempts: 0, errors: [] });
    await this.#park(entry, failure);
    this.#plan({ ...failure, key: entry.key });
  }

  /** Undefined when the entry's effect is committed, the error otherwise. */
  async #attempt(
    entry: Entry,
    how: { attempt: number; settles: { cursor: LaneCursor; position?: number }; moveUp?: MoveUp },
  ): Promise<BanyanError | undefined> {
    const { committer, around } = this.#options;
    try {
      const unit = await attemptEntry(this.#options, entry, { attempt: how.attempt, around });
      await committer.submit({
        ...unit,
        run: async (transaction, watch) => {
          const effects = await unit.run(transaction, watch);
          if (how.moveUp !== undefined) await this.#moveUp(transaction, how.moveUp);
          return { ...effects, settles: how.settles };
        },
      });
      around.platform.telemetry.signal({
        name: "entry.settled",
        subscription: this.subscription,
        position: entry.position,
        id: entry.id,
      });
      return undefined;
    } catch (thrown) {
      const error = asBanyanError(thrown, `"${this.subscription}"`);
      if (isStoreTrouble(error)) throw error;
      return error;
    }
  }

  #decide(error: BanyanError, before: Pick<Failure, "attempts" | "errors">): Failure {
    const { clock, random } = this.#options.around.platform;
    return afterFailure(error, before, { policy: this.definition.retry, now: clock.now(), dice: random.u32() });
  }

  #parkBehind(entry: Entry): Promise<void> {
    return this.#park(entry, { state: "waiting", attempts: 0, due: 0, errors: [] });
  }

  async #park(entry: Entry, failure: Failure): Promise<void> {
    const row = this.#row(entry, failure);
    await this.#options.committer.submit({
      name: this.subscription,
      context: this.#options.host.name,
      bytes: entry.body.length,
      run: async (transaction) => {
        await transaction.park(row);
        return { value: undefined, emitted: [], settles: { cursor: this.#cursor, position: entry.position } };
      },
    });
    this.#parked.add({ ...failure, position: entry.position, key: entry.key, slot: entry.slot });
    this.#signalParked(row);
  }

  #row(entry: Entry, failure: Failure): ParkRow {
    const { subscription, source, incarnation } = this.#cursor.place;
    return {
      ...failure,
      subscription,
      source,
      incarnation,
      slot: entry.slot,
      position: entry.position,
      key: entry.key,
      entry,
    };
  }

  /** Plans the next attempt of a key's head, where there is one: no longer from now than when it failed, since the wall clock may have gone back. */
  #plan(head: Pick<Parked, "key" | "state" | "due" | "errors">): void {
    if (head.state !== "retrying") return;
    const planned = head.due - (head.errors.at(-1)?.at ?? head.due);
    const wait = Math.min(Math.max(0, head.due - this.#options.around.platform.clock.now()), planned);
    this.#later(wait, () => {
      this.#due.push(head.key);
      this.#startRetries();
    });
  }

  /** After an outage everything is due at once; only so many are tried side by side. */
  #startRetries(): void {
    while (this.#retrying < this.#options.around.limits.retries && !this.#stopped) {
      const key = this.#due.shift();
      if (key === undefined) return;
      this.#retrying++;
      this.#chains.push(key, async () => {
        await this.#retry(key);
        this.#retrying--;
        this.#startRetries();
      });
    }
  }

  #retry(key: string): Promise<void> {
    return this.#insist(async () => {
      const head = this.#parked.head(key);
      if (head !== undefined && head.state !== "dead") await this.#retryHead(head);
    });
  }

  async #retryHead(head: Parked): Promise<void> {
    const { subscription, source } = this.#cursor.place;
    const row = await this.#options.around.platform.store.parkedEntry({
      subscription,
      source,
      position: head.position,
    });
    if (row === undefined) return;
    // One task per key at a time (I2), so what stands behind the head now still does when it commits.
    const next = this.#parked.next(head.key);
    const behind =
      next &&
      (await this.#options.around.platform.store.parkedEntry({ subscription, source, position: next.position }));
    const settles = { cursor: this.#cursor };
    const failed = await this.#attempt(row.entry, { attempt: head.attempts + 1, settles, moveUp: { head, behind } });
    if (failed === undefined) return this.#released(head);
    const failure = this.#decide(failed, head);
    const updated = this.#row(row.entry, failure);
    await this.#options.committer.submit({
      name: subscription,
      context: this.#options.host.name,
      bytes: row.entry.body.length,
      run: async (transaction) => {
        await transaction.park(updated);
        return { value: undefined, emitted: [], settles };
      },
    });
    const now = { ...head, ...failure };
    this.#parked.replaceHead(now);
    this.#signalParked(updated);
    this.#plan(now);
  }

  /** In the head's own commit: its park row goes, and the entry behind it becomes the head. */
  async #moveUp(transaction: StoreTransaction, { head, behind }: MoveUp): Promise<void> {
    const { subscription, source } = this.#cursor.place;
    await transaction.unpark({ subscription, source, position: head.position });
    if (behind !== undefined) await transaction.park({ ...behind, state: "retrying", due: 0 });
  }

  #released(head: Parked): void {
    this.#parked.removeHead(head.key);
    this.#options.around.platform.telemetry.signal({
      name: "key.released",
      subscription: this.subscription,
      position: head.position,
    });
    // There may be room again.
    void this.#pump();
    const next = this.#parked.head(head.key);
    if (next === undefined) return;
    const moved: Parked = { ...next, state: "retrying", due: 0 };
    this.#parked.replaceHead(moved);
    this.#plan(moved);
  }

  /** Does the same thing again as long as it is the store that fails: nothing was settled then. */
  async #insist(work: () => Promise<void>): Promise<void> {
    const { clock, random } = this.#options.around.platform;
    for (let attempt = 1; !this.#stopped; attempt++) {
      try {
        return await work();
      } catch (error) {
        this.#warn(`"${this.subscription}" waits: ${asBanyanError(error, this.subscription).message}`);
        await sleep(clock, waitMs(STORE_RETRY, attempt, random.u32()));
      }
    }
  }

  #later(ms: number, fire: () => void): void {
    if (this.#stopped) return;
    const cancel = this.#options.around.platform.clock.after(ms, () => {
      this.#timers.delete(cancel);
      if (!this.#stopped) fire();
    });
    this.#timers.add(cancel);
  }

  #signalParked(row: ParkRow): void {
    const last = row.errors.at(-1);
    const { state, attempts, position } = row;
    this.#options.around.platform.telemetry.signal({
      name: "entry.parked",
      subscription: this.subscription,
      position,
      state,
      attempts,
      code: last?.code ?? "",
      message: last?.message ?? "",
    });
  }

  #tellIdle(): void {
    if (this.#atEnd && this.#cursor.inFlight === 0 && !this.#stopped) {
      if (this.#cursor.through - this.#cursor.place.pos >= FAR) void this.#keepPlace();
      this.#options.around.platform.telemetry.signal({
        name: "lane.idle",
        subscription: this.subscription,
        pos: this.#cursor.place.pos,
      });
    }
  }

  /** Stores how far was looked where nothing was found to settle, so that a restart does not look again and the log is not held. */
  async #keepPlace(): Promise<void> {
    if (this.#keeping) return;
    this.#keeping = true;
    const { committer, host } = this.#options;
    const settles = { cursor: this.#cursor };
    const run = async (): Promise<UnitEffects<undefined>> => ({ value: undefined, emitted: [], settles });
    await committer.submit({ name: this.subscription, context: host.name, bytes: 0, run }).catch(() => {});
    this.#keeping = false;
  }

  #warn(message: string): void {
    this.#options.around.platform.telemetry.signal({ name: "warning", message });
  }
}

import { asBanyanError, BanyanError } from "../error/index.ts";
import { utf8Length } from "../hash/index.ts";
import type { Entry, ParkRef, ParkRow, StoreTransaction } from "../ports/index.ts";
import { afterFailure, type Failure } from "./attempt-outcome.ts";
import { Circuit } from "./circuit.ts";
import { assertWhole } from "./envelope.ts";
import type { LaneWork } from "./lane-work.ts";
import { ParkedKeys, type Parked } from "./parked-keys.ts";
import { refusedCall } from "./refused-calls.ts";
import { fromStore, isStoreTrouble } from "./store-trouble.ts";

/**
 * The parked entries of one lane: what failed, and what waits behind it.
 *
 * I1. A park row changes in a commit that is guarded by the lane's fence, and memory follows only after that commit.
 * I2. Everything here runs in the chain of its key, so a retry, a skip and an arrival of one key never meet.
 * I3. A head that is done or skipped goes in the commit in which the entry behind it becomes the head.
 * I4. While the circuit is open nothing is retried but one probe at a time, of the head that was tried least: so the tries of many last long, and
 *     poison among them does not keep it open for ever. With none left to be retried, what comes next is tried, one at a time, until one goes through.
 * I5. Before the start nothing is retried: what is skipped or redriven by then is tried after it.
 */
export class LaneParking {
  readonly #work: LaneWork;
  readonly #parked: ParkedKeys;
  readonly #onRoom: () => void;
  /** The planned retry of each key; a head that is replaced takes its plan with it. */
  readonly #planned = new Map<string, () => void>();
  /** Keys whose head is to be tried again, in the order in which they came due. */
  readonly #due = new Set<string>();
  readonly #circuit: Circuit;
  #retrying = 0;
  /** Takes back the probe that is planned; undefined = none is. */
  #unplanProbe: (() => void) | undefined;
  #probing = false;
  #started = false;
  /** Pauses in a row, without an entry that went through. */
  #pauses = 0;

  constructor(work: LaneWork, rows: readonly Parked[], onRoom: () => void) {
    this.#work = work;
    this.#parked = new ParkedKeys(rows);
    this.#onRoom = onRoom;
    this.#circuit = new Circuit(work.options.around.limits);
  }

  get keys(): ParkedKeys {
    return this.#parked;
  }

  /** Why the subscription is paused and takes nothing; undefined = it is not. */
  get paused(): string | undefined {
    return this.#circuit.onTrial ? undefined : this.#circuit.open;
  }

  /** It was paused and has nothing left to retry: it takes one entry at a time until one goes through. */
  get onTrial(): boolean {
    return this.#circuit.onTrial;
  }

  /** An entry went through. */
  succeeded(): void {
    this.#circuit.succeeded();
    this.#pauses = 0;
    if (this.#circuit.onTrial) this.#resume();
  }

  /** Plans the retries of what was parked before this start. */
  start(): void {
    this.#started = true;
    for (const head of this.#parked.heads) {
      // Code that starts may know what the code before it did not.
      if (head.state === "unknown") this.#due.add(head.key);
      else this.#plan(head);
    }
    this.#startRetries();
  }

  /** Sets a live entry aside after its first attempt. */
  async parkFailed(entry: Entry, error: BanyanError): Promise<void> {
    const failure = this.#decide(entry.key, error, { attempts: 0, errors: [] });
    await this.#park(entry, failure, error);
    this.#plan({ ...remembered(failure), key: entry.key });
  }

  /** Sets an entry aside because its key has a parked one. */
  parkBehind(entry: Entry): Promise<void> {
    return this.#park(entry, { state: "waiting", attempts: 0, due: 0, errors: [] });
  }

  /** Takes one parked entry out for good; what stands behind it goes on. `beside` is committed with it. */
  skip(position: number, beside: (transaction: StoreTransaction) => Promise<void>): Promise<ParkRow> {
    const { key } = this.#known(position);
    return this.#inChain(key, async () => {
      const row = await this.#rowOf(this.#known(position));
      const isHead = this.#parked.head(key)?.position === position;
      const behind = isHead ? await this.#behind(key) : undefined;
      await this.#work.commit(utf8Length(row.entry.body), async (transaction) => {
        await this.#moveUp(transaction, row, behind);
        await beside(transaction);
      });
      if (isHead) this.#released(key);
      else this.#parked.remove(key, position);
      this.#work.options.around.platform.telemetry.signal({
        name: "entry.skipped",
        subscription: this.#work.subscription,
        position,
      });
      this.#onRoom();
      return row;
    });
  }

  /** Tries the head of a key again now, with all its tries; its history stays. False when the key has none; throws where no code can read it. */
  redrive(key: string, beside: (transaction: StoreTransaction) => Promise<void>): Promise<boolean> {
    return this.#inChain(key, async () => {
      const head = this.#parked.head(key);
      if (head === undefined) return false;
      const row = await this.#rowOf(head);
      assertWhole(row.entry);
      const fresh = { state: "retrying", attempts: 0, due: 0 } as const;
      await this.#work.commit(utf8Length(row.entry.body), async (transaction) => {
        await transaction.park({ ...row, ...fresh });
        await beside(transaction);
      });
      this.#parked.replaceHead({ ...head, ...fresh });
      this.#unplan(key);
      // whoever redrives has seen to the cause
      this.#resume();
      this.#due.add(key);
      this.#startRetries();
      return true;
    });
  }

  #known(position: number): Parked {
    return this.#parked.at(position) ?? this.#unknown(position);
  }

  #unknown(position: number): never {
    throw new BanyanError("parked-unknown", `"${this.#work.subscription}" has no parked entry ${position}.`);
  }

  /** In its turn within the key, and with the outcome told to the caller instead of insisted upon. */
  #inChain<T>(key: string, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#work.chains.push(key, () => work().then(resolve, reject));
    });
  }

  #decide(key: string, error: BanyanError, before: Pick<Failure, "attempts" | "errors">): Failure {
    const { clock, random } = this.#work.options.around.platform;
    const by = { policy: this.#work.definition.retry, now: clock.now(), dice: random.u32() };
    const failure = afterFailure(error, before, by);
    const told = this.#circuit.open;
    if (this.#circuit.failed(error, key, clock.mono())) this.#pause(told);
    return failure;
  }

  /** Says so, unless the reason was told already: of a trial that fails like the one before nothing new is to be said. */
  #pause(told: string | undefined): void {
    this.#probeLater();
    if (told === this.#circuit.open) return;
    this.#work.options.around.platform.telemetry.signal({
      name: "subscription.paused",
      subscription: this.#work.subscription,
      reason: this.#circuit.open ?? "",
    });
  }

  /** One that runs plans the next itself (I4). */
  #probeLater(): void {
    if (this.#probing || this.#unplanProbe !== undefined) return;
    const { circuitPauseMs, circuitPauseCapMs } = this.#work.options.around.limits;
    const wait = Math.min(circuitPauseCapMs, circuitPauseMs * 2 ** Math.min(this.#pauses++, 30));
    this.#unplanProbe = this.#work.later(wait, () => this.#probe());
  }

  /** Half open: one retry decides. Where nothing is left to retry, what comes next decides. */
  #probe(): void {
    this.#unplanProbe = undefined;
    if (this.#circuit.open === undefined) return;
    const [head] = this.#parked.heads
      .filter(({ state }) => state === "retrying")
      .toSorted((a, b) => a.attempts - b.attempts);
    if (head === undefined) return this.#tryNext();
    this.#unplan(head.key);
    this.#due.delete(head.key);
    this.#probing = true;
    this.#work.chains.push(head.key, async () => {
      await this.#retry(head.key, true);
      this.#probing = false;
      if (this.#circuit.open !== undefined) this.#probeLater();
    });
  }

  #tryNext(): void {
    this.#circuit.tryNext();
    this.#startRetries();
    this.#onRoom();
  }

  #resume(): void {
    if (this.#circuit.open === undefined) return;
    this.#circuit.close();
    this.#unplanProbe?.();
    this.#unplanProbe = undefined;
    this.#work.options.around.platform.telemetry.signal({
      name: "subscription.resumed",
      subscription: this.#work.subscription,
    });
    this.#startRetries();
    this.#onRoom();
  }

  async #park(entry: Entry, failure: Failure, error?: BanyanError): Promise<void> {
    const { slot, position, key } = entry;
    const row: ParkRow = { ...failure, ...this.#ref(position), incarnation: this.#incarnation, slot, key, entry };
    await this.#work.commit(utf8Length(entry.body), (transaction) => keepFailed(transaction, row, error), position);
    this.#parked.add({ ...remembered(failure), position, key, slot, bytes: utf8Length(entry.body) });
    this.#signalParked(row);
  }

  get #incarnation(): string {
    return this.#work.cursor.place.incarnation;
  }

  #ref(position: number): ParkRef {
    const { subscription, source } = this.#work.cursor.place;
    return { subscription, source, position };
  }

  /** Plans the next attempt of a key's head, where there is one: no longer from now than when it failed, since the wall clock may have gone back. */
  #plan(head: Pick<Parked, "key" | "state" | "due" | "failedAt">): void {
    this.#unplan(head.key);
    if (head.state !== "retrying") return;
    const planned = head.failedAt === 0 ? 0 : head.due - head.failedAt;
    const wait = Math.min(Math.max(0, head.due - this.#work.clock.now()), Math.max(0, planned));
    const isDue = (): void => {
      this.#planned.delete(head.key);
      this.#due.add(head.key);
      this.#startRetries();
    };
    if (wait === 0) isDue();
    else this.#planned.set(head.key, this.#work.later(wait, isDue));
  }

  #unplan(key: string): void {
    this.#planned.get(key)?.();
    this.#planned.delete(key);
  }

  get #retriesAtOnce(): number {
    if (this.#circuit.open === undefined) return this.#work.options.around.limits.retries;
    return this.#circuit.onTrial ? 1 : 0;
  }

  /** After an outage everything is due at once; only so many are tried side by side. */
  #startRetries(): void {
    if (!this.#started) return;
    while (this.#retrying < this.#retriesAtOnce && !this.#work.stopped) {
      const [key] = this.#due;
      if (key === undefined) return;
      this.#due.delete(key);
      this.#retrying++;
      this.#work.chains.push(key, async () => {
        await this.#retry(key);
        this.#retrying--;
        this.#startRetries();
      });
    }
  }

  #retry(key: string, probing = false): Promise<void> {
    const retry = async (): Promise<void> => {
      const head = this.#parked.head(key);
      // what was asked for twice may have failed since, and has its plan
      const isPlanned = !probing && this.#planned.has(key);
      if (head !== undefined && head.state !== "dead" && !isPlanned) await this.#retryHead(head, probing);
    };
    return this.#work.insist(retry, async (error) => {
      const head = this.#parked.head(key);
      const row = head === undefined ? undefined : await this.#stored(head);
      if (head !== undefined && row !== undefined) await this.#failedAgain(head, row, error);
    });
  }

  async #retryHead(head: Parked, probing: boolean): Promise<void> {
    const row = await this.#stored(head);
    if (row === undefined) return;
    // One task per key at a time, so what stands behind the head now still does when it commits (I2).
    const behind = await this.#behind(head.key);
    const beside = (transaction: StoreTransaction): Promise<void> => this.#moveUp(transaction, row, behind);
    const failed = await this.#work.attempt(row.entry, { attempt: head.attempts + 1, beside });
    if (failed === undefined) return this.#done(head, probing);
    await this.#failedAgain(head, row, failed);
  }

  async #failedAgain(head: Parked, row: ParkRow, failed: BanyanError): Promise<void> {
    const failure = this.#decide(head.key, failed, { attempts: head.attempts, errors: row.errors });
    const updated = { ...row, ...failure };
    await this.#work.commit(utf8Length(row.entry.body), (transaction) => keepFailed(transaction, updated, failed));
    const now = { ...head, ...remembered(failure) };
    this.#parked.replaceHead(now);
    this.#signalParked(updated);
    this.#plan(now);
  }

  /**
   * Undefined where another owner of the lane has dealt with it meanwhile; the fence tells this one at its next commit. What fails here says nothing about
   * the entry: it is asked for again.
   */
  async #stored({ position }: Parked): Promise<ParkRow | undefined> {
    try {
      return await this.#work.options.around.platform.store.parkedEntry(this.#ref(position));
    } catch (cause) {
      const error = asBanyanError(cause, "the store");
      if (isStoreTrouble(error)) throw error;
      throw fromStore(new BanyanError("statement-failed", error.message, { cause: error, retry: "later" }));
    }
  }

  async #rowOf(parked: Parked): Promise<ParkRow> {
    return (await this.#stored(parked)) ?? this.#unknown(parked.position);
  }

  async #behind(key: string): Promise<ParkRow | undefined> {
    const next = this.#parked.next(key);
    return next === undefined ? undefined : this.#stored(next);
  }

  /** A park row goes, and the one that stood behind it becomes the head (I3). */
  async #moveUp(transaction: StoreTransaction, { position }: ParkRow, behind: ParkRow | undefined): Promise<void> {
    await transaction.unpark(this.#ref(position));
    if (behind !== undefined) await transaction.park({ ...behind, state: "retrying", due: 0 });
  }

  #done(head: Parked, probing: boolean): void {
    this.succeeded();
    if (probing) this.#resume();
    this.#work.options.around.platform.telemetry.signal({
      name: "key.released",
      subscription: this.#work.subscription,
      position: head.position,
    });
    this.#released(head.key);
    this.#onRoom();
  }

  #released(key: string): void {
    this.#unplan(key);
    this.#parked.removeHead(key);
    const next = this.#parked.head(key);
    if (next === undefined) return;
    const moved: Parked = { ...next, state: "retrying", due: 0 };
    this.#parked.replaceHead(moved);
    this.#plan(moved);
  }

  #signalParked(row: ParkRow): void {
    const last = row.errors.at(-1);
    const { state, attempts, position } = row;
    this.#work.options.around.platform.telemetry.signal({
      name: "entry.parked",
      subscription: this.#work.subscription,
      position,
      state,
      attempts,
      code: last?.code ?? "",
      message: last?.message ?? "",
    });
  }
}

/** What a command has refused is its answer to every attempt, and ends with them: once its cause is mended, a redrive is to ask anew. */
async function keepFailed(transaction: StoreTransaction, row: ParkRow, failed: BanyanError | undefined): Promise<void> {
  await transaction.park(row);
  const refused = row.state === "dead" ? refusedCall(failed) : undefined;
  if (refused !== undefined) await transaction.forgetRefusal(refused);
}

/** What memory keeps of it: the errors stay in the store. */
function remembered({ errors, ...failure }: Failure): Omit<Failure, "errors"> & Pick<Parked, "failedAt"> {
  return { ...failure, failedAt: errors.at(-1)?.at ?? 0 };
}

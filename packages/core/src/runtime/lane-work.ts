import { waitMs, type SubscriptionDefinition } from "../context/index.ts";
import { asBanyanError, BanyanError } from "../error/index.ts";
import { utf8Length } from "../hash/index.ts";
import type { Clock, Cursor, Entry, StoreTransaction } from "../ports/index.ts";
import { attemptFailure } from "./attempt-failure.ts";
import type { Committer } from "./committer.ts";
import { LaneCursor } from "./cursor.ts";
import { Acts } from "./acts.ts";
import { sleep } from "./deferred.ts";
import { attemptEntry, type Delivery } from "./deliver.ts";
import type { Surroundings } from "./host.ts";
import { KeyChains } from "./key-chains.ts";
import { copiedAnswer } from "./refused-calls.ts";
import { copied, isStoreTrouble } from "./store-trouble.ts";
import type { Emitted, UnitEffects } from "./unit.ts";

export interface LaneWorkOptions extends Delivery {
  readonly cursor: Cursor;
  readonly committer: Committer;
  readonly around: Surroundings;
}

export interface AttemptOptions {
  readonly attempt: number;
  /** The position it settles; none when the entry is parked and was settled then. */
  readonly settles?: number;
  /** What else goes into the commit of the entry's effect. */
  readonly beside?: (transaction: StoreTransaction) => Promise<void>;
}

/** How a lane insists when it is the store that fails. */
const STORE_RETRY = { baseMs: 100, capMs: 5_000, tries: Infinity };

/** What everything that delivers for one lane works with: its cursor, its chains of keys, its commits, its timers. */
export class LaneWork {
  readonly options: LaneWorkOptions;
  readonly cursor: LaneCursor;
  readonly chains: KeyChains = new KeyChains();
  readonly #acts: Acts;
  readonly #timers = new Set<() => void>();
  #stopped = false;

  constructor(options: LaneWorkOptions) {
    this.options = options;
    this.cursor = new LaneCursor(options.cursor);
    const { subscription, firstName, around } = options;
    this.#acts = new Acts({
      subscription,
      firstName,
      around,
      commit: (bytes, run) => this.commit(bytes, run),
      insist: (work) => this.insist(work),
    });
  }

  get subscription(): string {
    return this.options.subscription;
  }

  get definition(): SubscriptionDefinition {
    return this.options.definition;
  }

  get clock(): Clock {
    return this.options.around.platform.clock;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Starts nothing new and waits for what is running. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    await this.chains.idle();
    await this.#acts.keep();
  }

  /** Undefined when the entry's effect is committed, the error otherwise. */
  async attempt(
    entry: Entry,
    { attempt, settles: position, beside }: AttemptOptions,
  ): Promise<BanyanError | undefined> {
    const { committer, around } = this.options;
    const settles = { cursor: this.cursor, ...(position === undefined ? {} : { position }) };
    try {
      const unit = await attemptEntry(this.options, entry, { attempt, around, outside: this.#acts });
      await committer.submit({
        ...unit,
        run: async (transaction, watch) => {
          const effects = await unit.run(transaction, watch);
          await beside?.(transaction);
          return { ...effects, settles };
        },
      });
      this.#signalSettled(entry.position, entry.id);
      return undefined;
    } catch (thrown) {
      const error = this.#failureOf(thrown, [entry]);
      // what a halt ended was not tried
      if (isStoreTrouble(error) || around.bounded.halted) throw error;
      return error;
    }
  }

  /**
   * Runs the bodies of entries of one key, in their order, as one unit: as many as the time and size of a batch allow. Answers how many of the first
   * are settled; 0 where anything failed, and then nothing of it is kept and each is to be attempted alone.
   */
  async attemptTogether(entries: readonly Entry[]): Promise<number> {
    const { committer, around, host } = this.options;
    const bytes = entries.reduce((sum, { body }) => sum + utf8Length(body), 0);
    try {
      const by = { attempt: 1, around, outside: this.#acts };
      const units = await Promise.all(entries.map((entry) => attemptEntry(this.options, entry, by)));
      const settled = await committer.submit<readonly Entry[]>({
        name: this.subscription,
        context: host.name,
        bytes,
        run: (transaction, watch) => this.#runTogether(entries, async (i) => units[i]?.run(transaction, watch)),
      });
      for (const { position, id } of settled) this.#signalSettled(position, id);
      return settled.length;
    } catch (thrown) {
      const error = this.#failureOf(thrown, entries);
      if (isStoreTrouble(error) || around.bounded.halted) throw error;
      return 0;
    }
  }

  #failureOf(thrown: unknown, entries: readonly Entry[]): BanyanError {
    const failure = attemptFailure(thrown, this.options, { entries, codec: this.options.around.platform.codec });
    return copiedAnswer(copied(failure, thrown), thrown);
  }

  async #runTogether(
    entries: readonly Entry[],
    run: (index: number) => Promise<UnitEffects<unknown> | undefined>,
  ): Promise<UnitEffects<readonly Entry[]>> {
    const began = this.clock.mono();
    const emitted: Emitted[] = [];
    const done: Entry[] = [];
    for (const [i, entry] of entries.entries()) {
      if (i > 0 && this.clock.mono() - began >= this.options.around.limits.batchMs) break;
      emitted.push(...((await run(i))?.emitted ?? []));
      done.push(entry);
    }
    const settles = { cursor: this.cursor, positions: done.map(({ position }) => position) };
    return { value: done, emitted, settles };
  }

  #signalSettled(position: number, id: string): void {
    const { telemetry } = this.options.around.platform;
    telemetry.signal({ name: "entry.settled", subscription: this.subscription, position, id });
  }

  /** A commit of the runtime's own, guarded by the lane's fence. */
  commit(bytes: number, run: (transaction: StoreTransaction) => Promise<void>, position?: number): Promise<void> {
    const settles = { cursor: this.cursor, ...(position === undefined ? {} : { position }) };
    return this.options.committer.submit<void>({
      name: this.subscription,
      context: this.options.host.name,
      bytes,
      run: async (transaction) => {
        await run(transaction);
        return { value: undefined, emitted: [], settles };
      },
    });
  }

  /**
   * Does the same thing again as long as it is the store that fails: nothing was settled then. Any other failure would come again for ever: it is handed
   * to `otherwise`, to be counted, and `work` is not done again.
   */
  async insist(work: () => Promise<void>, otherwise?: (error: BanyanError) => Promise<void>): Promise<void> {
    const { random } = this.options.around.platform;
    let todo = work;
    for (let attempt = 1; !this.#stopped; attempt++) {
      try {
        return await todo();
      } catch (thrown) {
        if (this.#stopped) return;
        const error = asBanyanError(thrown, this.subscription);
        this.warn(`"${this.subscription}" waits: ${error.message}`);
        if (otherwise !== undefined && todo === work && !isStoreTrouble(error)) {
          todo = () => otherwise(this.#ownFault(error));
          continue;
        }
        await sleep(this.clock, waitMs(STORE_RETRY, attempt, random.u32()));
      }
    }
  }

  #ownFault(cause: BanyanError): BanyanError {
    const what = `What became of an entry of "${this.subscription}" could not be kept: ${cause.message}`;
    return new BanyanError("internal", what, { cause, retry: "later" });
  }

  /** Calls `fire` later unless the lane is stopped by then; the function returned cancels it. */
  later(ms: number, fire: () => void): () => void {
    if (this.#stopped) return () => {};
    const cancel = this.clock.after(ms, () => {
      this.#timers.delete(cancel);
      if (!this.#stopped) fire();
    });
    this.#timers.add(cancel);
    return () => {
      this.#timers.delete(cancel);
      cancel();
    };
  }

  warn(message: string): void {
    this.options.around.platform.telemetry.signal({ name: "warning", message });
  }
}

import { BanyanError, asBanyanError } from "../error/index.ts";
import type {
  Clock,
  CursorMove,
  NewEntry,
  Scheduled,
  Store,
  StoreTransaction,
  Telemetry,
  Turn,
} from "../ports/index.ts";
import type { LaneCursor } from "./cursor.ts";
import { deferred, type Deferred } from "./deferred.ts";
import type { Limits } from "./limits.ts";
import { StallWatch } from "./stall-watch.ts";
import { fromStore } from "./store-trouble.ts";
import type { Emitted, Unit, UnitEffects } from "./unit.ts";

interface Waiting {
  readonly unit: Unit<unknown>;
  readonly done: Deferred<unknown>;
}

type Attempt =
  | { readonly outcome: "committed"; readonly effects: readonly UnitEffects<unknown>[] }
  | { readonly outcome: "culprit"; readonly index: number; readonly error: unknown }
  | { readonly outcome: "failed"; readonly error: unknown };

/** What entered logs in one commit, by context. */
export type Appended = ReadonlyMap<string, readonly NewEntry[]>;

export interface CommitterPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly turn: Turn;
  readonly telemetry: Telemetry;
}

/**
 * Runs units one by one and commits many of them together. Owns the store's only writing transaction.
 *
 * I1. A body runs alone from its first line to its last.
 * I2. Nobody is told anything before COMMIT has returned.
 * I3. A unit that fails changes nothing and holds nobody up: those before it in its batch are run again without it, those behind it with the next, and it is run again alone
 *     (unless it was the first), so that its error is its own. After a failed COMMIT nobody knows whose fault it was: each is run again alone.
 * I4. One cursor update per lane and commit; where it finds no row the lane has another owner, and the batch is rolled back.
 * I5. A batch opens at the next turn of the event loop, because only then has anything had time to arrive.
 */
export class Committer {
  readonly #ports: CommitterPorts;
  readonly #limits: Limits;
  readonly #onCommit: (appended: Appended, scheduled: boolean) => void;
  readonly #onFailed: (error: BanyanError) => void;
  readonly #onFlushed: (ms: number) => void;
  #queue: Waiting[] = [];
  readonly #trials: Waiting[] = [];
  #draining = false;
  #failure: BanyanError | undefined;

  constructor(
    ports: CommitterPorts,
    limits: Limits,
    on: {
      readonly commit: (appended: Appended, scheduled: boolean) => void;
      readonly failed: (error: BanyanError) => void;
      /** How long the store took to commit. */
      readonly flushed?: (ms: number) => void;
    },
  ) {
    this.#ports = ports;
    this.#limits = limits;
    this.#onCommit = on.commit;
    this.#onFailed = on.failed;
    this.#onFlushed = on.flushed ?? (() => {});
  }

  /** Units that wait for a batch, or to be tried out. */
  get queued(): number {
    return this.#queue.length + this.#trials.length;
  }

  /** Resolves with the unit's value once the disk has its effects; rejects once it is certain that nothing of it was kept. */
  submit<Value>(unit: Unit<Value>): Promise<Value> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const done = deferred<unknown>();
    this.#queue.push({ unit, done });
    if (!this.#draining) void this.#drain();
    return done.promise as Promise<Value>;
  }

  /** Runs a unit alone and keeps nothing of it: resolves with what it wanted kept once it is rolled back. Everybody who waits to commit goes first. */
  tryOut<Value>(unit: Unit<Value>): Promise<UnitEffects<Value>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const done = deferred<unknown>();
    this.#trials.push({ unit, done });
    if (!this.#draining) void this.#drain();
    return done.promise as Promise<UnitEffects<Value>>;
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    while (this.queued > 0) {
      await this.#ports.turn.next();
      if (this.#queue.length > 0) {
        await this.#commit(this.#take());
        if (this.#trials.length > 0) await this.#ports.turn.next();
      }
      const trial = this.#trials.shift();
      if (trial !== undefined) await this.#try(trial);
    }
    this.#draining = false;
  }

  async #try({ unit, done }: Waiting): Promise<void> {
    const watch = new StallWatch(this.#ports, this.#limits.unitLimitMs);
    try {
      const transaction = await this.#ports.store.begin();
      void watch.watch();
      const outcome = await unit.run(transaction, watch).finally(() => this.#rollBack(transaction));
      done.resolve(outcome);
    } catch (error) {
      done.reject(error);
    } finally {
      watch.close();
    }
  }

  #take(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { unit } of this.#queue) {
      if (count === this.#limits.batchUnits || (count > 0 && bytes + unit.bytes > this.#limits.batchBytes)) break;
      bytes += unit.bytes;
      count++;
    }
    return this.#queue.splice(0, count);
  }

  async #commit(together: Waiting[]): Promise<void> {
    const alone: Waiting[] = [];
    while (together.length > 0) {
      const attempt = await this.#attempt(together);
      if (attempt.outcome === "committed") {
        this.#queue.unshift(...together.slice(attempt.effects.length));
        break;
      }
      // What came after the culprit has not run: it is the next batch. So no body runs more than twice, however many fail.
      if (attempt.outcome === "culprit") this.#queue.unshift(...together.splice(attempt.index + 1));
      const aside = attempt.outcome === "culprit" ? together.splice(attempt.index) : together.splice(0);
      // What was first ran alone already: its error is its own.
      if (attempt.outcome === "culprit" && attempt.index === 0)
        for (const { done } of aside) done.reject(attempt.error);
      else alone.push(...aside);
      this.#tellRerun(together.length + alone.length, attempt.error);
      await this.#ports.turn.next();
    }
    for (const waiting of alone) await this.#commitAlone(waiting);
  }

  async #commitAlone(waiting: Waiting): Promise<void> {
    const attempt = await this.#attempt([waiting]);
    if (attempt.outcome !== "committed") waiting.done.reject(attempt.error);
  }

  #tellRerun(units: number, error: unknown): void {
    const { code } = asBanyanError(error, "a unit");
    if (units > 0) this.#ports.telemetry.signal({ name: "batch.rerun", units, code });
  }

  async #attempt(batch: readonly Waiting[]): Promise<Attempt> {
    if (this.#failure !== undefined) return { outcome: "failed", error: this.#failure };
    const { store, clock } = this.#ports;
    const began = clock.mono();
    let transaction: StoreTransaction;
    try {
      transaction = await store.begin();
    } catch (error) {
      return this.#failedBatch(error);
    }
    const watch = new StallWatch(this.#ports, this.#limits.unitLimitMs);
    void watch.watch();
    const effects: UnitEffects<unknown>[] = [];
    try {
      for (const [index, { unit }] of batch.entries()) {
        if (index > 0 && clock.mono() - began >= this.#limits.batchMs) break;
        try {
          effects.push(await unit.run(transaction, watch));
        } catch (error) {
          await this.#rollBack(transaction);
          return { outcome: "culprit", index, error };
        }
      }
    } finally {
      // A commit may take its time; only bodies may not.
      watch.close();
    }
    // Bodies and a flush in one go would make everybody else wait for both.
    if (clock.mono() - began >= this.#limits.batchMs / 2) await this.#ports.turn.next();
    return this.#conclude(transaction, batch, effects);
  }

  /** Appends, moves cursors, commits; then, and only then, adopts and tells (I2). */
  async #conclude(
    transaction: StoreTransaction,
    batch: readonly Waiting[],
    effects: readonly UnitEffects<unknown>[],
  ): Promise<Attempt> {
    const began = this.#ports.clock.mono();
    const { appends, scheduled } = groupAppends(batch, effects);
    const moves = groupMoves(effects);
    try {
      for (const [context, entries] of appends) await transaction.append(context, entries);
      for (const one of scheduled) await transaction.schedule(one);
      for (const { move } of moves) if (!(await transaction.settle(move))) throw fromStore(fencedError(move));
      const flushing = this.#ports.clock.mono();
      await transaction.commit();
      this.#onFlushed(this.#ports.clock.mono() - flushing);
    } catch (error) {
      await this.#rollBack(transaction);
      return this.#failedBatch(error);
    }
    for (const { cursor, move, settled } of moves) cursor.adopt(move, settled);
    effects.forEach((effect, i) => batch[i]?.done.resolve(effect.value));
    const entries = [...appends.values()].reduce((sum, list) => sum + list.length, 0);
    this.#ports.telemetry.signal({
      name: "batch.committed",
      units: effects.length,
      entries,
      ms: this.#ports.clock.mono() - began,
    });
    if (appends.size > 0 || scheduled.length > 0 || moves.length > 0) this.#onCommit(appends, scheduled.length > 0);
    return { outcome: "committed", effects };
  }

  /** A store that cannot roll back may have anything half done: it is not written to again. */
  async #rollBack(transaction: StoreTransaction): Promise<void> {
    try {
      await transaction.rollback();
    } catch (cause) {
      this.#fail(new BanyanError("store-failed", "The store could not roll back a transaction.", { cause }));
    }
  }

  #failedBatch(error: unknown): Attempt {
    const failure = asBanyanError(error, "a commit");
    if (LOST.has(failure.code)) this.#fail(failure);
    return { outcome: "failed", error: failure };
  }

  #fail(failure: BanyanError): void {
    if (this.#failure !== undefined) return;
    this.#failure = fromStore(failure);
    for (const { done } of [...this.#queue.splice(0), ...this.#trials.splice(0)]) done.reject(failure);
    this.#onFailed(failure);
  }
}

/** After these nothing can be written before the next start. */
const LOST: ReadonlySet<string> = new Set(["store-failed", "database-corrupt", "fenced"]);

interface LaneMove {
  readonly cursor: LaneCursor;
  readonly move: CursorMove;
  readonly settled: ReadonlySet<number>;
}

function groupMoves(effects: readonly UnitEffects<unknown>[]): readonly LaneMove[] {
  const settled = new Map<LaneCursor, Set<number>>();
  for (const { settles } of effects) {
    if (settles === undefined) continue;
    const positions = settled.get(settles.cursor) ?? new Set();
    if (settles.position !== undefined) positions.add(settles.position);
    for (const position of settles.positions ?? []) positions.add(position);
    settled.set(settles.cursor, positions);
  }
  return Array.from(settled, ([cursor, positions]) => ({ cursor, move: cursor.move(positions), settled: positions }));
}

function groupAppends(
  batch: readonly Waiting[],
  effects: readonly UnitEffects<unknown>[],
): { readonly appends: ReadonlyMap<string, readonly NewEntry[]>; readonly scheduled: readonly Scheduled[] } {
  const appends = new Map<string, NewEntry[]>();
  const scheduled: Scheduled[] = [];
  effects.forEach(({ emitted }, i) => {
    const context = batch[i]?.unit.context ?? "";
    for (const one of emitted) {
      if (one.due !== undefined) scheduled.push(scheduledOf(context, one));
      else if (appends.get(context)?.push(one) === undefined) appends.set(context, [one]);
    }
  });
  return { appends, scheduled };
}

function scheduledOf(context: string, { due = 0, ...entry }: Emitted): Scheduled {
  return { context, due, entry };
}

function fencedError(move: CursorMove): BanyanError {
  return new BanyanError(
    "fenced",
    `The cursor of "${move.subscription}" on "${move.source}" has another owner; this process must not go on.`,
  );
}

import {
  BanyanError,
  type Store,
  type StoreFeatures,
  type StorePlan,
  type StoreState,
  type StoreTransaction,
} from "@banyan/core";
import type { Life } from "./life.ts";
import type { Scheduler } from "./scheduler.ts";
import { Testimony } from "./testimony.ts";
import type { Look, Witness } from "./witness.ts";

/** The right to write, while a transaction is open. */
export interface Hold {
  readonly life: Life;
  readonly transaction: StoreTransaction;
  /** Takes back what was to happen if that life ended. */
  readonly forget: () => void;
}

/**
 * The store of a run, as the processes of a run share it: at most one of them writes at a time, as a database with one writer would have it.
 * Whoever opens it last owns it; what an earlier owner had not committed is rolled back, and that owner hears of a lost connection.
 */
export class Volume {
  readonly features: StoreFeatures;
  readonly #make: () => Store;
  readonly #scheduler: Scheduler;
  readonly #witness: Witness;
  #store: Store | undefined;
  #owner: Life | undefined;
  #hold: Hold | undefined;
  #waiting: (() => void)[] = [];
  #fullUntilMs = 0;

  constructor(make: () => Store, scheduler: Scheduler, witness: Witness) {
    this.features = make().features;
    this.#make = make;
    this.#scheduler = scheduler;
    this.#witness = witness;
  }

  get store(): Store {
    if (this.#store === undefined) throw new BanyanError("internal", "No process has opened the store yet.");
    return this.#store;
  }

  async open(plan: StorePlan, life: Life): Promise<StoreState> {
    const store = this.#make();
    const state = await store.open(plan);
    this.#store = store;
    this.#owner = life;
    this.#release();
    return state;
  }

  async begin(life: Life): Promise<Hold> {
    while (this.#hold !== undefined) {
      await new Promise<void>((free) => this.#waiting.push(free));
      await this.#scheduler.point(life, "writer free");
    }
    await this.#witness.read(this.store);
    const transaction = await this.store.begin();
    if (!life.alive) {
      await transaction.rollback();
      return new Promise(() => {});
    }
    const hold: Hold = { life, transaction, forget: life.onEnd(() => this.#abandon(hold)) };
    this.#hold = hold;
    return hold;
  }

  /** Somebody looks at the schedule of a context now. */
  look(): Look {
    return { at: this.#witness.next(), ms: this.#scheduler.ms };
  }

  testimony(process: Life, looks: ReadonlyMap<string, Look>): Testimony {
    return new Testimony(this.#witness, { scheduler: this.#scheduler, process: process.name, looks });
  }

  /** Whether the transaction is still open in the store. */
  holds(hold: Hold): boolean {
    return this.#hold === hold;
  }

  /** The disk has no room for this long. */
  fill(ms: number): void {
    this.#fullUntilMs = this.#scheduler.ms + ms;
  }

  get full(): boolean {
    return this.#scheduler.ms < this.#fullUntilMs;
  }

  end(hold: Hold): void {
    if (this.holds(hold)) this.#release();
  }

  /** What a dead owner left open is for the next `open` to undo; another process that dies loses its connection, which rolls back. */
  #abandon(hold: Hold): void {
    if (!this.holds(hold) || hold.life === this.#owner) return;
    void hold.transaction.rollback();
    this.#release();
  }

  /** Only its owner can close it. */
  async close(life: Life): Promise<void> {
    if (life === this.#owner) await this.store.close();
  }

  #release(): void {
    this.#hold?.forget();
    this.#hold = undefined;
    for (const free of this.#waiting.splice(0)) free();
  }
}

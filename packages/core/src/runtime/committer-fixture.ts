import type { BanyanError } from "../error/index.ts";
import type { NewEntry, Store, TablesHandle } from "../ports/index.ts";
import { Committer } from "./committer.ts";
import type { ByHand } from "./fixture.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import type { Unit, UnitEffects } from "./unit.ts";

type Body = (tables: TablesHandle) => Promise<unknown>;

export interface UnitOptions {
  /** What it does besides being there; it writes its name into the table `done` otherwise. */
  readonly body?: Body;
  readonly bytes?: number;
  /** The id of the event it emits. */
  readonly emits?: string;
  readonly settles?: NonNullable<UnitEffects<unknown>["settles"]>;
}

/** A committer for tests, and what its units did, in order. */
export class CommitterWorld {
  readonly bodies: string[] = [];
  readonly failures: BanyanError[] = [];
  readonly woken: string[][] = [];
  readonly committer: Committer;
  readonly #store: Store;
  readonly #hand: ByHand;

  private constructor(store: Store, hand: ByHand, limits: Partial<Limits>) {
    this.#store = store;
    this.#hand = hand;
    const { clock, turn, telemetry } = hand;
    this.committer = new Committer(
      { store, clock, turn, telemetry },
      { ...DEFAULT_LIMITS, ...limits },
      {
        commit: (appended) => void this.woken.push([...appended.keys()]),
        failed: (error) => void this.failures.push(error),
      },
    );
  }

  static async open(store: Store, hand: ByHand, limits: Partial<Limits> = {}): Promise<CommitterWorld> {
    const contexts = [{ name: "orders", prefix: "orders_", migrations: [] }];
    await store.open({ contexts, now: () => hand.wall, newId: () => "incarnation" });
    return new CommitterWorld(store, hand, limits);
  }

  submit(name: string, options?: UnitOptions): Promise<string> {
    const done = this.committer.submit(this.#unit(name, options));
    done.catch(() => {});
    return done;
  }

  /** Tried out, and not kept. */
  tryOut(name: string, options?: UnitOptions): Promise<string> {
    const done = this.committer.tryOut(this.#unit(name, options)).then((effects) => effects.value);
    done.catch(() => {});
    return done;
  }

  /** The outcomes of all, in order: the value, or the code or message of the error. */
  async outcomes(...work: readonly Promise<string>[]): Promise<string[]> {
    await this.#hand.settle();
    const all = await Promise.allSettled(work);
    return all.map((one) => (one.status === "fulfilled" ? one.value : String(one.reason.code ?? one.reason.message)));
  }

  /** The names of the units whose writes were kept. */
  async kept(): Promise<string[]> {
    const session = await this.#store.session("orders");
    const rows = await (session.raw as TablesHandle).table("done").entries();
    await session.end();
    return rows.map(([name]) => name);
  }

  /** How many units each commit had. */
  get commits(): number[] {
    return this.#hand.said("batch.committed").map((signal) => signal.units);
  }

  #unit(name: string, options: UnitOptions = {}): Unit<string> {
    const { body = (tables) => tables.table("done").set(name, true), bytes = 1, emits, settles } = options;
    return {
      name,
      context: "orders",
      bytes,
      run: async (transaction, watch) => {
        this.bodies.push(name);
        const handle = transaction.unit("orders", name);
        await watch.until(name, handle, body(handle.raw as TablesHandle));
        const emitted = emits === undefined ? [] : [entry(emits)];
        return { value: `${name} done`, emitted, ...(settles === undefined ? {} : { settles }) };
      },
    };
  }
}

function entry(id: string): NewEntry {
  const flow = { tenant: "", principal: "p", correlation: "c", causation: "c", traceparent: undefined };
  return { ...flow, id, type: "orders.placed", version: 1, key: id, slot: 0, at: 0, form: "json", body: "{}" };
}

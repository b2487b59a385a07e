import { setImmediate as drained } from "node:timers/promises";
import { memory } from "@banyan/core";
import { describe, expect, test } from "vitest";
import type { BanyanError } from "../error/index.ts";
import type { Cursor, NewEntry, Store, StoreTransaction, TablesHandle } from "../ports/index.ts";
import { Committer } from "./committer.ts";
import { LaneCursor } from "./cursor.ts";
import { deferred } from "./deferred.ts";
import { faulty } from "./faults.ts";
import { ByHand } from "./fixture.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import { over } from "./over.ts";
import type { Unit } from "./unit.ts";

type Body = (tables: TablesHandle) => Promise<unknown>;

/** A committer over a store in memory, and what its units did, in order. */
class World {
  readonly hand = new ByHand(drained);
  readonly bodies: string[] = [];
  readonly failures: BanyanError[] = [];
  readonly woken: string[][] = [];
  readonly store: Store;
  readonly committer: Committer;

  private constructor(limits: Partial<Limits>, wrap: (store: Store, hand: ByHand) => Store) {
    this.store = wrap(memory(), this.hand);
    const ports = { store: this.store, clock: this.hand.clock, turn: this.hand.turn, telemetry: this.hand.telemetry };
    this.committer = new Committer(
      ports,
      { ...DEFAULT_LIMITS, ...limits },
      {
        commit: (contexts) => void this.woken.push([...contexts]),
        failed: (error) => void this.failures.push(error),
      },
    );
  }

  static async open(
    limits: Partial<Limits> = {},
    wrap: (store: Store, hand: ByHand) => Store = (store) => store,
  ): Promise<World> {
    const world = new World(limits, wrap);
    const contexts = [{ name: "orders", prefix: "orders_", migrations: [] }];
    await world.store.open({ contexts, now: () => world.hand.wall, newId: () => "incarnation" });
    return world;
  }

  unit(
    name: string,
    more: { body?: Body; bytes?: number; emits?: string; settles?: Cursor; position?: number } = {},
  ): Unit<string> {
    const { body = (tables) => tables.table("done").set(name, true), bytes = 1, emits, settles, position } = more;
    const cursor = settles && new LaneCursor(settles);
    return {
      name,
      context: "orders",
      bytes,
      run: async (transaction, watch) => {
        this.bodies.push(name);
        const handle = transaction.unit("orders", name);
        await watch.until(name, handle, body(handle.raw as TablesHandle));
        const emitted = emits === undefined ? [] : [entry(emits)];
        const done = { value: `${name} done`, emitted };
        return cursor === undefined
          ? done
          : { ...done, settles: { cursor, ...(position === undefined ? {} : { position }) } };
      },
    };
  }

  submit(name: string, more?: Parameters<World["unit"]>[1]): Promise<string> {
    const done = this.committer.submit(this.unit(name, more));
    done.catch(() => {});
    return done;
  }

  /** The outcomes of all: the value, or the code or message of the error. */
  async outcomes(...work: readonly Promise<string>[]): Promise<string[]> {
    await this.hand.settle();
    const all = await Promise.allSettled(work);
    return all.map((one) => (one.status === "fulfilled" ? one.value : String(one.reason.code ?? one.reason.message)));
  }

  /** The names of the units whose writes were kept. */
  async kept(): Promise<string[]> {
    const session = await this.store.session("orders");
    const rows = await (session.raw as TablesHandle).table("done").entries();
    await session.end();
    return rows.map(([name]) => name);
  }

  /** How many units each commit had. */
  get commits(): number[] {
    return this.hand.said("batch.committed").map((signal) => signal.units);
  }
}

function entry(id: string): NewEntry {
  const flow = { tenant: "", principal: "p", correlation: "c", causation: "c", traceparent: undefined };
  return { ...flow, id, type: "orders.placed", version: 1, key: id, slot: 0, at: 0, form: "json", body: "{}" };
}

const fails =
  (message: string): Body =>
  async (tables) => {
    await tables.table("done").set("failing", true);
    throw new Error(message);
  };

describe("many units, one commit", () => {
  test("what arrives before the next turn shares a commit, in the order it was submitted", async () => {
    const world = await World.open();
    const work = ["a", "b", "c"].map((name) => world.submit(name));
    await Promise.resolve();
    work.push(world.submit("d"));
    expect(world.bodies).toEqual([]);
    expect(await world.outcomes(...work)).toEqual(["a done", "b done", "c done", "d done"]);
    expect(world.bodies).toEqual(["a", "b", "c", "d"]);
    expect(world.commits).toEqual([4]);
    expect(await world.kept()).toEqual(["a", "b", "c", "d"]);
  });

  test("nobody is told anything before the commit has returned", async () => {
    const commit = deferred<void>();
    const slow = (store: Store): Store =>
      over(store, { begin: async () => waiting(await store.begin(), commit.promise) });
    const world = await World.open({}, slow);
    const [good, bad] = [world.submit("good", { emits: "e" }), world.submit("bad", { body: fails("no") })];
    expect(await world.hand.outcome(good)).toBe("pending");
    expect(world.woken).toEqual([]);
    commit.resolve();
    expect(await world.outcomes(good, bad)).toEqual(["good done", "no"]);
    expect(world.woken).toEqual([["orders"]]);
  });

  test("events enter the log in the order of the units", async () => {
    const world = await World.open();
    await world.outcomes(...["a", "b", "c"].map((name) => world.submit(name, { emits: name })));
    const { entries } = await world.store.fetch({ source: "orders", after: 0, limit: 9, types: ["orders.placed"] });
    expect(entries.map(({ id, position }) => [id, position])).toEqual([
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ]);
  });

  test("a commit without events wakes nobody", async () => {
    const world = await World.open();
    await world.outcomes(world.submit("a"));
    expect(world.woken).toEqual([]);
  });
});

describe("a batch closes", () => {
  test("at so many units", async () => {
    const world = await World.open({ batchUnits: 2 });
    await world.outcomes(...["a", "b", "c", "d", "e"].map((name) => world.submit(name)));
    expect(world.commits).toEqual([2, 2, 1]);
    expect(world.bodies).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("at so many bytes, but never without a unit", async () => {
    const world = await World.open({ batchBytes: 10 });
    await world.outcomes(...[4, 6, 1, 99, 1].map((bytes, i) => world.submit(`${i}`, { bytes })));
    expect(world.commits).toEqual([2, 1, 1, 1]);
  });

  test("so long after it began; the rest goes on in the next, still in order", async () => {
    const world = await World.open({ batchMs: 4 });
    const body = async (): Promise<void> => world.hand.elapse(2);
    await world.outcomes(...["a", "b", "c", "d", "e"].map((name) => world.submit(name, { body })));
    expect(world.commits).toEqual([2, 2, 1]);
    expect(world.bodies).toEqual(["a", "b", "c", "d", "e"]);
  });
});

describe("a unit that fails", () => {
  test("changes nothing and holds nobody up; its error is its own", async () => {
    const world = await World.open();
    const work = [world.submit("a"), world.submit("bad", { body: fails("its own") }), world.submit("c")];
    expect(await world.outcomes(...work)).toEqual(["a done", "its own", "c done"]);
    expect(await world.kept()).toEqual(["a", "c"]);
    expect(world.commits).toEqual([2]);
    expect(world.bodies).toEqual(["a", "bad", "a", "c", "bad"]);
  });

  test("only because of what ran before it is given its chance alone", async () => {
    const world = await World.open();
    const shy: Body = async (tables) => {
      if ((await tables.table("done").get("a")) !== undefined) throw new Error("not beside a");
    };
    const seen = [
      world.submit("a", { body: (tables) => tables.table("done").set("a", true) }),
      world.submit("shy", { body: shy }),
    ];
    // "a" is committed first, so alone it fails again, and this time by itself.
    expect(await world.outcomes(...seen)).toEqual(["a done", "not beside a"]);
  });

  test("is not run again where it had been first: nothing ran before it", async () => {
    const world = await World.open();
    const work = [world.submit("bad", { body: fails("first") }), world.submit("b"), world.submit("c")];
    expect(await world.outcomes(...work)).toEqual(["first", "b done", "c done"]);
    expect(world.bodies).toEqual(["bad", "b", "c"]);
  });

  test("among several that fail has each with its own error", async () => {
    const world = await World.open();
    const bad = (name: string): Promise<string> => world.submit(name, { body: fails(name) });
    expect(await world.outcomes(bad("1"), world.submit("a"), bad("2"), bad("3"), world.submit("b"))).toEqual([
      "1",
      "a done",
      "2",
      "3",
      "b done",
    ]);
    expect(await world.kept()).toEqual(["a", "b"]);
  });
});

test("after a commit that failed each unit runs again alone, and only one that fails again is told", async () => {
  const always = { commitFails: 1, reorders: 0, delays: 0 };
  const world = await World.open({}, (store, hand) => faulty(store, hand, always));
  // Every other commit fails: of the batch, then alone "a" commits, "b" does not, "c" does.
  const work = ["a", "b", "c"].map((name) => world.submit(name, { emits: name }));
  expect(await world.outcomes(...work)).toEqual(["a done", "fault-injected", "c done"]);
  expect(await world.kept()).toEqual(["a", "c"]);
  expect(world.bodies).toEqual(["a", "b", "c", "a", "b", "c"]);
  expect(world.hand.said("batch.rerun")).toMatchObject([{ units: 3, code: "fault-injected" }]);
  expect(world.failures).toEqual([]);
});

function waiting(transaction: StoreTransaction, until: Promise<void>): StoreTransaction {
  return over(transaction, {
    commit: async () => {
      await until;
      await transaction.commit();
    },
  });
}

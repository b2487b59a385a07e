import { setImmediate as drained } from "node:timers/promises";
import { memory } from "@banyan/core";
import { describe, expect, test } from "vitest";
import type { Store, StoreTransaction } from "../ports/index.ts";
import { CommitterWorld, type UnitOptions } from "./committer-fixture.ts";
import { deferred } from "./deferred.ts";
import { faulty } from "./faults.ts";
import { ByHand } from "./fixture.ts";
import type { Limits } from "./limits.ts";
import { over } from "./over.ts";

/** A world over a store in memory; `hand` moves it. */
async function opened(limits?: Partial<Limits>, wrap = (store: Store, _hand: ByHand): Store => store) {
  const hand = new ByHand(drained);
  const store = wrap(memory(), hand);
  return Object.assign(await CommitterWorld.open(store, hand, limits), { hand, store });
}

const fails =
  (message: string): NonNullable<UnitOptions["body"]> =>
  async (tables) => {
    await tables.table("done").set("failing", true);
    throw new Error(message);
  };

describe("many units, one commit", () => {
  test("what arrives before the next turn shares a commit, in the order it was submitted", async () => {
    const world = await opened();
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
    const world = await opened({}, slow);
    const [good, bad] = [world.submit("good", { emits: "e" }), world.submit("bad", { body: fails("no") })];
    expect(await world.hand.outcome(good)).toBe("pending");
    expect(world.woken).toEqual([]);
    commit.resolve();
    expect(await world.outcomes(good, bad)).toEqual(["good done", "no"]);
    expect(world.woken).toEqual([["orders"]]);
  });

  test("events enter the log in the order of the units", async () => {
    const world = await opened();
    await world.outcomes(...["a", "b", "c"].map((name) => world.submit(name, { emits: name })));
    const { entries } = await world.store.fetch({ source: "orders", after: 0, limit: 9, types: ["orders.placed"] });
    expect(entries.map(({ id, position }) => [id, position])).toEqual([
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ]);
  });

  test("a commit without events wakes nobody", async () => {
    const world = await opened();
    await world.outcomes(world.submit("a"));
    expect(world.woken).toEqual([]);
  });
});

describe("a batch closes", () => {
  test("at so many units", async () => {
    const world = await opened({ batchUnits: 2 });
    await world.outcomes(...["a", "b", "c", "d", "e"].map((name) => world.submit(name)));
    expect(world.commits).toEqual([2, 2, 1]);
    expect(world.bodies).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("at so many bytes, but never without a unit", async () => {
    const world = await opened({ batchBytes: 10 });
    await world.outcomes(...[4, 6, 1, 99, 1].map((bytes, i) => world.submit(`${i}`, { bytes })));
    expect(world.commits).toEqual([2, 1, 1, 1]);
  });

  test("so long after it began; the rest goes on in the next, still in order", async () => {
    const world = await opened({ batchMs: 4 });
    const body = async (): Promise<void> => world.hand.elapse(2);
    await world.outcomes(...["a", "b", "c", "d", "e"].map((name) => world.submit(name, { body })));
    expect(world.commits).toEqual([2, 2, 1]);
    expect(world.bodies).toEqual(["a", "b", "c", "d", "e"]);
  });
});

describe("a unit that fails", () => {
  test("changes nothing and holds nobody up; its error is its own", async () => {
    const world = await opened();
    const work = [world.submit("a"), world.submit("bad", { body: fails("its own") }), world.submit("c")];
    expect(await world.outcomes(...work)).toEqual(["a done", "its own", "c done"]);
    expect(await world.kept()).toEqual(["a", "c"]);
    expect(world.commits).toEqual([1, 1]);
    expect(world.bodies).toEqual(["a", "bad", "a", "bad", "c"]);
  });

  test("only because of what ran before it is given its chance alone", async () => {
    const world = await opened();
    const shy: UnitOptions["body"] = async (tables) => {
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
    const world = await opened();
    const work = [world.submit("bad", { body: fails("first") }), world.submit("b"), world.submit("c")];
    expect(await world.outcomes(...work)).toEqual(["first", "b done", "c done"]);
    expect(world.bodies).toEqual(["bad", "b", "c"]);
  });

  test("among several that fail has each with its own error", async () => {
    const world = await opened();
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
  const world = await opened({}, (store, hand) => faulty(store, hand, always));
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

describe("units that are tried out", () => {
  test("run alone, after all who wait to commit, and nothing of them is kept", async () => {
    const world = await opened();
    const work = [
      world.tryOut("try 1", { emits: "e" }),
      world.tryOut("try 2", { body: fails("no") }),
      world.tryOut("try 3"),
    ];
    work.push(world.submit("a"), world.submit("b"));
    await world.hand.oneTurn();
    work.push(world.submit("c"));
    expect(await world.outcomes(...work)).toEqual(["try 1 done", "no", "try 3 done", "a done", "b done", "c done"]);
    expect(world.bodies).toEqual(["a", "b", "try 1", "c", "try 2", "try 3"]);
    expect(world.commits).toEqual([2, 1]);
    expect(await world.kept()).toEqual(["a", "b", "c"]);
    expect(world.woken).toEqual([]);
    expect(world.committer.queued).toBe(0);
  });

  test("are told when the store has failed", async () => {
    const lost = (store: Store): Store =>
      over(store, {
        begin: async () =>
          over(await store.begin(), {
            rollback: async () => {
              throw new Error("the disk is gone");
            },
          }),
      });
    const world = await opened({}, lost);
    expect(await world.outcomes(world.tryOut("try 1"), world.tryOut("try 2"))).toEqual(["try 1 done", "store-failed"]);
    expect(await world.outcomes(world.tryOut("try 3"), world.submit("a"))).toEqual(["store-failed", "store-failed"]);
    expect(world.failures.map(({ code }) => code)).toEqual(["store-failed"]);
  });
});

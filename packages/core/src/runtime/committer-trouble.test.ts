import { setImmediate as drained } from "node:timers/promises";
import { memory } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { BanyanError } from "../error/index.ts";
import type { Cursor, Store, StoreTransaction } from "../ports/index.ts";
import { CommitterWorld } from "./committer-fixture.ts";
import { LaneCursor } from "./cursor.ts";
import { deferred } from "./deferred.ts";
import { ByHand } from "./fixture.ts";
import { over } from "./over.ts";

/** The memory store with some methods of its transactions replaced. */
function troubled(change: (transaction: StoreTransaction) => Partial<StoreTransaction>): Store {
  const store = memory();
  return over(store, {
    begin: async () => {
      const transaction = await store.begin();
      return over(transaction, change(transaction));
    },
  });
}

async function claimed(store: Store): Promise<Cursor> {
  const transaction = await store.begin();
  const cursor = await transaction.claim({ subscription: "orders.note", source: "orders", lane: "0-255" }, "start");
  await transaction.commit();
  return cursor;
}

describe("a store that cannot go on", () => {
  test("after a commit whose outcome nobody knows, everything is refused until the next start", async () => {
    const hand = new ByHand(drained);
    const store = troubled(() => ({
      commit: () => Promise.reject(new BanyanError("store-failed", "The disk is gone.")),
    }));
    const world = await CommitterWorld.open(store, hand, { batchUnits: 2 });
    const work = ["a", "b", "waiting"].map((name) => world.submit(name));
    expect(await world.outcomes(...work)).toEqual(["store-failed", "store-failed", "store-failed"]);
    expect(world.failures).toMatchObject([{ code: "store-failed", message: "The disk is gone." }]);
    expect(await world.outcomes(world.submit("later"))).toEqual(["store-failed"]);
    expect(world.bodies).toEqual(["a", "b"]);
  });

  test("when its lane has another owner, nothing of the batch is kept and everything is refused", async () => {
    const hand = new ByHand(drained);
    const store = memory();
    const world = await CommitterWorld.open(store, hand);
    const mine = new LaneCursor(await claimed(store));
    mine.fetched([1], 1);
    await claimed(store);
    const work = [world.submit("a"), world.submit("b", { settles: { cursor: mine, position: 1 } })];
    expect(await world.outcomes(...work)).toEqual(["fenced", "fenced"]);
    expect(await world.kept()).toEqual([]);
    expect(mine.place).toMatchObject({ pos: 0, fence: 1 });
    expect(world.failures).toMatchObject([{ code: "fenced" }]);
  });

  test("a unit that settles no entry commits only while its lane is still ours", async () => {
    const hand = new ByHand(drained);
    const store = memory();
    const world = await CommitterWorld.open(store, hand);
    const mine = new LaneCursor(await claimed(store));
    expect(await world.outcomes(world.submit("a", { settles: { cursor: mine } }))).toEqual(["a done"]);
    await claimed(store);
    expect(await world.outcomes(world.submit("b", { settles: { cursor: mine } }))).toEqual(["fenced"]);
    expect(await world.kept()).toEqual(["a"]);
  });

  test("when it cannot even roll back, everything is refused and nobody waits for ever", async () => {
    const hand = new ByHand(drained);
    const store = troubled(() => ({ rollback: () => Promise.reject(new Error("The connection is gone.")) }));
    const world = await CommitterWorld.open(store, hand);
    const failing = world.submit("a", { body: () => Promise.reject(new Error("its own")) });
    const beside = world.submit("b");
    expect(await hand.outcome(Promise.allSettled([failing, beside]))).not.toBe("pending");
    expect(await world.outcomes(failing, beside, world.submit("later"))).toEqual([
      "its own",
      "store-failed",
      "store-failed",
    ]);
    expect(world.failures).toMatchObject([{ code: "store-failed" }]);
  });

  test("when it gives no transaction, each unit is told, and the next may succeed", async () => {
    const hand = new ByHand(drained);
    const store = memory();
    let busy = true;
    const begin = async (): Promise<StoreTransaction> => {
      if (busy) throw new Error("busy");
      return store.begin();
    };
    const world = await CommitterWorld.open(over(store, { begin }), hand);
    expect(await world.outcomes(world.submit("a"), world.submit("b"))).toEqual(["handler-failed", "handler-failed"]);
    busy = false;
    expect(await world.outcomes(world.submit("c"))).toEqual(["c done"]);
    expect(world.failures).toEqual([]);
  });
});

describe("a lane's cursor", () => {
  test("moves once per commit, for all that was settled, and is adopted only then", async () => {
    const hand = new ByHand(drained);
    const moves: unknown[] = [];
    const store = troubled((transaction) => ({
      settle: (move) => {
        moves.push(move);
        return transaction.settle(move);
      },
    }));
    const world = await CommitterWorld.open(store, hand);
    const cursor = new LaneCursor(await claimed(store));
    cursor.fetched([1, 2, 3], 3);
    const settle = (position: number): Promise<string> =>
      world.submit(`${position}`, { settles: { cursor, position } });
    await world.outcomes(settle(1), settle(3));
    expect(moves).toMatchObject([{ pos: 3, open: [2], fence: 1 }]);
    expect(cursor.place).toMatchObject({ pos: 3, open: [2] });
    await world.outcomes(settle(2));
    expect(cursor.place).toMatchObject({ pos: 3, open: [] });
  });
});

describe("a body that waits for something that is not its transaction", () => {
  const never = (): Promise<void> => deferred<void>().promise;

  test("fails in development, by name, and only it", async () => {
    const hand = new ByHand(drained);
    const world = await CommitterWorld.open(memory(), hand, { unitLimitMs: 0 });
    const work = [world.submit("a"), world.submit("waits", { body: never }), world.submit("c")];
    expect(await world.outcomes(...work)).toEqual(["a done", "unit-stalled", "c done"]);
    await expect(work[1]).rejects.toThrow('The body of "waits" waits for something that is not its transaction');
    expect(await world.kept()).toEqual(["a", "c"]);
  });

  test("is given its limit in production, then rolled back", async () => {
    const hand = new ByHand(drained);
    const world = await CommitterWorld.open(memory(), hand, { unitLimitMs: 250 });
    const [waits, beside] = [world.submit("waits", { body: never }), world.submit("beside")];
    await hand.pass(249);
    expect(await hand.outcome(waits)).toBe("pending");
    await hand.pass(1);
    expect(await world.outcomes(waits, beside)).toEqual(["unit-stalled", "beside done"]);
  });

  test("is given that limit for all its waits together, whatever statements lie between them", async () => {
    const hand = new ByHand(drained);
    const world = await CommitterWorld.open(memory(), hand, { unitLimitMs: 250 });
    const waits = world.submit("waits", {
      body: async (tables) => {
        for (let i = 0; i < 25; i++) {
          await new Promise<void>((go) => hand.clock.after(100, go));
          await tables.table("done").set(`${i}`, i);
        }
      },
    });
    for (let i = 0; i < 30; i++) await hand.pass(10);
    expect(await world.outcomes(waits)).toEqual(["unit-stalled"]);
  });

  test("and ends in time is left alone", async () => {
    const hand = new ByHand(drained);
    const world = await CommitterWorld.open(memory(), hand, { unitLimitMs: 250 });
    const gate = deferred<void>();
    const waits = world.submit("waits", { body: () => gate.promise });
    await hand.pass(200);
    gate.resolve();
    expect(await world.outcomes(waits)).toEqual(["waits done"]);
    await hand.pass(1_000);
    expect(hand.timers).toBe(0);
  });

  test("is no such body while its statements go on", async () => {
    const hand = new ByHand(drained);
    const world = await CommitterWorld.open(memory(), hand, { unitLimitMs: 0 });
    const busy = world.submit("busy", {
      body: async (tables) => {
        for (let i = 0; i < 10; i++) {
          await hand.turn.next();
          await tables.table("done").set(`${i}`, i);
        }
      },
    });
    expect(await world.outcomes(busy)).toEqual(["busy done"]);
  });
});

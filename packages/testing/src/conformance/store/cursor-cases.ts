import assert from "node:assert/strict";
import type { Cursor } from "@banyan/core";
import type { StoreCase } from "./case.ts";
import { CURSOR, entry, type StoreWorld } from "./world.ts";

const claim = (world: StoreWorld, from: "start" | "now", name = CURSOR): Promise<Cursor> =>
  world.commit((transaction) => transaction.claim(name, from));

async function cursors(world: StoreWorld): Promise<readonly Cursor[]> {
  await world.crash();
  return world.state.cursors;
}

export const CURSOR_CASES: readonly StoreCase[] = [
  {
    promise: "a cursor is created at the start or at the end of the log, with the log's identity",
    async run(world) {
      await world.append(entry(), entry());
      const start = await claim(world, "start");
      const incarnation = world.state.incarnations.get("orders");
      assert.deepEqual(
        { ...start },
        { ...CURSOR, incarnation, pos: 0, open: [], fence: 1, firstName: CURSOR.subscription },
      );
      const now = await claim(world, "now", { ...CURSOR, subscription: "billing.other" });
      assert.deepEqual([now.pos, now.fence], [2, 1]);
    },
  },
  {
    promise:
      "a reader that starts at the end misses nothing that comes, although something was rolled back just before",
    async run(world) {
      await world.append(entry({ id: "a" }));
      const rolledBack = await world.store.begin();
      await rolledBack.append("orders", [entry(), entry()]);
      await rolledBack.rollback();
      const { pos } = await claim(world, "now");
      await world.append(entry({ id: "b" }));
      const fetched = await world.store.fetch({ source: "orders", after: pos, limit: 10, types: ["orders.placed"] });
      assert.deepEqual(
        fetched.entries.map(({ id }) => id),
        ["b"],
      );
    },
  },
  {
    promise: "claiming again keeps the place and raises the fence",
    async run(world) {
      const first = await claim(world, "start");
      await world.commit((transaction) => transaction.settle({ ...CURSOR, fence: first.fence, pos: 9, open: [3, 7] }));
      const second = await claim(world, "now");
      assert.deepEqual([second.pos, second.open, second.incarnation], [9, [3, 7], first.incarnation]);
      assert(second.fence > first.fence, "the fence rises");
      await world.crash();
      const third = await claim(world, "start");
      assert(third.fence > second.fence, "the fence rises after a restart");
      assert.deepEqual([third.pos, third.open], [9, [3, 7]]);
    },
  },
  {
    promise: "a cursor moves where its fence holds",
    async run(world) {
      const { fence } = await claim(world, "start");
      const moved = await world.commit((transaction) => transaction.settle({ ...CURSOR, fence, pos: 4, open: [1, 2] }));
      assert.equal(moved, true);
      const again = await world.commit((transaction) => transaction.settle({ ...CURSOR, fence, pos: 4, open: [] }));
      assert.equal(again, true, "moving to the same place still proves the fence");
      const [cursor] = await cursors(world);
      assert.deepEqual([cursor?.pos, cursor?.open, cursor?.fence], [4, [], fence]);
    },
  },
  {
    promise: "under an older fence, or without a cursor, nothing moves and the answer is false",
    async run(world) {
      const stale = await claim(world, "start");
      const fresh = await claim(world, "start");
      const settle = (fence: number, lane: string): Promise<boolean> =>
        world.commit((transaction) => transaction.settle({ ...CURSOR, lane, fence, pos: 8, open: [] }));
      assert.equal(await settle(stale.fence, CURSOR.lane), false);
      assert.equal(await settle(fresh.fence + 1, CURSOR.lane), false);
      assert.equal(await settle(fresh.fence, "0-7"), false);
      const found = await cursors(world);
      assert.deepEqual(
        found.map(({ pos, lane }) => [pos, lane]),
        [[0, CURSOR.lane]],
      );
    },
  },
  {
    promise: "a claim that is rolled back did not raise the fence",
    async run(world) {
      const { fence } = await claim(world, "start");
      const transaction = await world.store.begin();
      await transaction.claim(CURSOR, "start");
      await transaction.rollback();
      assert.equal(await world.commit((after) => after.settle({ ...CURSOR, fence, pos: 1, open: [] })), true);
    },
  },
  {
    promise: "a move that is rolled back leaves the cursor where it was",
    async run(world) {
      const { fence } = await claim(world, "start");
      const transaction = await world.store.begin();
      await transaction.settle({ ...CURSOR, fence, pos: 7, open: [1] });
      await transaction.rollback();
      const [cursor] = await cursors(world);
      assert.deepEqual([cursor?.pos, cursor?.open], [0, []]);
    },
  },
  {
    promise: "subscription, source and lane name a cursor together",
    async run(world) {
      const names = [
        CURSOR,
        { ...CURSOR, lane: "0-7" },
        { ...CURSOR, source: "billing" },
        { ...CURSOR, subscription: "billing.b" },
      ];
      for (const name of names) await claim(world, "start", name);
      await world.commit((transaction) => transaction.settle({ ...CURSOR, fence: 1, pos: 5, open: [] }));
      const found = await cursors(world);
      const at5 = found.filter(({ pos }) => pos === 5);
      assert.deepEqual([found.length, at5.length, at5[0]?.lane, at5[0]?.source], [4, 1, CURSOR.lane, CURSOR.source]);
    },
  },
];

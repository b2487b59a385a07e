import assert from "node:assert/strict";
import type { Cursor } from "@banyan/core";
import type { StoreCase } from "./case.ts";
import { CURSOR, entry, NOON, parked, type StoreWorld } from "./world.ts";

const BESIDE = { ...CURSOR, subscription: "billing.charge-too" };

/** A subscription that has come some way, with parked entries, another one beside it, and one entry more in the log than it has settled. */
async function grown(world: StoreWorld): Promise<Cursor> {
  await world.append(entry(), entry(), entry());
  return world.commit(async (transaction) => {
    await transaction.claim(BESIDE, "start");
    await transaction.settle({ ...BESIDE, fence: 1, pos: 2, open: [] });
    await transaction.park(parked({ position: 1 }));
    await transaction.park(parked({ position: 2, state: "waiting" }));
    await transaction.park(parked({ position: 1, source: "billing" }));
    await transaction.park(parked({ position: 2, subscription: BESIDE.subscription }));
    await transaction.claim(CURSOR, "start");
    const claimed = await transaction.claim(CURSOR, "start");
    await transaction.settle({ ...CURSOR, fence: claimed.fence, pos: 3, open: [2] });
    return claimed;
  });
}

/** What the next start has: places and fences, then what is parked. */
async function remains(world: StoreWorld): Promise<readonly string[]> {
  await world.crash();
  const { cursors, parked: rows } = world.state;
  return [
    ...cursors
      .map(({ subscription, pos, open, fence }) => `${subscription} at ${pos} open ${open.join()} fence ${fence}`)
      .sort(),
    ...rows.map(({ subscription, source, position }) => `${subscription} ${source} ${position}`),
  ];
}

const KEPT = ["billing.charge-too at 2 open  fence 1"];
const KEPT_PARKED = ["billing.charge billing 1", "billing.charge-too orders 2"];
const AS_IT_WAS = [
  "billing.charge at 3 open 2 fence 2",
  ...KEPT,
  "billing.charge billing 1",
  "billing.charge orders 1",
  "billing.charge orders 2",
  "billing.charge-too orders 2",
];

export const REWIND_CASES: readonly StoreCase[] = [
  {
    promise: "a cursor that is put back is at the start under the next fence, without parked entries; others stay",
    async run(world) {
      const before = await grown(world);
      const rewound = await world.commit((transaction) => transaction.rewind(before));
      assert.deepEqual({ ...rewound }, { ...before, pos: 0, open: [], fence: before.fence + 1 });
      assert.equal(await world.store.parkedEntry(parked({ position: 1 })), undefined);
      const listed = (await world.store.parkedRows()).map(
        ({ subscription, position }) => `${subscription} ${position}`,
      );
      assert.deepEqual(listed, ["billing.charge 1", "billing.charge-too 2"]);
      assert.deepEqual(await remains(world), ["billing.charge at 0 open  fence 3", ...KEPT, ...KEPT_PARKED]);
    },
  },
  {
    promise: "whoever had a cursor before it was put back moves it no more, and the next claim goes on from its fence",
    async run(world) {
      const before = await grown(world);
      const rewound = await world.commit((transaction) => transaction.rewind(before));
      const settle = (fence: number): Promise<boolean> =>
        world.commit((transaction) => transaction.settle({ ...CURSOR, fence, pos: 1, open: [] }));
      assert.equal(await settle(before.fence), false, "under the old fence");
      assert.equal(await settle(1), false, "under a fence before that");
      assert.equal(await settle(rewound?.fence ?? 0), true, "under the new fence");
      await world.crash();
      const claimed = await world.commit((transaction) => transaction.claim(CURSOR, "start"));
      assert.deepEqual([claimed.pos, claimed.fence], [1, before.fence + 2]);
    },
  },
  {
    promise: "a cursor is put back under its own fence only: otherwise, or without a cursor, the answer is undefined",
    async run(world) {
      const { fence } = await grown(world);
      for (const of of [
        { ...CURSOR, fence: fence - 1 },
        { ...CURSOR, fence: fence + 1 },
        { ...CURSOR, lane: "0-7", fence },
      ]) {
        const transaction = await world.store.begin();
        assert.equal(await transaction.rewind(of), undefined);
        await transaction.rollback();
      }
      assert.deepEqual(await remains(world), AS_IT_WAS);
    },
  },
  {
    promise: "a cursor that was put back and rolled back is where it was, and nobody outside sees it before it commits",
    async run(world) {
      const before = await grown(world);
      const transaction = await world.store.begin();
      await transaction.rewind(before);
      assert.notEqual(await world.store.parkedEntry(parked({ position: 1 })), undefined, "what is parked is seen");
      assert.equal((await world.store.parkedRows()).length, 4);
      await transaction.rollback();
      assert.deepEqual(await remains(world), AS_IT_WAS);
    },
  },
  {
    promise: "a cursor is not put back where the log does not begin with its first entry, or is about not to",
    async run(world) {
      const before = await grown(world);
      const cut = { olderThan: NOON + 1, limit: 1 };
      const refused = { code: "log-trimmed" };
      const transaction = await world.store.begin();
      await transaction.trim("orders", 1, cut);
      await assert.rejects(transaction.rewind(before), refused);
      await transaction.rollback();
      await world.commit((one) => one.trim("orders", 1, cut));
      const later = await world.store.begin();
      await assert.rejects(later.rewind(before), refused);
      await later.rollback();
      assert.deepEqual(await remains(world), AS_IT_WAS);
    },
  },
];

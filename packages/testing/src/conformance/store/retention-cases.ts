import assert from "node:assert/strict";
import type { ActRecord } from "@banyan/core";
import type { StoreCase } from "./case.ts";
import { entry, NOON, parked, type StoreWorld } from "./world.ts";

const LATER = NOON + 1_000;
const ALL = { olderThan: LATER, limit: 100 };

const trim = (world: StoreWorld, through: number, cut: { olderThan: number; limit: number } = ALL): Promise<number> =>
  world.commit((transaction) => transaction.trim("orders", through, cut));

const positions = async (world: StoreWorld): Promise<number[]> => (await world.log()).map(({ position }) => position);

const aged = (...ats: readonly number[]): ReturnType<typeof entry>[] => ats.map((at) => entry({ at }));

const act = (over: Partial<ActRecord>): ActRecord => ({
  key: `key-${over.position}`,
  subscription: "billing.charge",
  source: "orders",
  position: 1,
  name: "charge",
  state: "done",
  outcome: "{}",
  at: NOON,
  ...over,
});

export const RETENTION_CASES: readonly StoreCase[] = [
  {
    promise: "a trim takes the lowest entries up to its position, at most its limit, and says how many",
    async run(world) {
      await world.append(...aged(NOON, NOON, NOON, NOON, NOON));
      assert.equal(await trim(world, 3, { ...ALL, limit: 2 }), 2);
      assert.deepEqual(await positions(world), [3, 4, 5]);
      assert.deepEqual(await world.store.extent("orders"), { first: 3, last: 5 });
      assert.equal(await trim(world, 3), 1);
      assert.equal(await trim(world, 3), 0);
      assert.deepEqual(await positions(world), [4, 5]);
      assert.deepEqual(
        (await world.store.entriesAt("orders", [1, 3, 5, 4])).map(({ position }) => position),
        [4, 5],
      );
      await world.crash();
      assert.deepEqual(await positions(world), [4, 5]);
      assert.deepEqual(await world.store.extent("orders"), { first: 4, last: 5 });
    },
  },
  {
    promise: "a trim stops at the first entry that is too young, also where older ones follow",
    async run(world) {
      await world.append(...aged(NOON, LATER, NOON));
      assert.equal(await trim(world, 3), 1);
      assert.deepEqual(await positions(world), [2, 3]);
    },
  },
  {
    promise: "where a trim took everything the log goes on behind its last position, also after a restart",
    async run(world) {
      await world.append(...aged(NOON, NOON));
      assert.equal(await trim(world, 2), 2);
      assert.deepEqual(await world.store.extent("orders"), { first: 3, last: 2 });
      assert.deepEqual(await positions(world), []);
      await world.crash();
      assert.deepEqual(await world.store.extent("orders"), { first: 3, last: 2 });
      const claimed = await world.commit((transaction) =>
        transaction.claim({ subscription: "billing.late", source: "orders", lane: "0-255" }, "now"),
      );
      assert.equal(claimed.pos, 2);
      await world.append(entry());
      assert.deepEqual(await positions(world), [3]);
      assert.deepEqual(await world.store.extent("orders"), { first: 3, last: 3 });
    },
  },
  {
    promise: "a trim is part of its transaction: seen by nobody before the commit, undone with it, of one log only",
    async run(world) {
      await world.append(...aged(NOON, NOON));
      await world.commit((transaction) => transaction.append("billing", aged(NOON)));
      const open = await world.store.begin();
      assert.equal(await open.trim("orders", 1, ALL), 1);
      assert.equal(await open.trim("orders", 2, ALL), 1);
      assert.deepEqual(await positions(world), [1, 2]);
      assert.deepEqual(await world.store.extent("orders"), { first: 1, last: 2 });
      await open.rollback();
      await world.append(entry());
      assert.deepEqual(await positions(world), [1, 2, 3]);
      assert.equal(await trim(world, 3), 3);
      assert.deepEqual(await world.store.extent("billing"), { first: 1, last: 1 });
    },
  },
  {
    promise: "a fetch begins at the first entry there is, and positions asked for beyond stay right",
    async run(world) {
      await world.append(...Array.from({ length: 2_500 }, () => entry({ at: NOON })));
      assert.equal(await trim(world, 2_400, { ...ALL, limit: 2_400 }), 2_400);
      const fetch = async (after: number): Promise<unknown[]> => {
        const types = ["orders.placed"];
        const { entries, through } = await world.store.fetch({ source: "orders", after, limit: 2, types });
        return [...entries.map(({ position }) => position), through];
      };
      assert.deepEqual(await fetch(0), [2_401, 2_402, 2_402]);
      assert.deepEqual(await fetch(2_450), [2_451, 2_452, 2_452]);
      assert.deepEqual(await fetch(2_500), [2_500]);
    },
  },
  {
    promise: "acts outside are forgotten below a position where they are old and their entry is not parked",
    async run(world) {
      const acts = [
        act({ position: 1 }),
        act({ position: 2 }),
        act({ position: 3 }),
        act({ position: 4, at: LATER }),
        act({ position: 5 }),
        act({ position: 6 }),
        act({ key: "another's", position: 1, subscription: "billing.other" }),
      ];
      await world.commit(async (transaction) => {
        for (const one of acts) await transaction.recordAct(one);
        await transaction.park(parked({ position: 3 }));
      });
      const known = async (): Promise<string[]> => {
        const found = await Promise.all(acts.map(({ key }) => world.store.actOf(key)));
        return found.flatMap((one) => one?.key ?? []);
      };
      const of = { subscription: "billing.charge", parkedAs: "billing.charge", source: "orders", below: 6 };
      const open = await world.store.begin();
      assert.equal(await open.forgetActs(of, ALL), 3);
      assert.equal((await known()).length, acts.length);
      await open.rollback();
      assert.equal((await known()).length, acts.length);
      assert.equal(await world.commit((transaction) => transaction.forgetActs(of, { ...ALL, limit: 2 })), 2);
      assert.deepEqual(await known(), ["key-3", "key-4", "key-5", "key-6", "another's"]);
      assert.equal(await world.commit((transaction) => transaction.forgetActs(of, ALL)), 1);
      await world.crash();
      assert.deepEqual(await known(), ["key-3", "key-4", "key-6", "another's"]);
    },
  },
];

import assert from "node:assert/strict";
import type { Cursor, ActRecord } from "@banyan/core";
import type { StoreCase } from "./case.ts";
import { CURSOR, entry, parked, type StoreWorld } from "./world.ts";

const OLD = CURSOR.subscription;
const NEW = "billing.charge-card";
const BESIDE = "billing.charge-too";

/** A subscription with a place and three parked entries, and another one beside it. */
async function grown(world: StoreWorld): Promise<void> {
  await world.append(entry(), entry(), entry());
  await world.commit(async (transaction) => {
    const { fence } = await transaction.claim(CURSOR, "start");
    await transaction.settle({ ...CURSOR, fence, pos: 3, open: [2] });
    await transaction.claim({ ...CURSOR, lane: "0-7" }, "start");
    await transaction.claim({ ...CURSOR, subscription: BESIDE }, "start");
    await transaction.park(parked({ position: 1, attempts: 4 }));
    await transaction.park(parked({ position: 3, state: "waiting" }));
    await transaction.park(parked({ position: 1, source: "billing" }));
    await transaction.park(parked({ position: 3, subscription: BESIDE }));
  });
}

const act = (position: number, subscription: string = OLD): ActRecord => ({
  key: `${subscription} ${position}`,
  subscription,
  source: "orders",
  position,
  name: "charge",
  state: "done",
  outcome: "{}",
  at: 1,
});

/** Acts outside of all three entries, and one of the subscription beside it. */
async function acted(world: StoreWorld): Promise<() => Promise<unknown[]>> {
  const acts = [act(1), act(2), act(3), act(2, BESIDE)];
  await world.commit(async (transaction) => {
    for (const one of acts) await transaction.recordAct(one);
  });
  return async () => {
    const found = await Promise.all(acts.map(({ key }) => world.store.actOf(key)));
    return found.map((one) => one?.subscription);
  };
}

/** What the next start has: cursors, then parked entries. */
async function remains(world: StoreWorld): Promise<readonly [readonly string[], readonly string[]]> {
  await world.crash();
  const cursor = ({ subscription, lane, pos, open, firstName }: Cursor): string =>
    `${subscription} ${lane} at ${pos} open ${open.join(",")} first ${firstName}`;
  const { cursors, parked: rows } = world.state;
  const listed = rows.map(({ subscription, source, position, state, attempts }) =>
    [subscription, source, position, state, attempts].join(" "),
  );
  return [cursors.map(cursor).sort(), listed];
}

const BESIDE_CURSOR = `${BESIDE} 0-255 at 0 open  first ${BESIDE}`;
const BESIDE_PARKED = `${BESIDE} orders 3 retrying 1`;
const cursorsOf = (name: string): string[] => [
  `${name} 0-255 at 3 open 2 first ${OLD}`,
  `${name} 0-7 at 0 open  first ${OLD}`,
];
const parkedOf = (name: string): string[] => [
  `${name} billing 1 retrying 1`,
  `${name} orders 1 retrying 4`,
  `${name} orders 3 waiting 1`,
];
const UNTOUCHED = [
  [...cursorsOf(OLD), BESIDE_CURSOR],
  [...parkedOf(OLD), BESIDE_PARKED],
];

export const NAME_CASES: readonly StoreCase[] = [
  {
    promise: "a renamed subscription keeps its places, its fence and its parked entries, and its first name",
    async run(world) {
      await grown(world);
      await world.commit((transaction) => transaction.rename(OLD, NEW));
      const moved = await world.store.parkedEntry(parked({ position: 1, subscription: NEW }));
      assert.deepEqual([moved?.attempts, moved?.entry.position], [4, 1]);
      assert.equal(await world.store.parkedEntry(parked({ position: 1 })), undefined);
      const renamed = { ...CURSOR, subscription: NEW };
      assert.equal(await world.commit((one) => one.settle({ ...renamed, fence: 1, pos: 3, open: [2] })), true);
      assert.equal(await world.commit((one) => one.settle({ ...CURSOR, fence: 1, pos: 9, open: [] })), false);
      const expected = [
        [...cursorsOf(NEW), BESIDE_CURSOR],
        [...parkedOf(NEW), BESIDE_PARKED],
      ];
      assert.deepEqual(await remains(world), expected);
      const claimed = await world.commit((transaction) => transaction.claim(renamed, "now"));
      assert.deepEqual([claimed.pos, claimed.open, claimed.firstName], [3, [2], OLD]);
    },
  },
  {
    promise: "the first name stays through several renames, and is free again for another subscription",
    async run(world) {
      await grown(world);
      await world.commit((transaction) => transaction.rename(OLD, NEW));
      await world.commit((transaction) => transaction.rename(NEW, "billing.third"));
      const again = await world.commit((transaction) => transaction.claim(CURSOR, "start"));
      assert.deepEqual([again.pos, again.firstName, again.fence], [0, OLD, 1]);
      const [cursors] = await remains(world);
      assert.deepEqual(cursors.slice(-2), cursorsOf("billing.third"));
    },
  },
  {
    promise: "renaming and forgetting what is not there does nothing",
    async run(world) {
      await grown(world);
      await world.commit((transaction) => transaction.rename("billing.nothing", NEW));
      await world.commit((transaction) => transaction.rename("billing.nothing", OLD));
      assert.equal(await world.commit((transaction) => transaction.forget("billing.nothing")), 0);
      assert.deepEqual(await remains(world), UNTOUCHED);
    },
  },
  {
    promise: "a name that has a cursor is given to no other subscription",
    async run(world) {
      await grown(world);
      const transaction = await world.store.begin();
      await assert.rejects(transaction.rename(OLD, BESIDE));
      await transaction.rollback();
      assert.deepEqual(await remains(world), UNTOUCHED);
    },
  },
  {
    promise: "forgetting deletes the cursors and parked entries of that subscription alone, and counts the entries",
    async run(world) {
      await grown(world);
      assert.equal(await world.commit((transaction) => transaction.forget(OLD)), 3);
      assert.equal(await world.store.parkedEntry(parked({ position: 1 })), undefined);
      assert.deepEqual(await remains(world), [[BESIDE_CURSOR], [BESIDE_PARKED]]);
      const anew = await world.commit((transaction) => transaction.claim(CURSOR, "now"));
      assert.deepEqual([anew.pos, anew.open, anew.fence], [3, [], 1]);
    },
  },
  {
    promise: "acts outside stay as they are when their subscription is renamed, and are forgotten by its first name",
    async run(world) {
      await grown(world);
      const owners = await acted(world);
      await world.commit((transaction) => transaction.rename(OLD, NEW));
      await world.crash();
      assert.deepEqual(await owners(), [OLD, OLD, OLD, BESIDE]);
      const all = { olderThan: 9, limit: 9 };
      const of = { subscription: OLD, parkedAs: NEW, source: "orders", below: 9 };
      // the entries 1 and 3 are parked under the new name
      assert.equal(await world.commit((transaction) => transaction.forgetActs(of, all)), 1);
      assert.deepEqual(await owners(), [OLD, undefined, OLD, BESIDE]);
    },
  },
  {
    promise:
      "acts outside go with the subscription that is forgotten, whatever it was renamed to, those of parked entries too",
    async run(world) {
      await grown(world);
      const owners = await acted(world);
      await world.commit((transaction) => transaction.rename(OLD, NEW));
      const open = await world.store.begin();
      await open.forget(NEW);
      assert.deepEqual(await owners(), [OLD, OLD, OLD, BESIDE], "nobody sees it before it commits");
      await open.rollback();
      await world.commit((transaction) => transaction.forget(NEW));
      await world.crash();
      assert.deepEqual(await owners(), [undefined, undefined, undefined, BESIDE]);
    },
  },
  {
    promise:
      "a rename or forgetting that is rolled back has changed nothing, and nobody outside sees it before it commits",
    async run(world) {
      await grown(world);
      for (const change of ["rename", "forget"] as const) {
        const transaction = await world.store.begin();
        await (change === "rename" ? transaction.rename(OLD, NEW) : transaction.forget(OLD));
        const seen = await world.store.parkedEntry(parked({ position: 1 }));
        assert.equal(seen?.attempts, 4, `${change} is not seen before it commits`);
        assert.equal(await world.store.parkedEntry(parked({ position: 1, subscription: NEW })), undefined);
        await transaction.rollback();
      }
      assert.deepEqual(await remains(world), UNTOUCHED);
    },
  },
];

import assert from "node:assert/strict";
import { utf8Length, type NewEntry } from "@banyan/core";
import type { StoreCase } from "./case.ts";
import { entry, NOON, ODD_TEXTS, type StoreWorld } from "./world.ts";

const TYPES = ["orders.placed", "orders.paid", "orders.lost"] as const;

/** What is asked of a log, counted by reading it. */
async function assertVolume(world: StoreWorld, after: number, types?: readonly string[]): Promise<void> {
  const log = (await world.log("orders", TYPES)).filter(({ position }) => position > after);
  const wanted = types === undefined ? log : log.filter(({ type }) => types.includes(type));
  const expected = { entries: wanted.length, bytes: wanted.reduce((sum, { body }) => sum + utf8Length(body), 0) };
  const query = { source: "orders", after, ...(types === undefined ? {} : { types }) };
  assert.deepEqual({ ...(await world.store.volume(query)) }, expected, `behind ${after}, of ${types?.join() ?? "all"}`);
}

async function assertVolumes(world: StoreWorld, ...places: readonly number[]): Promise<void> {
  for (const after of places) {
    await assertVolume(world, after);
    for (const types of [[], TYPES.slice(0, 1), TYPES.slice(1), ["orders.unknown"]])
      await assertVolume(world, after, types);
  }
}

const mixed = (count: number): NewEntry[] =>
  Array.from({ length: count }, (_, i) => entry({ type: TYPES[(i * i) % 3] ?? "", body: "x".repeat(i % 7) }));

export const VOLUME_CASES: readonly StoreCase[] = [
  {
    promise: "how much of a log lies behind a position is counted by type, in entries and in bytes of UTF-8",
    async run(world) {
      await assertVolumes(world, 0, 5);
      await world.append(...ODD_TEXTS.map((body, i) => entry({ body, type: TYPES[i % 3] ?? "" })));
      await assertVolumes(world, 0, 1, 5, ODD_TEXTS.length - 1, ODD_TEXTS.length, 99);
      assert.deepEqual({ ...(await world.store.volume({ source: "billing", after: 0 })) }, { entries: 0, bytes: 0 });
    },
  },
  {
    promise: "only what is committed counts, and once: whatever was rolled back, and whenever the store was opened",
    async run(world) {
      await world.append(...mixed(5));
      const open = await world.store.begin();
      await open.append("orders", mixed(7));
      await assertVolumes(world, 0, 3);
      await open.rollback();
      await assertVolumes(world, 0, 3);
      const crashed = await world.store.begin();
      await crashed.append("orders", mixed(7));
      await world.crash();
      await assertVolumes(world, 0, 3);
      await world.append(...mixed(2));
      await world.crash();
      await assertVolumes(world, 0, 3, 6);
    },
  },
  {
    promise: "how much room there is, is said of a disk, or not at all",
    async run(world) {
      const space = await world.store.space();
      if (space === undefined) return assert.equal(world.subject.features.durable, false, "a disk has a size");
      assert(space.free >= 0 && space.free <= space.total, `${space.free} of ${space.total} bytes are free`);
    },
  },
  {
    promise: "a long log is counted right from any place, also where its beginning is gone",
    async run(world) {
      for (const count of [700, 900, 1_500]) await world.append(...mixed(count));
      await assertVolumes(world, 0, 1, 1_022, 1_023, 1_024, 1_025, 2_047, 2_048, 3_000, 3_099, 3_100);
      const trim = async (through: number): Promise<number> =>
        world.commit((transaction) => transaction.trim("orders", through, { olderThan: NOON + 1, limit: 10_000 }));
      await trim(1_500);
      await assertVolumes(world, 0, 1_023, 1_499, 1_500, 1_501, 2_048);
      await world.append(...mixed(10));
      await world.crash();
      await assertVolumes(world, 0, 1_500, 3_100);
      await trim(4_000);
      await assertVolumes(world, 0, 3_110);
      await world.append(...mixed(3));
      await assertVolumes(world, 0, 3_110, 3_112);
    },
  },
];

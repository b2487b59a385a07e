import assert from "node:assert/strict";
import type { StoreTransaction } from "@banyan/core";
import type { StoreCase } from "./case.ts";
import {
  CURSOR,
  entry,
  failingStatement,
  NOON,
  parked,
  putRow,
  putRowOf,
  record,
  rowsOf,
  type StoreWorld,
  writeRow,
} from "./world.ts";

/** One of everything that a transaction can do. */
async function everything(transaction: StoreTransaction): Promise<void> {
  await writeRow(transaction, "key", "value");
  await transaction.append("orders", [entry({ id: "everything" })]);
  const { fence } = await transaction.claim(CURSOR, "start");
  assert(await transaction.settle({ ...CURSOR, fence, pos: 5, open: [2, 4] }), "a cursor just claimed is settled");
  await transaction.park(parked());
  assert(await transaction.remember(record()), "a record of a new scope is remembered");
}

async function assertEverything(world: StoreWorld): Promise<void> {
  assert.deepEqual(await world.rows(), [["key", "value"]]);
  assert.deepEqual(
    (await world.log()).map(({ id, position }) => [id, position]),
    [["everything", 1]],
  );
  assert.deepEqual((await world.store.parkedEntry(parked()))?.state, "retrying");
  assert.deepEqual((await world.store.recall(record()))?.commandId, "command-1");
}

async function assertNothing(world: StoreWorld): Promise<void> {
  assert.deepEqual(await world.rows(), []);
  assert.deepEqual(await world.log(), []);
  assert.equal(await world.store.parkedEntry(parked()), undefined);
  assert.equal(await world.store.recall(record()), undefined);
}

export const COMMIT_CASES: readonly StoreCase[] = [
  {
    promise: "a commit keeps rows, entries, cursors, parked entries and command records, and so does the next start",
    async run(world) {
      await world.commit(everything);
      await assertEverything(world);
      await world.crash();
      await assertEverything(world);
      const { incarnation, ...cursor } = world.state.cursors[0]!;
      assert.deepEqual(cursor, { ...CURSOR, pos: 5, open: [2, 4], fence: 1, firstName: CURSOR.subscription });
      assert.equal(incarnation, world.state.incarnations.get("orders"));
      assert.equal(world.state.parked.length, 1);
    },
  },
  {
    promise: "a rollback keeps nothing of its transaction",
    async run(world) {
      const transaction = await world.store.begin();
      await everything(transaction);
      await transaction.rollback();
      await assertNothing(world);
      await world.crash();
      await assertNothing(world);
      assert.deepEqual([...world.state.cursors, ...world.state.parked], []);
    },
  },
  {
    promise: "a crash in the middle of a transaction keeps nothing of it and everything acknowledged before",
    async run(world) {
      await world.commit(everything);
      const transaction = await world.store.begin();
      await writeRow(transaction, "key", "other");
      await transaction.append("orders", [entry()]);
      await transaction.settle({ ...CURSOR, fence: 1, pos: 9, open: [] });
      await transaction.unpark(parked());
      await transaction.remember(record({ key: "key-2" }));
      await world.crash();
      await assertEverything(world);
      assert.deepEqual(world.state.cursors[0]?.pos, 5);
      assert.equal(await world.store.recall(record({ key: "key-2" })), undefined);
    },
  },
  {
    promise: "a store that has crashed touches nothing any more",
    async run(world) {
      const crashed = world.store;
      const transaction = await crashed.begin();
      const unit = transaction.unit("orders", "orders.write-row");
      await world.crash();
      await assert.rejects(async () => transaction.append("orders", [entry()]));
      await assert.rejects(async () => putRow(unit.raw, "key", "value"));
      await assert.rejects(async () => crashed.begin());
      await transaction.rollback();
      await assertNothing(world);
    },
  },
  {
    promise: "units of one transaction see what the earlier ones wrote, and a later rollback takes all of it back",
    async run(world) {
      const transaction = await world.store.begin();
      await writeRow(transaction, "key", "value");
      const second = transaction.unit("orders", "orders.second");
      assert.deepEqual(await rowsOf(second.raw), [["key", "value"]]);
      second.end();
      await transaction.rollback();
      assert.deepEqual(await world.rows(), []);
    },
  },
  {
    promise: "a unit's handle is dead after its unit, and after its transaction",
    async run(world) {
      const transaction = await world.store.begin();
      const ended = transaction.unit("orders", "orders.ended");
      ended.end();
      await assert.rejects(async () => putRow(ended.raw, "key", "value"), { code: "handle-dead" });
      const open = transaction.unit("orders", "orders.open");
      await transaction.commit();
      await assert.rejects(async () => putRow(open.raw, "key", "value"), { code: "handle-dead" });
      await assert.rejects(async () => transaction.append("orders", [entry()]));
      assert.deepEqual(await world.rows(), []);
    },
  },
  {
    promise: "a unit counts the statements asked of it",
    async run(world) {
      const transaction = await world.store.begin();
      const unit = transaction.unit("orders", "orders.count");
      assert.deepEqual({ failed: 0, ...unit.activity() }, { asked: 0, running: 0, failed: 0 });
      await putRow(unit.raw, "key", "value");
      await rowsOf(unit.raw);
      assert.deepEqual({ failed: 0, ...unit.activity() }, { asked: 2, running: 0, failed: 0 });
      await transaction.rollback();
    },
  },
  {
    promise: "a failed statement is refused by name, and its transaction can be rolled back, twice",
    async run(world) {
      const transaction = await world.store.begin();
      await writeRow(transaction, "key", "value");
      const unit = transaction.unit("orders", "orders.fail");
      await assert.rejects(async () => failingStatement(unit.raw), {
        code: "statement-failed",
        message: /orders\.fail/,
      });
      await transaction.rollback();
      await transaction.rollback();
      await assertNothing(world);
      await world.commit(everything);
      await assertEverything(world);
    },
  },
  {
    promise: "rows of two contexts are apart",
    async run(world) {
      const transaction = await world.store.begin();
      await writeRow(transaction, "key", "of orders");
      await putRowOf("billing", transaction.unit("billing", "billing.write").raw, ["key", "of billing"]);
      await transaction.commit();
      assert.deepEqual(await world.rows("orders"), [["key", "of orders"]]);
      assert.deepEqual(await world.rows("billing"), [["key", "of billing"]]);
    },
  },
  {
    promise: "close can be called twice, keeps what was acknowledged, and drops an open transaction",
    async run(world) {
      await world.commit(everything);
      const transaction = await world.store.begin();
      await writeRow(transaction, "other", "value");
      const closing = world.store;
      await closing.close();
      await closing.close();
      await assert.rejects(async () => closing.begin());
      world.now = NOON + 1;
      await world.crash();
      await assertEverything(world);
    },
  },
];

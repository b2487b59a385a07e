import assert from "node:assert/strict";
import type { StoreCase } from "./case.ts";
import { deleteRow, ODD_TEXTS, putRow, rowsOf, writeRow } from "./world.ts";

export const SESSION_CASES: readonly StoreCase[] = [
  {
    promise: "a session sees every commit that was acknowledged before it",
    async run(world) {
      for (let i = 0; i < 20; i++) {
        await world.commit((transaction) => writeRow(transaction, "key", `value ${i}`));
        assert.deepEqual(await world.rows(), [["key", `value ${i}`]]);
      }
    },
  },
  {
    promise: "a session writes nothing",
    async run(world) {
      const session = await world.store.session("orders");
      assert.deepEqual(await rowsOf(session.raw), []);
      await assert.rejects(async () => putRow(session.raw, "key", "value"), { code: "not-in-unit" });
      await assert.rejects(async () => deleteRow(session.raw, "key"), { code: "not-in-unit" });
      await session.end();
      assert.deepEqual(await world.rows(), []);
    },
  },
  {
    promise: "a session keeps its view while others commit, and the next session has the new one",
    needs: "sessions-beside-writer",
    async run(world) {
      await world.commit((transaction) => writeRow(transaction, "key", "old"));
      const session = await world.store.session("orders");
      assert.deepEqual(await rowsOf(session.raw), [["key", "old"]]);
      await world.commit((transaction) => writeRow(transaction, "key", "new"));
      await world.commit((transaction) => writeRow(transaction, "other", "new"));
      assert.deepEqual(await rowsOf(session.raw), [["key", "old"]]);
      assert.deepEqual(await world.rows(), [
        ["key", "new"],
        ["other", "new"],
      ]);
      await session.end();
    },
  },
  {
    promise: "a session never sees what is not committed",
    async run(world) {
      const transaction = await world.store.begin();
      await writeRow(transaction, "key", "value");
      const session = await world.store.session("orders");
      const read = rowsOf(session.raw);
      await transaction.rollback();
      assert.deepEqual(await read, []);
      await session.end();
    },
  },
  {
    promise: "sessions are open side by side, and one may be opened while another is in use",
    async run(world) {
      await world.commit((transaction) => writeRow(transaction, "key", "value"));
      const outer = await world.store.session("orders");
      assert.equal((await rowsOf(outer.raw)).length, 1);
      const writer = world.store.begin();
      const inner = await world.store.session("orders");
      assert.equal((await rowsOf(inner.raw)).length, 1);
      assert.equal((await rowsOf(outer.raw)).length, 1);
      await inner.end();
      await outer.end();
      await (await writer).rollback();
    },
  },
  {
    promise: "a session is dead after its end, which can be called twice",
    async run(world) {
      const session = await world.store.session("orders");
      await rowsOf(session.raw);
      await session.end();
      await session.end();
      await assert.rejects(async () => rowsOf(session.raw), { code: "handle-dead" });
      await world.commit((transaction) => writeRow(transaction, "key", "value"));
    },
  },
  {
    promise: "rows hold any key and any text",
    async run(world) {
      await world.commit(async (transaction) => {
        for (const text of ODD_TEXTS) await writeRow(transaction, text, text);
      });
      assert.deepEqual(new Set((await world.rows()).map(([key]) => key)), new Set(ODD_TEXTS));
      assert(
        (await world.rows()).every(([key, value]) => key === value),
        "every value is its key",
      );
    },
  },
];

import assert from "node:assert/strict";
import type { StoreCase } from "./case.ts";
import { CURSOR, entry, NOON, parked } from "./world.ts";

export const STORED_CASES: readonly StoreCase[] = [
  {
    promise: "opened as it is stored, it has every context, place, parked entry and audit, and they can be changed",
    async run(world) {
      await world.append(entry({ id: "a" }), entry({ id: "b" }));
      const placed = await world.commit(async (transaction) => {
        await transaction.park(parked({ position: 1, state: "dead" }));
        return transaction.claim(CURSOR, "start");
      });
      const { incarnations, eras } = world.state;
      await world.crash({ ...world.plan(), contexts: [], stored: true });
      assert.deepEqual(new Map(world.state.incarnations), new Map(incarnations));
      assert.deepEqual(new Map(world.state.eras), new Map(eras));
      assert.deepEqual([...world.state.cursors], [placed]);
      assert.deepEqual(await world.store.extent("orders"), { first: 1, last: 2 });
      assert.deepEqual(
        (await world.store.entriesAt("orders", [2])).map(({ id }) => id),
        ["b"],
      );
      const audit = { id: "audit-1", at: NOON, operator: "ann", why: "late", action: "skip", subject: {} } as const;
      await world.commit(async (transaction) => {
        await transaction.unpark(parked({ position: 1 }));
        await transaction.audit(audit);
        // whoever had the cursor has it still: the fence is the one that is stored
        assert.equal(await transaction.settle({ ...CURSOR, fence: placed.fence, pos: 0, open: [] }), true);
      });
      await world.crash();
      assert.deepEqual([...world.state.parked], []);
      assert.deepEqual(await world.store.audits(9), [audit]);
      assert.deepEqual(new Map(world.state.incarnations), new Map(incarnations));
    },
  },
  {
    promise: "opened as it is stored, no migration is looked at",
    needs: "sql",
    async run(world) {
      const plan = world.plan();
      const failing = { name: "orders", prefix: "orders_", migrations: [{ name: "002-x.sql", sql: "no SQL" }] };
      await world.crash({ ...plan, contexts: [failing], stored: true });
      assert.deepEqual(world.state.warnings, []);
    },
  },
];

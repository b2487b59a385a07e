import assert from "node:assert/strict";
import type { SqlHandle } from "@banyan/core";
import type { StoreCase } from "./case.ts";
import { putRow, rowsOf, type StoreWorld } from "./world.ts";

/** A body on the SQL handle of the only unit of a transaction, committed afterwards. */
async function inUnit(world: StoreWorld, body: (tx: SqlHandle) => Promise<void>): Promise<void> {
  const transaction = await world.store.begin();
  const unit = transaction.unit("orders", "orders.place-order");
  await body(sqlOf(unit));
  unit.end();
  await transaction.commit();
}

function sqlOf({ raw }: { readonly raw: { readonly kind: string } }): SqlHandle {
  assert.equal(raw.kind, "sql");
  return raw as SqlHandle;
}

const keys = async (world: StoreWorld): Promise<string[]> => (await world.rows()).map(([key]) => key).toSorted();

export const HANDLE_CASES: readonly StoreCase[] = [
  {
    promise: "a statement is given exactly as many parameters as it takes, or nothing of it is done",
    needs: "sql",
    async run(world) {
      const put = "INSERT INTO orders_row (key, value) VALUES (?, coalesce(?, '?'))";
      await inUnit(world, async (tx) => {
        for (const given of [[], ["few"], ["too", "many", "by one"]])
          await assert.rejects(async () => tx.execute(put, given), { code: "statement-failed" });
        await assert.rejects(async () => tx.execute("SELECT :key AS key", ["named"]), { code: "statement-failed" });
        await tx.execute(put, ["as many", null]);
        assert.deepEqual({ ...(await tx.execute("SELECT ?2 AS b, ?1 AS a", ["a", "b"])).rows[0] }, { a: "a", b: "b" });
      });
      assert.deepEqual(await keys(world), ["as many"]);
    },
  },
  {
    promise: "a bigint comes back as the number it is, or is refused",
    needs: "sql",
    async run(world) {
      await inUnit(world, async (tx) => {
        const last = Number.MAX_SAFE_INTEGER;
        for (const held of [last, -last])
          assert.deepEqual({ ...(await tx.execute("SELECT ? AS n", [BigInt(held)])).rows[0] }, { n: held });
        for (const beyond of [BigInt(last) + 1n, -BigInt(last) - 1n, 2n ** 60n])
          await assert.rejects(async () => tx.execute("INSERT INTO orders_row VALUES (?, '')", [beyond]), {
            code: "statement-failed",
          });
      });
      assert.deepEqual(await keys(world), []);
    },
  },
  {
    promise: "values keep columns of one name apart",
    needs: "sql",
    async run(world) {
      await inUnit(world, async (tx) => {
        const { rows, values } = await tx.execute("SELECT 1 AS n, 2 AS n", [], "values");
        assert.deepEqual([rows.length, values?.map((row) => [...row])], [0, [[1, 2]]]);
        assert.deepEqual({ ...(await tx.execute("SELECT 1 AS n, 2 AS m")).rows[0] }, { n: 1, m: 2 });
      });
    },
  },
  {
    promise: "an inner part that throws undoes its rows and no others, and what it threw is thrown on",
    needs: "sql",
    async run(world) {
      await inUnit(world, async (tx) => {
        await putRow(tx, "before", "");
        const failing = tx.savepoint(async (inner) => {
          await putRow(inner, "undone", "");
          await inner.savepoint((innermost) => putRow(innermost, "undone too", ""));
          throw new RangeError("of the body");
        });
        await assert.rejects(failing, RangeError);
        await tx.savepoint(async (inner) => {
          await putRow(inner, "kept", "");
          await assert.rejects(
            inner.savepoint(async (innermost) => {
              await putRow(innermost, "undone", "");
              throw new RangeError("of the body");
            }),
            RangeError,
          );
        });
        await putRow(tx, "after", "");
        assert.equal((await rowsOf(tx)).length, 3);
      });
      assert.deepEqual(await keys(world), ["after", "before", "kept"]);
    },
  },
  {
    promise: "beside an open inner part nothing runs, and after its end its handle is dead",
    needs: "sql",
    async run(world) {
      let leaked: SqlHandle | undefined;
      await inUnit(world, async (tx) => {
        await tx.savepoint(async (inner) => {
          leaked = inner;
          await assert.rejects(async () => putRow(tx, "beside", ""), { code: "savepoint-open" });
          await assert.rejects(
            tx.savepoint(async () => {}),
            { code: "savepoint-open" },
          );
          await putRow(inner, "kept", "");
        });
        await assert.rejects(async () => putRow(leaked ?? tx, "late", ""), { code: "handle-dead" });
      });
      assert.deepEqual(await keys(world), ["kept"]);
    },
  },
  {
    promise: "a unit that ends within an inner part says so, and nothing of it is kept",
    needs: "sql",
    async run(world) {
      const transaction = await world.store.begin();
      const unit = transaction.unit("orders", "orders.place-order");
      const never = new Promise<void>(() => {});
      await new Promise<void>((begun) => {
        void sqlOf(unit).savepoint(async (inner) => {
          await putRow(inner, "half", "");
          begun();
          await never;
        });
      });
      assert.throws(() => unit.end(), { code: "query-floating" });
      await transaction.rollback();
      assert.deepEqual(await keys(world), []);
    },
  },
  {
    promise: "a read has no inner parts",
    needs: "sql",
    async run(world) {
      const session = await world.store.session("orders");
      await assert.rejects(
        sqlOf(session).savepoint(async () => {}),
        { code: "not-in-unit" },
      );
      await session.end();
    },
  },
];

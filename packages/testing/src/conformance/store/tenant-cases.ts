import assert from "node:assert/strict";
import type { RawHandle, StoreTransaction } from "@banyan/core";
import type { StoreCase } from "./case.ts";
import type { StoreWorld } from "./world.ts";

const TABLE = "orders_owned";

type Row = readonly [key: string, value: string];

/** The rows of the tenant table that a handle reaches, in the order of their keys; across tenants the keys are `tenant/key`. */
async function rowsOf(raw: RawHandle, across = false): Promise<readonly Row[]> {
  if (raw.kind === "tables") return raw.table<string>(TABLE).entries();
  const key = across ? "tenant || '/' || key" : "key";
  const { rows } = await raw.execute(`SELECT ${key} AS key, value FROM ${TABLE} ORDER BY 1`);
  return rows.map((row) => [String(row["key"]), String(row["value"])]);
}

async function put(raw: RawHandle, tenant: string, [key, value]: Row): Promise<void> {
  if (raw.kind === "tables") return raw.table<string>(TABLE).set(key, value);
  const sql = `INSERT INTO ${TABLE} (tenant, key, value) VALUES (?, ?, ?)
    ON CONFLICT (tenant, key) DO UPDATE SET value = excluded.value`;
  await raw.execute(sql, [tenant, key, value]);
}

async function remove(raw: RawHandle, key: string): Promise<void> {
  if (raw.kind === "tables") return raw.table<string>(TABLE).delete(key);
  await raw.execute(`DELETE FROM ${TABLE} WHERE key = ?`, [key]);
}

async function inUnit(
  transaction: StoreTransaction,
  tenant: string,
  work: (raw: RawHandle) => Promise<void>,
): Promise<void> {
  const unit = transaction.unit("orders", `a unit of ${tenant}`, tenant);
  await work(unit.raw);
  unit.end();
}

async function seen(world: StoreWorld, tenant: string): Promise<readonly Row[]> {
  const session = await world.store.session("orders", tenant);
  try {
    return await rowsOf(session.raw, tenant === "*");
  } finally {
    await session.end();
  }
}

/** Both tenants have a row of the same key. */
async function filled(world: StoreWorld): Promise<void> {
  await world.commit(async (transaction) => {
    for (const tenant of ["acme", "beta"])
      await inUnit(transaction, tenant, (raw) => put(raw, tenant, ["key", `of ${tenant}`]));
  });
}

export const TENANT_CASES: readonly StoreCase[] = [
  {
    promise: "a tenant has rows of its own, under whatever keys others have theirs",
    needs: "tenants",
    async run(world) {
      await filled(world);
      await world.commit((transaction) => inUnit(transaction, "beta", (raw) => put(raw, "beta", ["other", "of beta"])));
      assert.deepEqual(await seen(world, "acme"), [["key", "of acme"]]);
      assert.deepEqual(await seen(world, "beta"), [
        ["key", "of beta"],
        ["other", "of beta"],
      ]);
      assert.deepEqual(await seen(world, "gamma"), []);
    },
  },
  {
    promise: "units of several tenants in one transaction reach their own rows, before the commit and after",
    needs: "tenants",
    async run(world) {
      await filled(world);
      await world.commit(async (transaction) => {
        await inUnit(transaction, "acme", (raw) => remove(raw, "key"));
        await inUnit(transaction, "beta", async (raw) => {
          assert.deepEqual(await rowsOf(raw), [["key", "of beta"]]);
          await put(raw, "beta", ["key", "changed"]);
        });
        await inUnit(transaction, "acme", async (raw) => assert.deepEqual(await rowsOf(raw), []));
      });
      await world.crash();
      assert.deepEqual([await seen(world, "acme"), await seen(world, "beta")], [[], [["key", "changed"]]]);
    },
  },
  {
    promise: "a session of a tenant shows its rows only, whatever others look at beside it",
    needs: "tenants",
    async run(world) {
      await filled(world);
      const looked = await Promise.all(["acme", "beta", "acme", "gamma", "beta"].map((tenant) => seen(world, tenant)));
      const of = (tenant: string): readonly Row[] => [["key", `of ${tenant}`]];
      assert.deepEqual(looked, [of("acme"), of("beta"), of("acme"), [], of("beta")]);
    },
  },
  {
    promise: "whoever works for no tenant may not touch a tenant table, and other tables as ever",
    needs: "tenants",
    async run(world) {
      await filled(world);
      const session = await world.store.session("orders");
      await assert.rejects(async () => rowsOf(session.raw), { code: "tenant-guarded" });
      await session.end();
      const transaction = await world.store.begin();
      const unit = transaction.unit("orders", "a unit of nobody");
      await assert.rejects(async () => put(unit.raw, "acme", ["key", "of nobody"]), { code: "tenant-guarded" });
      await transaction.rollback();
      assert.deepEqual([await world.rows(), await seen(world, "acme")], [[], [["key", "of acme"]]]);
    },
  },
  {
    promise: "across tenants all rows are reached",
    needs: "tenants",
    async run(world) {
      await filled(world);
      assert.deepEqual(await seen(world, "*"), [
        ["acme/key", "of acme"],
        ["beta/key", "of beta"],
      ]);
      await world.commit((transaction) =>
        inUnit(transaction, "*", async (raw) => {
          if (raw.kind === "tables") return raw.table<string>(TABLE).delete("acme/key");
          await raw.execute(`DELETE FROM ${TABLE} WHERE tenant = 'acme'`);
        }),
      );
      assert.deepEqual(await seen(world, "*"), [["beta/key", "of beta"]]);
    },
  },
];

import type { ReadSession, SqlHandle, SqlResult, SqlValue, Store, StorePlan } from "@banyan/core";
import { entry, sqlOf } from "./fixture.ts";

// What the tests of tables with rows of tenants share: a plan, rows of three tenants that say whose they are, and work for one of them.

export const TENANTS = ["acme", "beta", "gamma"] as const;

export const TABLES = `
  CREATE TABLE shop_order (
    tenant TEXT NOT NULL DEFAULT (banyan_tenant()), id TEXT NOT NULL, note TEXT NOT NULL, n INTEGER NOT NULL DEFAULT 7,
    PRIMARY KEY (tenant, id)
  ) STRICT;
  CREATE TABLE shop_line (
    tenant TEXT NOT NULL DEFAULT (banyan_tenant()), order_id TEXT NOT NULL, line INTEGER NOT NULL, note TEXT NOT NULL,
    PRIMARY KEY (tenant, order_id, line),
    FOREIGN KEY (tenant, order_id) REFERENCES shop_order (tenant, id) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE VIEW shop_busy AS SELECT o.*, l.line FROM shop_order AS o JOIN shop_line AS l ON l.tenant = o.tenant AND l.order_id = o.id;
  CREATE VIEW shop_past AS SELECT * FROM main.shop_order;
  CREATE TABLE shop_price (sku TEXT PRIMARY KEY, cents INTEGER NOT NULL) STRICT;`;

export function tenantPlan(over: { readonly sql?: string; readonly tables?: readonly string[] } = {}): StorePlan {
  let ids = 0;
  const { sql = TABLES, tables = ["shop_order", "shop_line"] } = over;
  const shop = { name: "shop", prefix: "shop_", migrations: [{ name: "001-shop.sql", sql }], tenantTables: tables };
  return { contexts: [shop], now: () => 1_700_000_000_000, newId: () => `id-${++ids}` };
}

/** Two orders with two lines each, under the same keys, for every tenant; every note says whose it is. */
export async function fillTenants(store: Store): Promise<void> {
  const transaction = await store.begin();
  for (const tenant of TENANTS) {
    const tx = sqlOf(transaction.unit("shop", "shop.fill", tenant));
    await transaction.append("shop", [{ ...entry(tenant), tenant, body: JSON.stringify(`of ${tenant}`) }]);
    for (const id of ["1", "2"]) {
      await tx.execute("INSERT INTO shop_order (id, note) VALUES (?, ?)", [id, `of ${tenant}`]);
      await tx.execute("INSERT INTO shop_line (order_id, line, note) VALUES (?1, 1, ?2), (?1, 2, ?2)", [
        id,
        `of ${tenant}`,
      ]);
    }
  }
  await transaction.commit();
}

/** Runs `work` as the only unit of a transaction: committed, or rolled back when it throws. */
export async function asTenant<T>(store: Store, tenant: string, work: (tx: SqlHandle) => Promise<T>): Promise<T> {
  const transaction = await store.begin();
  try {
    const result = await work(sqlOf(transaction.unit("shop", `shop.work-for-${tenant}`, tenant)));
    await transaction.commit();
    return result;
  } finally {
    await transaction.rollback();
  }
}

export async function readAs<T>(store: Store, tenant: string, work: (read: SqlHandle) => Promise<T>): Promise<T> {
  const session: ReadSession = await store.session("shop", tenant);
  try {
    return await work(sqlOf(session));
  } finally {
    await session.end();
  }
}

export function ask(sql: string, parameters: readonly SqlValue[] = []): (handle: SqlHandle) => Promise<SqlResult> {
  return (handle) => handle.execute(sql, parameters);
}

/** Everything that belongs to others than this tenant, as text; asked across tenants. */
export async function othersIn(all: SqlHandle, tenant: string): Promise<string> {
  const { rows } = await all.execute(
    `SELECT tenant, id, note, n FROM shop_order WHERE tenant <> ?1
      UNION ALL SELECT tenant, order_id, note, line FROM shop_line WHERE tenant <> ?1 ORDER BY 1, 2, 3, 4`,
    [tenant],
  );
  return JSON.stringify(rows);
}

export async function othersThan(store: Store, tenant: string): Promise<string> {
  return readAs(store, "*", (all) => othersIn(all, tenant));
}

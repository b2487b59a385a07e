import type { ReadSession, Store, StoreTransaction, UnitHandle } from "@banyan/core";
import { sqlite } from "@banyan/node";
import { CamelCasePlugin, CompiledQuery, type Generated, type Kysely, sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { kysely } from "./kysely.ts";

interface OrdersDb {
  orders_order: { id: Generated<number>; sku: string; quantity: number };
}

const schema =
  "CREATE TABLE orders_order (id INTEGER PRIMARY KEY, sku TEXT NOT NULL UNIQUE, quantity INTEGER NOT NULL)";
const kind = kysely<OrdersDb>();
let store: Store;
let transaction: StoreTransaction;
let unit: UnitHandle;

beforeEach(async () => {
  store = sqlite({ memory: true });
  const orders = { name: "orders", prefix: "orders_", migrations: [{ name: "001-order.sql", sql: schema }] };
  const billing = { name: "billing", prefix: "billing_", migrations: [] };
  await store.open({ contexts: [orders, billing], now: () => 0, newId: () => "id" });
  transaction = await store.begin();
  unit = transaction.unit("orders", "orders.place-order");
});

afterEach(async () => {
  await transaction.rollback();
  await store.close();
});

test("statements run in the unit's transaction, and their counts and ids come back", async () => {
  const tx = kind.bind(unit.raw);
  const inserted = await tx.insertInto("orders_order").values({ sku: "a", quantity: 1 }).executeTakeFirstOrThrow();
  expect(inserted).toMatchObject({ insertId: 1n, numInsertedOrUpdatedRows: 1n });
  const returned = await tx
    .insertInto("orders_order")
    .values({ sku: "b", quantity: 2 })
    .returning("id")
    .executeTakeFirst();
  expect(returned).toEqual({ id: 2 });
  const updated = await tx
    .updateTable("orders_order")
    .set({ quantity: 5 })
    .where("quantity", "<", 9)
    .executeTakeFirst();
  expect(updated.numUpdatedRows).toBe(2n);
  const deleted = await tx.deleteFrom("orders_order").where("sku", "=", "none").executeTakeFirst();
  expect(deleted.numDeletedRows).toBe(0n);
  expect(await tx.selectFrom("orders_order").select(["sku", "quantity"]).orderBy("sku").execute()).toEqual([
    { sku: "a", quantity: 5 },
    { sku: "b", quantity: 5 },
  ]);
  expect((await sql<{ n: number }>`SELECT count(*) AS n FROM orders_order`.execute(tx)).rows).toEqual([{ n: 2 }]);
});

test("a read is the same handle on committed rows, and writes nothing", async () => {
  await kind.bind(unit.raw).insertInto("orders_order").values({ sku: "a", quantity: 1 }).execute();
  await transaction.commit();
  const session: ReadSession = await store.session("orders");
  const read = kind.bind(session.raw);
  expect(await read.selectFrom("orders_order").select("sku").execute()).toEqual([{ sku: "a" }]);
  await expect(read.deleteFrom("orders_order").execute()).rejects.toMatchObject({ code: "not-in-unit" });
  await session.end();
});

test("a query that is not awaited belongs to its unit all the same", async () => {
  const floating = kind.bind(unit.raw).insertInto("orders_order").values({ sku: "a", quantity: 1 }).execute();
  expect(unit.activity().asked).toBe(1);
  unit.end();
  await floating;
});

test("after the unit the handle is dead", async () => {
  const tx = kind.bind(unit.raw);
  unit.end();
  await expect(tx.selectFrom("orders_order").selectAll().execute()).rejects.toMatchObject({ code: "handle-dead" });
});

const put = (db: Kysely<OrdersDb>, sku: string): Promise<unknown> =>
  db.insertInto("orders_order").values({ sku, quantity: 1 }).execute();
const skus = async (db: Kysely<OrdersDb>): Promise<string[]> =>
  (await db.selectFrom("orders_order").select("sku").orderBy("sku").execute()).map(({ sku }) => sku);

/** What a team has written for any database it is given: it may be given an inner transaction. */
async function putBoth(db: Kysely<OrdersDb>, one: string, two: string): Promise<void> {
  await db.transaction().execute(async (inner) => {
    await put(inner, one);
    await put(inner, two);
  });
}

test("transaction() is an inner part of the unit: what throws in it undoes it, and the body goes on", async () => {
  const tx = kind.bind(unit.raw);
  await put(tx, "before");
  await expect(putBoth(tx, "new", "before")).rejects.toMatchObject({ code: "statement-failed", message: /UNIQUE/ });
  expect(await skus(tx)).toEqual(["before"]);
  await putBoth(tx, "a", "b");
  expect(await tx.transaction().execute(async (inner) => skus(inner))).toEqual(["a", "b", "before"]);
});

test("transaction() nests, also through copies of Kysely", async () => {
  const tx = kind.bind(unit.raw).withPlugin(new CamelCasePlugin());
  await tx.transaction().execute(async (inner) => {
    expect(inner.isTransaction).toBe(true);
    await put(inner, "a");
    await putBoth(inner.withoutPlugins(), "b", "c");
    await expect(putBoth(inner, "d", "a")).rejects.toMatchObject({ code: "statement-failed" });
  });
  await expect(
    tx.transaction().execute(async (inner) => {
      await putBoth(inner, "e", "f");
      throw new Error("all of it");
    }),
  ).rejects.toThrow("all of it");
  expect(await skus(tx)).toEqual(["a", "b", "c"]);
});

/** Every way of Kysely to another one of the same connection. */
const COPIES: Readonly<Record<string, (db: Kysely<OrdersDb>) => Kysely<OrdersDb>>> = {
  withTables: (db) => db.withTables<{ orders_note: { text: string } }>(),
  $extendTables: (db) => db.$extendTables<{ orders_note: { text: string } }>(),
  $omitTables: (db) => db.$omitTables<never>(),
  $pickTables: (db) => db.$pickTables<"orders_order">(),
  withSchema: (db) => db.withSchema("main"),
  withPlugin: (db) => db.withPlugin(new CamelCasePlugin()),
  withoutPlugins: (db) => db.withoutPlugins(),
};

test.for(Object.entries(COPIES))("%s() has transactions of the unit, within one too", async ([, copy]) => {
  const tx = kind.bind(unit.raw);
  await expect(putBoth(copy(tx), "a", "a")).rejects.toMatchObject({ code: "statement-failed" });
  await putBoth(copy(tx), "a", "b");
  await tx.transaction().execute(async (inner) => {
    expect(copy(inner).isTransaction).toBe(true);
    await putBoth(copy(inner), "c", "d");
    await expect(putBoth(copy(inner), "e", "a")).rejects.toMatchObject({ code: "statement-failed" });
  });
  expect(await skus(tx)).toEqual(["a", "b", "c", "d"]);
});

test("connection() is that of the unit, with transactions, within one too", async () => {
  const tx = kind.bind(unit.raw);
  const both = (db: Kysely<OrdersDb>, one: string, two: string): Promise<void> =>
    db.connection().execute(async (connection) => {
      await put(connection, one);
      await putBoth(connection.withTables(), two, `${two}2`);
    });
  await both(tx, "a", "b");
  await tx.transaction().execute(async (inner) => both(inner as Kysely<OrdersDb>, "c", "d"));
  expect(await skus(tx)).toEqual(["a", "b", "b2", "c", "d", "d2"]);
});

test("what an inner transaction is not is refused with the code it has elsewhere", async () => {
  const tx = kind.bind(unit.raw);
  await tx.transaction().execute(async (inner) => {
    const any: Kysely<OrdersDb> = inner;
    expect(() => any.startTransaction()).toThrow(expect.objectContaining({ code: "transaction-statement" }));
    await any.destroy();
    await put(inner, "a");
  });
  expect(await skus(tx)).toEqual(["a"]);
});

test("two transactions at once are refused, and so is the outer handle while one is open", async () => {
  const tx = kind.bind(unit.raw);
  const both = await Promise.allSettled([putBoth(tx, "a", "b"), putBoth(tx, "c", "d"), put(tx, "e")]);
  const beside = { reason: { code: "savepoint-open" } };
  expect(both).toMatchObject([{ status: "fulfilled" }, beside, beside]);
  expect(await skus(tx)).toEqual(["a", "b"]);
});

test("a query that floats out of its transaction is refused by name", async () => {
  const tx = kind.bind(unit.raw);
  let leaked: Kysely<OrdersDb> = tx;
  await tx.transaction().execute(async (inner) => void (leaked = inner));
  await expect(put(leaked, "a")).rejects.toMatchObject({
    code: "handle-dead",
    message: /an inner transaction of orders\.place-order/,
  });
});

test("a read has no transactions", async () => {
  await transaction.commit();
  const session = await store.session("orders");
  const reading = kind
    .bind(session.raw)
    .transaction()
    .execute(async () => {});
  await expect(reading).rejects.toMatchObject({ code: "not-in-unit" });
  await session.end();
});

test("what a savepoint is not is refused by name, and so are streams", async () => {
  const tx = kind.bind(unit.raw);
  const refused = { code: "transaction-statement" };
  expect(() => tx.transaction().setIsolationLevel("serializable")).toThrow(expect.objectContaining(refused));
  expect(() => tx.transaction().setAccessMode("read only")).toThrow(expect.objectContaining(refused));
  await expect(tx.startTransaction().execute()).rejects.toMatchObject(refused);
  await expect(sql`COMMIT`.execute(tx)).rejects.toMatchObject(refused);
  const stream = tx.selectFrom("orders_order").selectAll().stream();
  await expect(stream.next()).rejects.toMatchObject({ code: "statement-failed" });
  await tx.destroy();
  expect(await tx.selectFrom("orders_order").selectAll().execute()).toEqual([]);
});

test("what the database refuses keeps its code through Kysely", async () => {
  const tx = kind.bind(unit.raw);
  const insert = tx.insertInto("orders_order").values({ sku: "a", quantity: 1 });
  await insert.execute();
  await expect(insert.execute()).rejects.toMatchObject({
    code: "statement-failed",
    message: /UNIQUE.*orders_order\.sku/,
  });
  await expect(sql`SELECT * FROM orders_order, banyan_meta`.execute(tx)).resolves.toBeDefined();
  await expect(sql`DELETE FROM banyan_meta`.execute(tx)).rejects.toMatchObject({ code: "table-foreign" });
});

test("what would be written as NULL, or not be read again, is refused and not written", async () => {
  const tx = kind.bind(unit.raw);
  const refused = { code: "statement-failed" };
  const beyond = tx.insertInto("orders_order").values({ sku: "a", quantity: (2n ** 60n) as unknown as number });
  await expect(beyond.execute()).rejects.toMatchObject({ ...refused, message: /as text to a TEXT column/ });
  const few = CompiledQuery.raw("INSERT INTO orders_order (sku, quantity) VALUES (?, coalesce(?, 0))", ["a"]);
  await expect(tx.executeQuery(few)).rejects.toMatchObject({ ...refused, message: /takes 2 values and was given 1/ });
  expect(await skus(tx)).toEqual([]);
});

test("introspection reads the schema", async () => {
  const tables = await kind.bind(unit.raw).introspection.getTables();
  expect(tables.find(({ name }) => name === "orders_order")?.columns.map(({ name }) => name)).toEqual([
    "id",
    "sku",
    "quantity",
  ]);
});

test("a store without SQL is refused", () => {
  const tables = { kind: "tables", table: () => undefined as never } as const;
  expect(() => kind.bind(tables)).toThrow(expect.objectContaining({ code: "handle-unsupported" }));
});

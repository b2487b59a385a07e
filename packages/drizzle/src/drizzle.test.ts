import type { Store, StoreTransaction, UnitHandle } from "@banyan/core";
import { sqlite } from "@banyan/node";
import { eq, relations, sql } from "drizzle-orm";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { drizzle, type DrizzleDatabase } from "./drizzle.ts";

const order = sqliteTable("orders_order", {
  id: integer().primaryKey(),
  name: text().notNull().unique(),
  paid: integer({ mode: "boolean" }).notNull().default(false),
});
const line = sqliteTable("orders_line", {
  id: integer().primaryKey(),
  orderId: integer("order_id").notNull(),
  name: text().notNull(),
});
const schema = {
  order,
  line,
  orderRelations: relations(order, ({ many }) => ({ lines: many(line) })),
  lineRelations: relations(line, ({ one }) => ({
    order: one(order, { fields: [line.orderId], references: [order.id] }),
  })),
};
type Schema = typeof schema;

const tables = `CREATE TABLE orders_order (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, paid INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE orders_line (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, name TEXT NOT NULL);`;
const kind = drizzle(schema);
let store: Store;
let transaction: StoreTransaction;
let unit: UnitHandle;
let tx: DrizzleDatabase<Schema>;

beforeEach(async () => {
  store = sqlite({ memory: true });
  const orders = { name: "orders", prefix: "orders_", migrations: [{ name: "001-order.sql", sql: tables }] };
  await store.open({ contexts: [orders], now: () => 0, newId: () => "id" });
  transaction = await store.begin();
  unit = transaction.unit("orders", "orders.place-order");
  tx = kind.bind(unit.raw);
});

afterEach(async () => {
  await transaction.rollback();
  await store.close();
});

const put = async (db: DrizzleDatabase<Schema>, name: string): Promise<unknown> => db.insert(order).values({ name });
const names = async (db: DrizzleDatabase<Schema>): Promise<string[]> =>
  (await db.select({ name: order.name }).from(order).orderBy(order.name)).map(({ name }) => name);
const putBoth = (db: DrizzleDatabase<Schema>, one: string, two: string): Promise<void> =>
  db.transaction(async (inner) => {
    await put(inner, one);
    await put(inner, two);
  });

test("statements run in the unit's transaction, and their counts and ids come back", async () => {
  expect(await tx.insert(order).values({ name: "a" })).toMatchObject({ changes: 1, insertId: 1 });
  expect(await tx.insert(order).values({ name: "b", paid: true }).returning()).toEqual([
    { id: 2, name: "b", paid: true },
  ]);
  expect(await tx.update(order).set({ paid: true }).where(eq(order.paid, false))).toMatchObject({ changes: 1 });
  expect(await tx.delete(order).where(eq(order.name, "none"))).toMatchObject({ changes: 0 });
  expect(await tx.delete(order).where(eq(order.name, "b")).returning({ id: order.id })).toEqual([{ id: 2 }]);
  expect(await tx.select().from(order).where(eq(order.name, "a")).get()).toEqual({ id: 1, name: "a", paid: true });
  expect(await tx.select().from(order).where(eq(order.name, "b")).get()).toBeUndefined();
  expect(await tx.$count(order)).toBe(1);
  const prepared = tx
    .select()
    .from(order)
    .where(eq(order.name, sql.placeholder("name")))
    .prepare();
  expect(await prepared.all({ name: "a" })).toEqual([{ id: 1, name: "a", paid: true }]);
});

test("what would be written as NULL, or not be read again, is refused and not written", async () => {
  const refused = { code: "statement-failed" };
  const beyond = tx.run(sql`INSERT INTO ${order} (name, paid) VALUES ('a', ${2n ** 60n})`);
  await expect(beyond).rejects.toMatchObject({ ...refused, message: /as text to a TEXT column/ });
  const few = tx.run(sql.raw("INSERT INTO orders_order (name) VALUES (coalesce(?, 'a'))"));
  await expect(few).rejects.toMatchObject({ ...refused, message: /takes 1 value and was given 0/ });
  expect(await names(tx)).toEqual([]);
});

test("a team's own text gives objects, or values", async () => {
  await put(tx, "a");
  expect(await tx.all(sql`SELECT name, id FROM ${order}`)).toEqual([{ name: "a", id: 1 }]);
  expect(await tx.get(sql`SELECT name FROM ${order} WHERE name = ${"a"}`)).toEqual({ name: "a" });
  expect(await tx.values(sql`SELECT name, id FROM ${order}`)).toEqual([["a", 1]]);
  expect(await tx.run(sql`UPDATE ${order} SET paid = 1`)).toMatchObject({ changes: 1 });
});

test("a join keeps columns of one name apart", async () => {
  await tx.insert(order).values({ id: 7, name: "of the order" });
  await tx.insert(line).values({ id: 9, orderId: 7, name: "of the line" });
  expect(await tx.select().from(order).innerJoin(line, eq(line.orderId, order.id))).toEqual([
    {
      orders_order: { id: 7, name: "of the order", paid: false },
      orders_line: { id: 9, orderId: 7, name: "of the line" },
    },
  ]);
  await put(tx, "without lines");
  const left = await tx.select().from(order).leftJoin(line, eq(line.orderId, order.id)).orderBy(order.id);
  expect(left.map((row) => row.orders_line?.name)).toEqual(["of the line", undefined]);
});

test("relational queries", async () => {
  await tx.insert(order).values({ id: 7, name: "a" });
  await tx.insert(line).values([
    { orderId: 7, name: "one" },
    { orderId: 7, name: "two" },
  ]);
  const found = await tx.query.order.findFirst({ with: { lines: { columns: { name: true } } } });
  expect(found).toEqual({ id: 7, name: "a", paid: false, lines: [{ name: "one" }, { name: "two" }] });
  expect(await tx.query.line.findMany({ with: { order: true }, where: eq(line.name, "two") })).toMatchObject([
    { name: "two", order: { name: "a" } },
  ]);
});

test("transaction() is an inner part of the unit: what throws in it undoes it, and the body goes on", async () => {
  await put(tx, "before");
  await expect(putBoth(tx, "new", "before")).rejects.toMatchObject({ code: "statement-failed", message: /UNIQUE/ });
  await expect(tx.transaction(async (inner) => (await put(inner, "x"), inner.rollback()))).rejects.toThrow("Rollback");
  expect(await names(tx)).toEqual(["before"]);
  await tx.transaction(async (inner) => {
    await put(inner, "a");
    await putBoth(inner, "b", "c");
    await expect(putBoth(inner, "d", "a")).rejects.toMatchObject({ code: "statement-failed" });
  });
  expect(await names(tx)).toEqual(["a", "b", "before", "c"]);
});

test("two transactions at once, settings and a leaked one are refused by name", async () => {
  const both = await Promise.allSettled([putBoth(tx, "a", "b"), putBoth(tx, "c", "d"), put(tx, "e")]);
  const beside = { reason: { code: "savepoint-open" } };
  expect(both).toMatchObject([{ status: "fulfilled" }, beside, beside]);
  const refused = { code: "transaction-statement" };
  await expect(tx.transaction(async () => {}, { behavior: "immediate" })).rejects.toMatchObject(refused);
  await expect(tx.run("COMMIT")).rejects.toMatchObject(refused);
  let leaked: DrizzleDatabase<Schema> = tx;
  await tx.transaction(async (inner) => void (leaked = inner));
  await expect(put(leaked, "x")).rejects.toMatchObject({ code: "handle-dead", message: /an inner transaction of/ });
  expect(await names(tx)).toEqual(["a", "b"]);
});

test("a read is the same database on committed rows, and writes nothing", async () => {
  await put(tx, "a");
  await transaction.commit();
  const session = await store.session("orders");
  const read = kind.bind(session.raw);
  expect(await names(read)).toEqual(["a"]);
  expect(await read.query.order.findMany({ with: { lines: true } })).toMatchObject([{ name: "a", lines: [] }]);
  await expect(put(read, "b")).rejects.toMatchObject({ code: "not-in-unit" });
  await expect(putBoth(read, "b", "c")).rejects.toMatchObject({ code: "not-in-unit" });
  await session.end();
});

test("a query that is not awaited belongs to its unit all the same", async () => {
  const executed = [
    tx.insert(order).values({ name: "a" }).execute(),
    tx.update(order).set({ paid: true }).execute(),
    tx.delete(order).execute(),
    tx.select().from(order).execute(),
    tx.query.order.findMany().execute(),
    tx.run(sql`DELETE FROM ${order}`).execute(),
    tx.all(sql`SELECT 1`).execute(),
  ];
  expect(unit.activity().asked).toBe(executed.length);
  unit.end();
  await Promise.all(executed);
});

test("after its unit a database is dead and says so", async () => {
  unit.end();
  const dead = { code: "handle-dead", message: /"orders.place-order"/ };
  await expect(put(tx, "a")).rejects.toMatchObject(dead);
  await expect(names(tx)).rejects.toMatchObject(dead);
  await expect(tx.query.order.findMany()).rejects.toMatchObject(dead);
  await expect(tx.$count(order)).rejects.toMatchObject(dead);
  await expect(putBoth(tx, "a", "b")).rejects.toMatchObject(dead);
});

test("what the database refuses keeps its code, and tells no parameters", async () => {
  await put(tx, "private");
  const { code, message } = await put(tx, "private").then(String, (error) => error);
  expect(code).toBe("statement-failed");
  expect(message).toMatch(/UNIQUE.*orders_order\.name/);
  expect(message).not.toContain("private");
});

test("without a schema there are the tables themselves; without SQL nothing", async () => {
  const plain = drizzle().bind(unit.raw);
  await plain.insert(order).values({ name: "a" });
  expect(await plain.select().from(order)).toEqual([{ id: 1, name: "a", paid: false }]);
  const none = { kind: "tables", table: () => undefined as never } as const;
  expect(() => kind.bind(none)).toThrow(expect.objectContaining({ code: "handle-unsupported" }));
});

import { isBanyanError, type ReadSession, type Store, type StoreTransaction, type UnitHandle } from "@banyan/core";
import { sqlite } from "@banyan/node";
import type { SqlDriverAdapterFactory } from "@prisma/driver-adapter-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Prisma, PrismaClient } from "../fixture/generated/client.ts";
import { prisma } from "./prisma.ts";

const schema = `
  CREATE TABLE orders_order (
    id TEXT PRIMARY KEY, cents INTEGER NOT NULL DEFAULT 0, total BIGINT, at DATETIME, paid BOOLEAN NOT NULL DEFAULT 0,
    seal BLOB, price DECIMAL, info TEXT
  );
  CREATE TABLE orders_line (
    id INTEGER PRIMARY KEY AUTOINCREMENT, order_id TEXT NOT NULL REFERENCES orders_order (id), sku TEXT NOT NULL UNIQUE
  );
  CREATE TABLE orders_note (
    tenant TEXT NOT NULL DEFAULT (banyan_tenant()), id TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (tenant, id)
  );`;
const make = (adapter: SqlDriverAdapterFactory): PrismaClient => new PrismaClient({ adapter });
const kind = await prisma(make);
let store: Store;
let transaction: StoreTransaction;
let unit: UnitHandle;

beforeEach(async () => {
  store = sqlite({ memory: true });
  const migrations = [{ name: "001-order.sql", sql: schema }];
  const orders = { name: "orders", prefix: "orders_", migrations, tenantTables: ["orders_note"] };
  const billing = { name: "billing", prefix: "billing_", migrations: [] };
  await store.open({ contexts: [orders, billing], now: () => 0, newId: () => "id" });
  await begin();
});

afterEach(async () => {
  await transaction.rollback();
  await store.close();
});

async function begin(tenant = "acme"): Promise<PrismaClient> {
  transaction = await store.begin();
  unit = transaction.unit("orders", "orders.place-order", tenant);
  return kind.bind(unit.raw);
}

const ids = async (db: Pick<PrismaClient, "order">): Promise<string[]> =>
  (await db.order.findMany({ select: { id: true }, orderBy: { id: "asc" } })).map(({ id }) => id);

test("every type of a model comes back as it was given", async () => {
  const tx = kind.bind(unit.raw);
  const given = {
    id: "a",
    cents: 7,
    total: 9_007_199_254_740_991n,
    at: new Date("2026-01-02T03:04:05.006Z"),
    paid: true,
    seal: Uint8Array.of(0, 255, 7),
    price: new Prisma.Decimal("12.34"),
    info: { deep: [1, "two", null] },
  };
  const wanted = { ...given, seal: expect.anything(), price: expect.anything() };
  const made = await tx.order.create({ data: given });
  for (const row of [made, await tx.order.findUniqueOrThrow({ where: { id: "a" } })]) {
    expect(row).toEqual(wanted);
    expect([...(row.seal ?? [])]).toEqual([0, 255, 7]);
    expect(row.price?.toString()).toBe("12.34");
  }
  await tx.order.create({ data: { id: "b" } });
  expect(await tx.order.findUnique({ where: { id: "b" } })).toMatchObject({
    id: "b",
    cents: 0,
    paid: false,
    ...Object.fromEntries(["total", "at", "seal", "price", "info"].map((name) => [name, null])),
  });
  expect(await tx.order.count({ where: { at: { lt: new Date("2026-01-03T00:00:00Z") }, paid: true } })).toBe(1);
});

test("a whole number that could not be read again is refused when it is written", async () => {
  const tx = kind.bind(unit.raw);
  const beyond = tx.order.createMany({ data: [{ id: "a", total: 2n ** 53n }] });
  await expect(beyond).rejects.toMatchObject({ code: "statement-failed", message: /as text to a TEXT column/ });
  await tx.order.create({ data: { id: "b", total: 2n ** 53n - 1n } });
  expect(await tx.order.findMany()).toMatchObject([{ id: "b", total: 2n ** 53n - 1n }]);
});

test("nested writes, upserts, includes, counts and groups are those of Prisma", async () => {
  const tx = kind.bind(unit.raw);
  await tx.order.create({ data: { id: "a", cents: 3, lines: { create: [{ sku: "x" }, { sku: "y" }] } } });
  const upsert = {
    where: { id: "a" },
    create: { id: "a" },
    update: { cents: { increment: 4 }, lines: { delete: { sku: "x" } } },
  };
  await tx.order.upsert(upsert as Prisma.OrderUpsertArgs);
  await tx.order.upsert({ where: { id: "b" }, create: { id: "b" }, update: { cents: 1 } });
  const found = await tx.order.findMany({ include: { lines: true, _count: true }, orderBy: { id: "asc" } });
  expect(found).toMatchObject([
    { id: "a", cents: 7, lines: [{ sku: "y" }], _count: { lines: 1 } },
    { id: "b", cents: 0, lines: [] },
  ]);
  expect(await tx.order.findUnique({ where: { id: "a" } }).lines()).toMatchObject([{ sku: "y" }]);
  expect(await tx.order.updateMany({ where: { cents: { lt: 9 } }, data: { paid: true } })).toEqual({ count: 2 });
  expect(await tx.order.groupBy({ by: ["paid"], _sum: { cents: true } })).toEqual([{ paid: true, _sum: { cents: 7 } }]);
  await expect(tx.order.update({ where: { id: "no" }, data: {} })).rejects.toMatchObject({ code: "P2025" });
});

test("raw queries are the team's own text, untouched", async () => {
  const tx = kind.bind(unit.raw);
  const id = "`main`.a";
  expect(await tx.$executeRaw`INSERT INTO orders_order (id, seal) VALUES (${id}, ${Uint8Array.of(1)})`).toBe(1);
  expect(await tx.$queryRaw`SELECT id, '\`main\`.' AS text, cents, 1.5 AS half, at FROM main.orders_order`).toEqual([
    { id, text: "`main`.", cents: 0, half: 1.5, at: null },
  ]);
  await expect(tx.$executeRawUnsafe("COMMIT")).rejects.toMatchObject({ code: "transaction-statement" });
  await expect(tx.$queryRaw`DELETE FROM banyan_meta`).rejects.toMatchObject({ code: "table-foreign" });
});

test("what the database refuses is an error of Banyan, and not Prisma's", async () => {
  const tx = kind.bind(unit.raw);
  await tx.order.create({ data: { id: "a" } });
  const again = tx.order.create({ data: { id: "a" } });
  expect(isBanyanError(await again.catch((error: unknown) => error))).toBe(true);
  await expect(again).rejects.toMatchObject({ code: "statement-failed", message: /UNIQUE.*orders_order\.id/ });
});

test("a nested write that fails leaves nothing of itself, and the body goes on", async () => {
  const tx = kind.bind(unit.raw);
  await tx.order.create({ data: { id: "a", lines: { create: { sku: "x" } } } });
  const nested = tx.order.create({ data: { id: "b", lines: { create: [{ sku: "y" }, { sku: "x" }] } } });
  await expect(nested).rejects.toMatchObject({ code: "statement-failed", message: /UNIQUE/ });
  expect(await ids(tx)).toEqual(["a"]);
  expect(await tx.line.count()).toBe(1);
});

test("operations side by side take turns", async () => {
  const tx = kind.bind(unit.raw);
  const one = (id: string): Promise<unknown> => tx.order.create({ data: { id, lines: { create: { sku: id } } } });
  await Promise.all([one("a"), one("b"), tx.order.findMany(), one("c")]);
  expect(await ids(tx)).toEqual(["a", "b", "c"]);
});

test("$transaction with a body is an inner part of the unit, and nests", async () => {
  const tx = kind.bind(unit.raw);
  const put = async (db: PrismaClient, id: string, work = async (): Promise<void> => {}): Promise<void> =>
    db.$transaction(async (inner) => {
      await inner.order.create({ data: { id } });
      await work();
    });
  await put(tx, "a");
  const fails = put(tx, "b", async () => {
    throw new Error("all of it");
  });
  await expect(fails).rejects.toThrow("all of it");
  await tx.$transaction(async (inner) => {
    await inner.order.create({ data: { id: "c", lines: { create: { sku: "c" } } } });
    await expect(put(inner as PrismaClient, "a")).rejects.toMatchObject({ code: "statement-failed" });
    await expect(tx.order.count()).rejects.toMatchObject({ code: "savepoint-open" });
  });
  expect(await ids(tx)).toEqual(["a", "c"]);
});

test("$transaction with a list is an inner part too, in order", async () => {
  const tx = kind.bind(unit.raw);
  const [made, count] = await tx.$transaction([tx.order.create({ data: { id: "a" } }), tx.order.count()]);
  expect([made.id, count]).toEqual(["a", 1]);
  const fails = tx.$transaction([tx.order.create({ data: { id: "b" } }), tx.order.create({ data: { id: "a" } })]);
  await expect(fails).rejects.toMatchObject({ code: "statement-failed" });
  expect(await ids(tx)).toEqual(["a"]);
});

test("a transaction has no settings, and its client ends with it", async () => {
  const tx = kind.bind(unit.raw);
  await expect(tx.$transaction([], { isolationLevel: "Serializable" })).rejects.toMatchObject({
    code: "transaction-statement",
  });
  let leaked: Pick<PrismaClient, "order"> = tx;
  await tx.$transaction(async (inner) => void (leaked = inner));
  await expect(leaked.order.count()).rejects.toMatchObject({ code: "handle-dead", message: /an inner transaction of/ });
});

test("what is rolled back is gone, and a client is dead after its unit", async () => {
  const tx = kind.bind(unit.raw);
  await tx.order.create({ data: { id: "a", lines: { create: { sku: "x" } } } });
  unit.end();
  await transaction.rollback();
  await expect(tx.order.count()).rejects.toMatchObject({ code: "handle-dead", message: /orders\.place-order/ });
  expect(await ids(await begin())).toEqual([]);
});

test("what was begun and not awaited reaches no other unit", async () => {
  const tx = kind.bind(unit.raw);
  const floating = tx.order.create({ data: { id: "a" } }).then((row) => row.id);
  unit.end();
  const next = transaction.unit("orders", "orders.next", "acme");
  expect(await ids(kind.bind(next.raw))).toEqual([]);
  await expect(floating).rejects.toMatchObject({ code: "handle-dead", message: /orders\.place-order/ });
});

test("no turn of the event loop passes in an operation, so that a body is never taken for a waiting one", async () => {
  const tx = kind.bind(unit.raw);
  let turned = false;
  setImmediate(() => (turned = true));
  await tx.order.create({ data: { id: "a", lines: { create: [{ sku: "x" }, { sku: "y" }] } } });
  await tx.$transaction(async (inner) => inner.order.findUnique({ where: { id: "a" }, include: { lines: true } }));
  expect(turned).toBe(false);
});

test("a read sees what is committed, writes nothing, and has no transactions", async () => {
  const tx = kind.bind(unit.raw);
  await tx.order.create({ data: { id: "a", lines: { create: { sku: "x" } } } });
  await transaction.commit();
  const session = await store.session("orders", "acme");
  const read = kind.bind(session.raw);
  expect(await read.order.findMany({ include: { lines: true } })).toMatchObject([{ id: "a", lines: [{ sku: "x" }] }]);
  const refused = { code: "not-in-unit" };
  await expect(read.order.delete({ where: { id: "a" } })).rejects.toMatchObject(refused);
  await expect(read.order.create({ data: { id: "b", lines: { create: { sku: "y" } } } })).rejects.toMatchObject(
    refused,
  );
  await expect(read.$transaction(async () => {})).rejects.toMatchObject(refused);
  await session.end();
});

test("tables of tenants: everyone has rows of his own, and reads at one time are not answered from each other's", async () => {
  for (const tenant of ["acme", "beta"]) {
    if (tenant !== "acme") await begin(tenant);
    const tx = kind.bind(unit.raw);
    await tx.note.create({ data: { id: "1", text: `of ${tenant}` } });
    expect(await tx.note.findMany()).toEqual([{ tenant, id: "1", text: `of ${tenant}` }]);
    await tx.note.updateMany({ data: { text: `all of ${tenant}` } });
    await transaction.commit();
  }
  const sessions = await Promise.all(["acme", "beta"].map(async (tenant) => store.session("orders", tenant)));
  const [acme, beta] = sessions.map(({ raw }: ReadSession) => kind.bind(raw)) as [PrismaClient, PrismaClient];
  const look = (read: PrismaClient, tenant: string): Promise<unknown> =>
    read.note.findUnique({ where: { tenant_id: { tenant, id: "1" } } });
  expect(await Promise.all([look(acme, "acme"), look(beta, "acme"), look(beta, "beta")])).toMatchObject([
    { text: "all of acme" },
    null,
    { text: "all of beta" },
  ]);
  await Promise.all(sessions.map(async (session) => session.end()));
});

test("a client of its own making has its extensions, and one of no unit reaches nothing", async () => {
  let base: PrismaClient | undefined;
  const extended = await prisma((adapter) => {
    base = make(adapter);
    return base.$extends({ model: { order: { label: (id: string) => `order ${id}` } } });
  });
  const tx = extended.bind(unit.raw);
  expect(tx.order.label("a")).toBe("order a");
  expect(await tx.order.count()).toBe(0);
  await expect(base?.order.count()).rejects.toMatchObject({ code: "handle-dead" });
});

test("another store, or a version of Prisma that is not known, is refused", async () => {
  const tables = { kind: "tables", table: () => undefined as never } as const;
  const unsupported = { code: "handle-unsupported" };
  expect(() => kind.bind(tables)).toThrow(expect.objectContaining(unsupported));
  const unknown = prisma(() => ({ $connect: async () => {}, $extends: () => {} }));
  await expect(unknown).rejects.toMatchObject(unsupported);
});

import { prisma } from "@banyan/prisma";
import { anyone, app, command, context, event, query, type App } from "banyan";
import { z } from "zod";
import { PrismaClient } from "../../packages/prisma/fixture/generated/client.ts";

const Wanted = z.object({ id: z.string(), skus: z.array(z.string()) });

export const Placed = event("orders.placed", { version: 1, key: "id", data: Wanted });
export const Place = command("orders.place", {
  http: "POST /orders",
  input: Wanted,
  output: z.object({ lines: z.int() }),
});
export const Forget = command("orders.forget", { http: "POST /forget", input: Wanted, output: z.object({}) });
export const Find = query("orders.find", {
  http: "GET /orders",
  input: z.object({}),
  output: z.object({ orders: z.array(Wanted), seen: z.int() }),
});
const contract = { Placed, Place, Forget, Find };
const schema = `
  CREATE TABLE orders_order (
    id TEXT PRIMARY KEY, cents INTEGER NOT NULL DEFAULT 0, total BIGINT, at DATETIME, paid BOOLEAN NOT NULL DEFAULT 0,
    seal BLOB, price DECIMAL, info TEXT
  );
  CREATE TABLE orders_line (
    id INTEGER PRIMARY KEY AUTOINCREMENT, order_id TEXT NOT NULL REFERENCES orders_order (id), sku TEXT NOT NULL UNIQUE
  );`;
const migrations = [{ name: "001-order.sql", sql: schema }];

// #region context
export const orders = context("orders", {
  contract,
  tx: await prisma((adapter) => new PrismaClient({ adapter })),
  migrations,
});
// #endregion context

// #region place
orders.handle(Place, { allow: anyone() }, async ({ id, skus }, { tx, emit }) => {
  const lines = { create: skus.map((sku) => ({ sku })) };
  const placed = await tx.order.create({ data: { id, lines }, include: { lines: true } });
  emit(Placed, { id, skus });
  return { lines: placed.lines.length };
});
// #endregion place

orders.handle(Forget, { allow: anyone() }, async ({ id, skus }, { tx }) => {
  void tx.order.create({ data: { id, lines: { create: skus.map((sku) => ({ sku })) } } }).then(() => {});
  return {};
});

orders.answer(Find, { allow: anyone() }, async (_, { read }) => {
  const found = await read.order.findMany({ include: { lines: { orderBy: { id: "asc" } } }, orderBy: { id: "asc" } });
  const all = found.map(({ id, lines }) => ({ id, skus: lines.map(({ sku }) => sku) }));
  return { orders: all, seen: await read.order.count({ where: { paid: true } }) };
});

orders.on(Placed, { name: "mark-paid", from: "start" }, async ({ data }, { tx }) => {
  await tx.order.update({ where: { id: data.id }, data: { paid: true } });
});

export function ordersApp(): App {
  return app({ contexts: [orders] });
}

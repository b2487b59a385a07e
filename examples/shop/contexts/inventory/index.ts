import { kysely } from "@banyan/kysely";
import { anyone, context, refuse, roles, sqlFiles } from "banyan";
import { OrderCancelled, OrderPlaced, OrderShipped } from "../orders/contract.ts";
import { PaymentDeclined } from "../payments/contract.ts";
import * as contract from "./contract.ts";
import { eachOf, moveHold, releaseHold, reserve, setStock } from "./stock.ts";
import type { InventoryTables } from "./tables.ts";

/** Owns what is in the warehouse: products, and the stock each order holds. */
export const inventory = context("inventory", {
  owner: "team-warehouse",
  contract,
  tx: kysely<InventoryTables>(),
  migrations: sqlFiles(new URL("./migrations/", import.meta.url)),
});

inventory.handle(contract.SetStock, { allow: roles("operator") }, async (input, { tx, newId, now }) => {
  await setStock(tx, input, { id: newId(), at: now });
});

inventory.answer(contract.GetProduct, { allow: anyone() }, async ({ sku }, { read }) => {
  const row = await read.selectFrom("inventory_product").selectAll().where("sku", "=", sku).executeTakeFirst();
  if (row === undefined)
    throw refuse("sku-unknown", `There is no product "${sku}".`, {
      kind: "not-found",
      remedy: "GET /stock lists the products.",
    });
  const { price_cents: priceCents, ...product } = row;
  return { ...product, priceCents };
});

inventory.answer(contract.ListProducts, { allow: anyone() }, async ({ limit, after = "" }, { read }) => {
  const rows = await read
    .selectFrom("inventory_product")
    .selectAll()
    .where("sku", ">", after)
    .orderBy("sku")
    .limit(limit)
    .execute();
  const items = rows.map(({ price_cents: priceCents, ...product }) => ({ ...product, priceCents }));
  return { items, next: items.length === limit ? (items.at(-1)?.sku ?? null) : null };
});

inventory.answer(contract.GetPrices, { allow: roles("context") }, async ({ skus }, { read }) => {
  const rows = await read
    .selectFrom("inventory_product")
    .select(["sku", "price_cents"])
    .where("sku", "in", eachOf(skus))
    .execute();
  return { prices: rows.map((row) => ({ sku: row.sku, priceCents: row.price_cents })) };
});

inventory.answer(contract.AuditStock, { allow: roles("context") }, async (_input, { read }) => {
  const wrong = await read
    .selectFrom("inventory_product as product")
    .leftJoin("inventory_adjustment as adjustment", "adjustment.sku", "product.sku")
    .select("product.sku")
    .groupBy("product.sku")
    .having(({ eb, fn, ref }) =>
      eb(
        fn.coalesce(fn.sum<number>("adjustment.quantity"), eb.lit(0)),
        "<>",
        eb(eb(ref("product.available"), "+", ref("product.reserved")), "+", ref("product.shipped")),
      ),
    )
    .limit(100)
    .execute();
  return { stockConserved: wrong.length === 0, wrongSkus: wrong.map((row) => row.sku) };
});

inventory.on(OrderPlaced, { name: "reserve-stock", from: "start" }, async ({ data }, { tx, emit }) => {
  const outcome = await reserve(tx, data);
  if (outcome.outcome === "held") emit(contract.StockReserved, { orderId: data.orderId, totalCents: data.totalCents });
  if (outcome.outcome === "refused") emit(contract.StockRefused, { orderId: data.orderId, sku: outcome.sku });
});

inventory.on(PaymentDeclined, { name: "release-declined", from: "start" }, async ({ data }, { tx }) => {
  await releaseHold(tx, data.orderId);
});

inventory.on(OrderCancelled, { name: "release-cancelled", from: "start" }, async ({ data }, { tx }) => {
  await releaseHold(tx, data.orderId);
});

inventory.on(OrderShipped, { name: "ship-stock", from: "start" }, async ({ data }, { tx }) => {
  await moveHold(tx, data.orderId, "shipped");
});

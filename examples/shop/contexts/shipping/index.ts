import { kysely } from "@banyan/kysely";
import { context, sqlFiles } from "banyan";
import { OrderCancelled, OrderConfirmed, OrderShipped } from "../orders/contract.ts";
import * as contract from "./contract.ts";
import type { ShippingTables } from "./tables.ts";

/** Owns the parcels. */
export const shipping = context("shipping", {
  owner: "team-shipping",
  contract,
  tx: kysely<ShippingTables>(),
  migrations: sqlFiles(new URL("./migrations/", import.meta.url)),
});

shipping.on(OrderConfirmed, { name: "prepare", from: "start" }, async ({ data: { orderId } }, { tx, emit }) => {
  const row = { order_id: orderId, state: "prepared" } as const;
  const inserted = await tx
    .insertInto("shipping_shipment")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows !== 0n) emit(contract.ShipmentPrepared, { orderId });
});

shipping.on(OrderShipped, { name: "dispatch", from: "start" }, async ({ data: { orderId } }, { tx, emit }) => {
  const moved = await tx
    .updateTable("shipping_shipment")
    .set({ state: "dispatched" })
    .where("order_id", "=", orderId)
    .where("state", "=", "prepared")
    .executeTakeFirst();
  if (moved.numUpdatedRows !== 0n) emit(contract.ShipmentDispatched, { orderId });
});

shipping.on(OrderCancelled, { name: "stop-cancelled", from: "start" }, async ({ data: { orderId } }, { tx }) => {
  const row = { order_id: orderId, state: "stopped" } as const;
  await tx
    .insertInto("shipping_shipment")
    .values(row)
    .onConflict((conflict) => conflict.column("order_id").doUpdateSet({ state: "stopped" }))
    .execute();
});

import { kysely } from "@banyan/kysely";
import { context, isErased, roles, sqlFiles, type Erased } from "banyan";
import type { Kysely } from "kysely";
import { OrderCancelled, OrderRejected, OrderShipped } from "../orders/contract.ts";
import * as contract from "./contract.ts";
import type { NotificationsTables } from "./tables.ts";

/** Owns what customers are told when an order has ended. */
export const notifications = context("notifications", {
  owner: "team-customer-care",
  contract,
  tx: kysely<NotificationsTables>(),
  migrations: sqlFiles(new URL("./migrations/", import.meta.url)),
});

type Notice = NotificationsTables["notifications_notice"];

async function write(
  tools: { tx: Kysely<NotificationsTables>; newId: () => string; now: number },
  notice: Pick<Notice, "order_id" | "kind" | "text"> & { recipient: string | Erased | undefined },
): Promise<void> {
  const { recipient: address, ...rest } = notice;
  // A guest may have left no address, and one that was erased is nobody's any more.
  const recipient = address === undefined || isErased(address) ? null : address;
  await tools.tx
    .insertInto("notifications_notice")
    .values({ id: tools.newId(), at: tools.now, recipient, ...rest })
    .execute();
}

notifications.on(OrderShipped, { name: "tell-shipped", from: "start" }, async ({ data: { orderId, email } }, tools) => {
  await write(tools, { order_id: orderId, kind: "shipped", recipient: email, text: "Your order is on its way." });
});

notifications.on(
  OrderRejected,
  { name: "tell-rejected", from: "start" },
  async ({ data: { orderId, email, reason } }, tools) => {
    const text =
      reason === "out-of-stock"
        ? "We are out of stock; you were not charged."
        : "Your payment was declined; nothing was charged.";
    await write(tools, { order_id: orderId, kind: "rejected", recipient: email, text });
  },
);

notifications.on(
  OrderCancelled,
  { name: "tell-cancelled", from: "start" },
  async ({ data: { orderId, email } }, tools) => {
    await write(tools, {
      order_id: orderId,
      kind: "cancelled",
      recipient: email,
      text: "Your order is cancelled; what you paid is on its way back.",
    });
  },
);

notifications.answer(contract.ListNotices, { allow: roles("operator") }, async ({ orderId }, { read }) => {
  const rows = await read
    .selectFrom("notifications_notice")
    .select(["kind", "text", "at"])
    .where("order_id", "=", orderId)
    .orderBy("id")
    .execute();
  return { items: rows };
});

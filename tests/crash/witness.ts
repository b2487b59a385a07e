import { context, type SqlHandle } from "banyan";
import {
  OrderCancelled,
  OrderConfirmed,
  OrderPlaced,
  OrderRejected,
  OrderShipped,
} from "../../examples/shop/contexts/orders/contract.ts";

// without a unique constraint: what is seen twice is to be there twice
const SEEN =
  "CREATE TABLE witness_seen (order_id TEXT NOT NULL, type TEXT NOT NULL, position INTEGER NOT NULL) STRICT;";

/** Keeps every event of an order in the order in which it gets them. */
export const witness = context("witness", { contract: {}, migrations: [{ name: "001-seen.sql", sql: SEEN }] });

witness.on(
  [OrderPlaced, OrderConfirmed, OrderShipped, OrderRejected, OrderCancelled],
  { name: "see", from: "start" },
  async ({ data, type, position }, { tx }) => {
    const row = [data.orderId, type, position];
    await (tx as unknown as SqlHandle).execute("INSERT INTO witness_seen VALUES (?, ?, ?)", row);
  },
);

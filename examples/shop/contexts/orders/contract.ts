import { command, event, query } from "banyan/contract";
import { z } from "zod";

/** By which lists are paged: at most `limit` items, after the one that `after` names. */
const page = { limit: z.int().min(1).max(1_000).default(100), after: z.string().max(200).optional() };
const sku = z.string().min(1).max(64);

const orderId = z.uuid();
const email = z.email().max(254);
const customerId = z.string().min(1).max(64);
const Line = z.object({ sku, quantity: z.int().min(1).max(1_000_000) });

// #region order-placed
export const OrderPlaced = event("orders.order-placed", {
  version: 1,
  key: "orderId",
  personal: { subject: "orderId", fields: ["customerId"] },
  data: z.object({ orderId, customerId: customerId.optional(), lines: z.array(Line), totalCents: z.int() }),
});
// #endregion

export const OrderConfirmed = event("orders.order-confirmed", {
  version: 1,
  key: "orderId",
  data: z.object({ orderId }),
});

export const OrderShipped = event("orders.order-shipped", {
  version: 1,
  key: "orderId",
  personal: { subject: "orderId", fields: ["email"] },
  data: z.object({ orderId, email: email.optional() }),
});

export const OrderRejected = event("orders.order-rejected", {
  version: 1,
  key: "orderId",
  personal: { subject: "orderId", fields: ["email"] },
  data: z.object({ orderId, reason: z.enum(["out-of-stock", "payment-declined"]), email: email.optional() }),
});

export const OrderCancelled = event("orders.order-cancelled", {
  version: 1,
  key: "orderId",
  personal: { subject: "orderId", fields: ["email"] },
  data: z.object({ orderId, email: email.optional() }),
});

// #region place-order
export const PlaceOrder = command("orders.place-order", {
  http: "POST /orders",
  input: z.object({
    orderId: orderId.optional(),
    customerId: customerId.optional(),
    email: email.optional(),
    lines: z.array(Line).min(1).max(2_000),
  }),
  output: z.object({ orderId, orderToken: z.string(), commandId: z.string(), status: z.literal("processing") }),
  confirms: [OrderConfirmed, OrderRejected],
});
// #endregion

export const CancelOrder = command("orders.cancel-order", {
  http: "POST /orders/:orderId/cancel",
  input: z.object({ orderId }),
  output: z.object({ orderId, status: z.literal("cancelled") }),
  confirms: [OrderCancelled],
});

const Status = z.enum(["processing", "awaiting-approval", "confirmed", "shipped", "rejected", "cancelled"]);

const Order = z.object({ orderId, status: Status, reason: z.string().optional(), totalCents: z.int() });

export const GetOrder = query("orders.get-order", {
  http: "GET /orders/:orderId",
  input: z.object({ orderId }),
  output: Order,
});

export const ListOrders = query("orders.list-orders", {
  http: "GET /orders",
  input: z.object({ ...page, status: Status.optional() }),
  output: z.object({ items: z.array(Order), next: z.string().nullable() }),
});

export const AuditShop = query("orders.audit-shop", {
  http: "GET /shop/audit",
  input: z.object({}),
  output: z.object({
    orders: z.record(z.string(), z.int()),
    stockConserved: z.boolean(),
    ledgerBalanced: z.boolean(),
    paymentsCapturedCents: z.int(),
    ordersPaidCents: z.int(),
    orphanedCharges: z.array(z.string()),
    parked: z.int(),
    dead: z.int(),
    openRuns: z.int(),
  }),
});

import { kysely } from "@banyan/kysely";
import { accepted, canonicalJson, context, needs, refuse, roles, sha256, sqlFiles } from "banyan";
import { AuditStock, GetPrices, StockRefused } from "../inventory/contract.ts";
import { AuditPayments, PaymentDeclined, PaymentTaken } from "../payments/contract.ts";
import { ShipmentPrepared } from "../shipping/contract.ts";
import { isCustomer, mayPlaceFor, mayUseOrder, type OrdersPorts } from "./access.ts";
import * as contract from "./contract.ts";
import { insertOrder, placedBefore, priced, totalOf } from "./place.ts";
import { countByStatus, move, paidCents, toOrder } from "./status.ts";
import type { OrdersTables } from "./tables.ts";

/** Owns the orders: what was asked for, and how far it has come. Its row alone decides whether an order ships or is cancelled. */
export const orders = context("orders", {
  owner: "team-orders",
  contract,
  uses: [GetPrices, AuditStock, AuditPayments],
  tx: kysely<OrdersTables>(),
  ports: needs<OrdersPorts>("tokens", "delivery"),
  migrations: sqlFiles(new URL("./migrations/", import.meta.url)),
});

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

// #region place-order
orders.handle(
  contract.PlaceOrder,
  {
    allow: mayPlaceFor,
    before: async (input, { call, principal, headers }) => {
      if (principal.id === "guest" && !UUID.test(headers["idempotency-key"] ?? "")) {
        throw refuse("idempotency-key-required", "A guest's order needs an Idempotency-Key that is a UUID.", {
          remedy: "Send a new UUID with each new order, and the same one when repeating it.",
        });
      }
      return call(GetPrices, { skus: [...new Set(input.lines.map((line) => line.sku))] });
    },
    // The token opens the order to whoever holds it, so it is made anew for each answer and never stored.
    unstored: ({ orderId }, { ports }) => ({ orderToken: ports.tokens.sign(orderId) }),
  },
  async (input, { tx, emit, newId, now, before, principal, commandId }) => {
    const { orderId = newId(), customerId, email } = input;
    const digest = sha256(canonicalJson(input));
    const earlier = await placedBefore(tx, { orderId, principal: principal.id, digest });
    if (earlier !== undefined) return accepted({ orderId, commandId: earlier, status: "processing" });
    const lines = priced(input.lines, before.prices);
    await insertOrder(tx, { orderId, principal: principal.id, digest, commandId, customerId, email, lines, at: now });
    const placed = lines.map(({ sku, quantity }) => ({ sku, quantity }));
    emit(contract.OrderPlaced, { orderId, customerId, lines: placed, totalCents: totalOf(lines) });
    return accepted({ orderId, commandId, status: "processing" });
  },
);
// #endregion

orders.handle(contract.CancelOrder, { allow: mayUseOrder }, async ({ orderId }, { tx, emit }) => {
  const cancelled = await move(tx, orderId, { from: ["processing", "confirmed"], to: "cancelled" });
  if (cancelled === undefined) throw await closedOrUnknown(tx, orderId);
  emit(contract.OrderCancelled, { orderId, email: cancelled.email });
  return accepted({ orderId, status: "cancelled" });
});

async function closedOrUnknown(tx: Parameters<typeof move>[0], orderId: string): Promise<Error> {
  const order = await tx.selectFrom("orders_order").select("status").where("order_id", "=", orderId).executeTakeFirst();
  if (order === undefined)
    return refuse("order-unknown", `There is no order "${orderId}".`, {
      kind: "not-found",
      remedy: "Check the order id.",
    });
  return refuse("order-closed", `The order is ${order.status} and cannot be cancelled any more.`, {
    kind: "conflict",
    remedy: "Nothing: this is how the order ended.",
  });
}

orders.answer(contract.GetOrder, { allow: mayUseOrder }, async ({ orderId }, { read }) => {
  const row = await read.selectFrom("orders_order").selectAll().where("order_id", "=", orderId).executeTakeFirst();
  if (row === undefined)
    throw refuse("order-unknown", `There is no order "${orderId}".`, {
      kind: "not-found",
      remedy: "Check the order id.",
    });
  return toOrder(row);
});

orders.answer(
  contract.ListOrders,
  { allow: ({ principal }) => principal.id !== "guest" },
  async ({ status, limit, after = "" }, { read, principal }) => {
    let rows = read
      .selectFrom("orders_order")
      .selectAll()
      .where("order_id", ">", after)
      .orderBy("order_id")
      .limit(limit);
    if (status === "awaiting-approval") return { items: [], next: null };
    if (status !== undefined) rows = rows.where("status", "=", status);
    if (!principal.roles.includes("operator")) {
      rows = rows.where((eb) =>
        eb.or([eb("principal", "=", principal.id), eb("customer_id", "=", customerOf(principal.id))]),
      );
    }
    const items = (await rows.execute()).map(toOrder);
    return { items, next: items.length === limit ? (items.at(-1)?.orderId ?? null) : null };
  },
);

/** The customer a principal is, or a name no customer can have. */
const customerOf = (principal: string): string =>
  isCustomer(principal, principal.slice("user:".length)) ? principal.slice("user:".length) : "";

orders.answer(contract.AuditShop, { allow: roles("operator") }, async (_input, { call, read, ports }) => {
  const [stock, payments] = await Promise.all([call(AuditStock, {}), call(AuditPayments, {})]);
  const { parked, dead } = ports.delivery();
  return {
    orders: await countByStatus(read),
    stockConserved: stock.stockConserved,
    ledgerBalanced: payments.ledgerBalanced,
    paymentsCapturedCents: payments.capturedCents,
    ordersPaidCents: await paidCents(read),
    orphanedCharges: payments.orphanedCharges,
    parked,
    dead,
    openRuns: 0,
  };
});

orders.on(StockRefused, { name: "reject-unstocked", from: "start" }, async ({ data: { orderId } }, { tx, emit }) => {
  const reason = "out-of-stock";
  const rejected = await move(tx, orderId, { from: ["processing"], to: "rejected", reason });
  if (rejected !== undefined) emit(contract.OrderRejected, { orderId, reason, email: rejected.email });
});

orders.on(PaymentDeclined, { name: "reject-unpaid", from: "start" }, async ({ data: { orderId } }, { tx, emit }) => {
  const reason = "payment-declined";
  const rejected = await move(tx, orderId, { from: ["processing"], to: "rejected", reason });
  if (rejected !== undefined) emit(contract.OrderRejected, { orderId, reason, email: rejected.email });
});

// #region confirm-paid
orders.on(PaymentTaken, { name: "confirm-paid", from: "start" }, async ({ data: { orderId } }, { tx, emit }) => {
  const confirmed = await move(tx, orderId, { from: ["processing"], to: "confirmed" });
  if (confirmed !== undefined) emit(contract.OrderConfirmed, { orderId });
});
// #endregion

orders.on(ShipmentPrepared, { name: "ship-prepared", from: "start" }, async ({ data: { orderId } }, { tx, emit }) => {
  const shipped = await move(tx, orderId, { from: ["confirmed"], to: "shipped" });
  if (shipped !== undefined) emit(contract.OrderShipped, { orderId, email: shipped.email });
});

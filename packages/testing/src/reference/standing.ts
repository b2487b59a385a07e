import { anyone, context, refuse, type Context, type RawHandle } from "@banyan/core";
import { CancelOrder, OrderCancelled, OrderDue, OrderPaid, OrderSet, OrderTotals, SetOrder } from "./contracts.ts";
import { rowMigrations, rows, type Rows } from "./rows.ts";

interface Order {
  readonly orderId: string;
  readonly source: string;
  readonly target: string;
  readonly cents: number;
  readonly state: "open" | "paid" | "cancelled";
}

/** Standing orders: what is to be paid later, unless it is cancelled before. */
export function standing(kind: RawHandle["kind"]): Context<"standing", Rows, {}, never> {
  const standing = context("standing", {
    contract: { SetOrder, CancelOrder, OrderSet, OrderDue, OrderPaid, OrderCancelled, OrderTotals },
    tx: rows(kind, "standing"),
    migrations: rowMigrations(kind, "standing"),
  });

  standing.handle(SetOrder, { allow: anyone() }, async ({ waitMs, ...order }, { tx, emit, now }) => {
    const { orderId } = order;
    await tx.put("order", orderId, { ...order, state: "open" });
    emit(OrderSet, { orderId });
    emit(OrderDue, { orderId }, { due: now + waitMs });
  });

  standing.handle(CancelOrder, { allow: anyone() }, async ({ orderId }, { tx, emit }) => {
    const order = await orderOf(tx, orderId);
    if (order.state !== "open") throw refuse("order-closed", "It is too late for that.", { kind: "conflict" });
    await tx.put("order", orderId, { ...order, state: "cancelled" });
    emit(OrderCancelled, { orderId });
  });

  standing.on(OrderDue, { name: "fall-due", from: "start" }, async ({ data: { orderId } }, { tx, emit }) => {
    const { state, ...order } = await orderOf(tx, orderId);
    if (state !== "open") return;
    await tx.put("order", orderId, { ...order, state: "paid" });
    emit(OrderPaid, order);
  });

  standing.answer(OrderTotals, { allow: anyone() }, async (_input, { read }) => {
    const orders = await read.all<Order>("order");
    const those = (state: Order["state"]): number => orders.filter((order) => order.state === state).length;
    return { orders: orders.length, paid: those("paid"), cancelled: those("cancelled") };
  });
  return standing;
}

async function orderOf(tx: Rows, orderId: string): Promise<Order> {
  const order = await tx.get<Order>("order", orderId);
  if (order === undefined) throw refuse("order-unknown", "There is no such order.", { kind: "not-found" });
  return order;
}

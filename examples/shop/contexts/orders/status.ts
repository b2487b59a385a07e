import type { Kysely, Selectable } from "kysely";
import type { OrdersTables } from "./tables.ts";

type Status = OrdersTables["orders_order"]["status"];

export interface Move {
  readonly from: readonly Status[];
  readonly to: Status;
  readonly reason?: string;
}

/** Moves an order on, if it stands where the move begins; undefined when it does not. What comes late changes nothing. */
export async function move(
  tx: Kysely<OrdersTables>,
  orderId: string,
  { from, to, reason }: Move,
): Promise<{ email: string | undefined } | undefined> {
  const moved = await tx
    .updateTable("orders_order")
    .set({ status: to, reason: reason ?? null })
    .where("order_id", "=", orderId)
    .where("status", "in", from)
    .returning("email")
    .executeTakeFirst();
  return moved && { email: moved.email ?? undefined };
}

export function toOrder(row: Selectable<OrdersTables["orders_order"]>): {
  orderId: string;
  status: Status;
  reason?: string;
  totalCents: number;
} {
  const { order_id: orderId, status, reason, total_cents: totalCents } = row;
  return reason === null ? { orderId, status, totalCents } : { orderId, status, reason, totalCents };
}

export async function countByStatus(read: Kysely<OrdersTables>): Promise<Record<string, number>> {
  const rows = await read
    .selectFrom("orders_order")
    .select(({ fn }) => ["status", fn.countAll<number>().as("count")])
    .groupBy("status")
    .execute();
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

/** Cents of the orders that are paid for and were not cancelled. */
export async function paidCents(read: Kysely<OrdersTables>): Promise<number> {
  const row = await read
    .selectFrom("orders_order")
    .select(({ fn }) => fn.sum<number | null>("total_cents").as("cents"))
    .where("status", "in", ["confirmed", "shipped"])
    .executeTakeFirst();
  return row?.cents ?? 0;
}

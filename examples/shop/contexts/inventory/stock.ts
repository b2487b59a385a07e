import { sql, type Kysely } from "kysely";
import type { InventoryTables } from "./tables.ts";

type Tx = Kysely<InventoryTables>;

interface Line {
  readonly sku: string;
  readonly quantity: number;
}

export type Reservation =
  | { readonly outcome: "held" }
  | { readonly outcome: "refused"; readonly sku: string }
  | { readonly outcome: "known" };

/** Sets what is available; the difference is booked as an adjustment. */
export async function setStock(
  tx: Tx,
  stock: { sku: string; quantity: number; priceCents: number },
  adjustment: { id: string; at: number },
): Promise<void> {
  const { sku, quantity, priceCents } = stock;
  const product = await tx
    .selectFrom("inventory_product")
    .select("available")
    .where("sku", "=", sku)
    .executeTakeFirst();
  await tx
    .insertInto("inventory_product")
    .values({ sku, available: quantity, reserved: 0, shipped: 0, price_cents: priceCents })
    .onConflict((conflict) => conflict.column("sku").doUpdateSet({ available: quantity, price_cents: priceCents }))
    .execute();
  const difference = quantity - (product?.available ?? 0);
  if (difference !== 0)
    await tx
      .insertInto("inventory_adjustment")
      .values({ ...adjustment, sku, quantity: difference })
      .execute();
}

/** Reserves every line of an order or none. An order that is known here already, cancelled ones included, changes nothing. */
export async function reserve(
  tx: Tx,
  order: { readonly orderId: string; readonly lines: readonly Line[] },
): Promise<Reservation> {
  const { orderId, lines } = order;
  const known = await tx
    .selectFrom("inventory_hold")
    .select("state")
    .where("order_id", "=", orderId)
    .executeTakeFirst();
  if (known !== undefined) return { outcome: "known" };
  const short = await firstShort(tx, lines);
  await tx
    .insertInto("inventory_hold")
    .values({ order_id: orderId, state: short === undefined ? "held" : "refused" })
    .execute();
  if (short !== undefined) return { outcome: "refused", sku: short };
  await sql`insert into inventory_hold_line (order_id, sku, quantity)
    select ${orderId}, value ->> 'sku', value ->> 'quantity' from json_each(${JSON.stringify(lines)})`.execute(tx);
  await tx
    .updateTable("inventory_product")
    .from("inventory_hold_line as line")
    .set(({ eb, ref }) => ({
      available: eb("available", "-", ref("line.quantity")),
      reserved: eb("reserved", "+", ref("line.quantity")),
    }))
    .where("line.order_id", "=", orderId)
    .whereRef("line.sku", "=", "inventory_product.sku")
    .execute();
  return { outcome: "held" };
}

async function firstShort(tx: Tx, lines: readonly Line[]): Promise<string | undefined> {
  const skus = lines.map((line) => line.sku);
  const rows = await tx
    .selectFrom("inventory_product")
    .select(["sku", "available"])
    .where("sku", "in", eachOf(skus))
    .execute();
  const available = new Map(rows.map((row) => [row.sku, row.available]));
  return lines.find((line) => (available.get(line.sku) ?? 0) < line.quantity)?.sku;
}

/** Gives the stock of an order back. Where the order has not come by yet, it is closed, so that it never takes any. */
export async function releaseHold(tx: Tx, orderId: string): Promise<void> {
  await tx
    .insertInto("inventory_hold")
    .values({ order_id: orderId, state: "closed" })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await moveHold(tx, orderId, "released");
}

/** Moves what an order holds to where it ends: back to available, or shipped. Only what is held moves, and only once. */
export async function moveHold(tx: Tx, orderId: string, state: "released" | "shipped"): Promise<void> {
  const moved = await tx
    .updateTable("inventory_hold")
    .set({ state })
    .where("order_id", "=", orderId)
    .where("state", "=", "held")
    .executeTakeFirst();
  if (moved.numUpdatedRows === 0n) return;
  const target = state === "shipped" ? "shipped" : "available";
  await tx
    .updateTable("inventory_product")
    .from("inventory_hold_line as line")
    .set(({ eb, ref }) => ({
      reserved: eb("reserved", "-", ref("line.quantity")),
      [target]: eb(target, "+", ref("line.quantity")),
    }))
    .where("line.order_id", "=", orderId)
    .whereRef("line.sku", "=", "inventory_product.sku")
    .execute();
}

/** A list as one parameter: the text of the statement stays the same for every length, so it is prepared once. */
export function eachOf(values: readonly string[]): ReturnType<typeof sql<string>> {
  return sql<string>`(select value from json_each(${JSON.stringify(values)}))`;
}

import { refuse } from "banyan";
import { sql, type Kysely } from "kysely";
import type { OrdersTables } from "./tables.ts";

export interface PricedLine {
  readonly sku: string;
  readonly quantity: number;
  readonly priceCents: number;
}

export interface NewOrder {
  readonly orderId: string;
  readonly principal: string;
  readonly digest: string;
  readonly commandId: string;
  readonly customerId: string | undefined;
  readonly email: string | undefined;
  readonly lines: readonly PricedLine[];
  readonly at: number;
}

/** What the provider takes in one charge. */
const MOST_CENTS = 100_000_000_000;

/** Of one SKU, as the contract has it for a line. */
const MOST_PIECES = 1_000_000;

/** Lines of one SKU summed, each with the price it has now. An unknown SKU refuses the order, and so does more than can be shipped or charged. */
export function priced(
  lines: readonly { sku: string; quantity: number }[],
  prices: readonly { sku: string; priceCents: number }[],
): readonly PricedLine[] {
  const priceOf = new Map(prices.map(({ sku, priceCents }) => [sku, priceCents]));
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  const unknown = [...quantities.keys()].filter((sku) => !priceOf.has(sku));
  if (unknown.length > 0) {
    throw refuse(
      "sku-unknown",
      `There is no product ${unknown
        .slice(0, 5)
        .map((sku) => `"${sku}"`)
        .join(", ")}.`,
      {
        remedy: "GET /stock lists the products.",
        details: { skus: unknown.slice(0, 20) },
      },
    );
  }
  if (Math.max(...quantities.values()) > MOST_PIECES) {
    throw refuse("order-too-large", `An order may have at most ${MOST_PIECES} of one product.`, {
      remedy: "Place several smaller orders, or talk to us.",
    });
  }
  const found = Array.from(quantities, ([sku, quantity]) => ({ sku, quantity, priceCents: priceOf.get(sku) ?? 0 }));
  if (totalOf(found) <= MOST_CENTS) return found;
  throw refuse("order-too-large", `An order may cost at most ${MOST_CENTS} cents.`, {
    remedy: "Place several smaller orders, or talk to us.",
  });
}

export const totalOf = (lines: readonly PricedLine[]): number =>
  lines.reduce((sum, line) => sum + line.quantity * line.priceCents, 0);

/** The command that placed this order before, when it was the same request of the same principal; otherwise the order id is taken. */
export async function placedBefore(
  tx: Kysely<OrdersTables>,
  order: Pick<NewOrder, "orderId" | "principal" | "digest">,
): Promise<string | undefined> {
  const known = await tx
    .selectFrom("orders_order")
    .select(["principal", "digest", "command_id"])
    .where("order_id", "=", order.orderId)
    .executeTakeFirst();
  if (known === undefined) return undefined;
  if (known.principal !== order.principal) {
    throw refuse("order-exists", "This order id belongs to somebody else's order.", {
      kind: "conflict",
      remedy: "Choose another orderId, or leave it out.",
    });
  }
  if (known.digest !== order.digest) {
    throw refuse("order-differs", "An order with this id was placed with other contents.", {
      remedy: "Choose another orderId for another order.",
    });
  }
  return known.command_id;
}

export async function insertOrder(tx: Kysely<OrdersTables>, order: NewOrder): Promise<void> {
  const { orderId, principal, digest, commandId, customerId = null, email = null, lines, at } = order;
  await tx
    .insertInto("orders_order")
    .values({
      order_id: orderId,
      principal,
      digest,
      command_id: commandId,
      customer_id: customerId,
      email,
      status: "processing",
      reason: null,
      total_cents: totalOf(lines),
      placed_at: at,
    })
    .execute();
  await sql`insert into orders_order_line (order_id, sku, quantity, price_cents)
    select ${orderId}, value ->> 'sku', value ->> 'quantity', value ->> 'priceCents'
    from json_each(${JSON.stringify(lines)})`.execute(tx);
}

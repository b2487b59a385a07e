import type { Client } from "@banyan/testing";
import { SetStock } from "../contexts/inventory/contract.ts";
import { CancelOrder, PlaceOrder } from "../contexts/orders/contract.ts";

export const OPERATOR = { id: "operator", roles: ["operator"] };

/** What buyers were told, kept where no crash reaches it. */
export class Orderbook {
  readonly acknowledged = new Set<string>();
  readonly cancelled = new Set<string>();
}

/** Prices that make the provider decline, answer late and answer twice; plenty of mugs, and few of what is rare. */
const PRODUCTS = [
  { sku: "mug", quantity: 100, priceCents: 1_250 },
  { sku: "rare", quantity: 3, priceCents: 500 },
  { sku: "declined", quantity: 50, priceCents: 40_201 },
  { sku: "late", quantity: 50, priceCents: 40_202 },
  { sku: "twice", quantity: 50, priceCents: 40_203 },
];

export async function stocker(client: Client): Promise<void> {
  for (const product of PRODUCTS) {
    const outcome = await client.command(SetStock, product, { principal: OPERATOR });
    if (!outcome.ok) throw new Error(`The shelves were not filled: ${outcome.code} ${outcome.message}`);
  }
}

/** Places some orders, one after the other, and thinks better of every third. */
export function buyer(book: Orderbook, count: number): (client: Client) => Promise<void> {
  return async (client) => {
    for (let n = 0; n < count; n++) {
      const orderId = await place(client, book);
      await client.sleep(client.random.u32() % 80);
      if (client.random.u32() % 3 === 0) await cancel(client, book, orderId);
    }
  };
}

async function place(client: Client, book: Orderbook): Promise<string> {
  const lines = basket(client);
  for (;;) {
    const orderId = uuidOf(client);
    const outcome = await client.command(PlaceOrder, { orderId, lines }, { principal: OPERATOR });
    if (outcome.ok) {
      book.acknowledged.add(orderId);
      return orderId;
    }
    // The shelves are not filled yet.
    if (outcome.code !== "sku-unknown") throw new Error(`An order was refused: ${outcome.code} ${outcome.message}`);
    await client.sleep(50);
  }
}

/** One of the special ones, or a few mugs and perhaps something rare. */
function basket(client: Client): { sku: string; quantity: number }[] {
  const special = [undefined, undefined, "declined", "late", "twice"][client.random.u32() % 5];
  if (special !== undefined) return [{ sku: special, quantity: 1 }];
  const mugs = { sku: "mug", quantity: 1 + (client.random.u32() % 5) };
  return client.random.u32() % 2 === 0 ? [mugs] : [mugs, { sku: "rare", quantity: 1 }];
}

async function cancel(client: Client, book: Orderbook, orderId: string): Promise<void> {
  const outcome = await client.command(CancelOrder, { orderId }, { principal: OPERATOR });
  if (outcome.ok) book.cancelled.add(orderId);
  else if (outcome.code !== "order-closed") throw new Error(`A cancellation was refused: ${outcome.code}`);
}

function uuidOf({ random }: Client): string {
  const hex = Array.from({ length: 4 }, () => random.u32().toString(16).padStart(8, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

import type { Client, Settled } from "@banyan/testing";
import { AuditShop, ListOrders } from "../contexts/orders/contract.ts";
import { OPERATOR, type Orderbook } from "./clients.ts";
import type { FlakyProvider } from "./flaky-provider.ts";

/** What must hold once everything is settled: no order lost or stuck, nobody charged twice, stock and money conserved. */
export async function judge({ client }: Settled, book: Orderbook, provider: FlakyProvider): Promise<readonly string[]> {
  return [
    ...(await judgeOrders(client, book)),
    ...(await judgeAudit(client)),
    ...provider.chargedTwice().map((id) => `order ${id} was charged twice`),
  ];
}

async function judgeOrders(client: Client, book: Orderbook): Promise<string[]> {
  const page = await client.query(ListOrders, { limit: 1_000 }, { principal: OPERATOR });
  if (!page.ok) return [`the orders cannot be listed: ${page.code}`];
  const found = new Map(page.value.items.map((order) => [order.orderId, order.status]));
  const breaches: string[] = [];
  for (const [orderId, status] of found) {
    if (!["shipped", "rejected", "cancelled"].includes(status)) breaches.push(`order ${orderId} is stuck in ${status}`);
    if (book.cancelled.has(orderId) && status !== "cancelled")
      breaches.push(`order ${orderId} was cancelled and is ${status}`);
    if (!book.acknowledged.has(orderId)) breaches.push(`order ${orderId} exists and nobody was told`);
  }
  for (const orderId of book.acknowledged)
    if (!found.has(orderId)) breaches.push(`order ${orderId} was acknowledged and is lost`);
  return breaches;
}

async function judgeAudit(client: Client): Promise<string[]> {
  const audit = await client.query(AuditShop, {}, { principal: OPERATOR });
  if (!audit.ok) return [`the audit cannot be taken: ${audit.code}`];
  const { stockConserved, ledgerBalanced, paymentsCapturedCents, ordersPaidCents, orphanedCharges, parked, dead } =
    audit.value;
  return [
    ...(stockConserved ? [] : ["stock is not conserved"]),
    ...(ledgerBalanced ? [] : ["the provider's ledger differs"]),
    ...(paymentsCapturedCents === ordersPaidCents
      ? []
      : [`captured ${paymentsCapturedCents} cents for orders of ${ordersPaidCents}`]),
    ...(orphanedCharges.length === 0 ? [] : [`charges without an order: ${orphanedCharges.join(", ")}`]),
    ...(parked + dead === 0 ? [] : [`${parked} parked, ${dead} dead`]),
  ];
}

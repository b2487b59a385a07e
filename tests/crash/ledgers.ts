import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";

/** What the two databases say when everything has stopped, read by SQL alone and not by the shop's own audit. */
export interface Ledgers {
  readonly orders: Readonly<Record<string, number>>;
  readonly unfinished: number;
  readonly chargedTwice: number;
  /** Orders whose net captures at the provider differ from what their status says they paid. */
  readonly wronglyPaid: number;
  readonly chargesWithoutOrder: number;
  readonly wrongStock: number;
  readonly openHolds: number;
  readonly parked: number;
  readonly noticesMissing: number;
  readonly noticesDouble: number;
}

export function readLedgers(data: string): Ledgers {
  const shop = new DatabaseSync(join(data, "banyan.db"), { readOnly: true });
  const provider = new DatabaseSync(join(data, "provider", "ledger.db"), { readOnly: true });
  try {
    const count = (sql: string): number => Number(shop.prepare(sql).get()?.["n"]);
    const byStatus = shop.prepare("SELECT status, count(*) AS n FROM orders_order GROUP BY status").all();
    return {
      orders: Object.fromEntries(byStatus.map((row) => [String(row["status"]), Number(row["n"])])),
      unfinished: count("SELECT count(*) AS n FROM orders_order WHERE status IN ('processing', 'confirmed')"),
      ...money(shop, provider),
      wrongStock: count(
        `SELECT count(*) AS n FROM inventory_product p WHERE available + reserved + shipped
           <> (SELECT coalesce(sum(quantity), 0) FROM inventory_adjustment a WHERE a.sku = p.sku)`,
      ),
      openHolds: count("SELECT count(*) AS n FROM inventory_hold WHERE state = 'held'"),
      parked: count("SELECT count(*) AS n FROM banyan_park"),
      noticesMissing: count(
        `SELECT count(*) AS n FROM orders_order o WHERE status IN ('shipped', 'rejected', 'cancelled')
           AND NOT EXISTS (SELECT 1 FROM notifications_notice n WHERE n.order_id = o.order_id AND n.kind = o.status)`,
      ),
      noticesDouble: count(
        "SELECT count(*) AS n FROM (SELECT 1 FROM notifications_notice GROUP BY order_id, kind HAVING count(*) > 1)",
      ),
    };
  } finally {
    shop.close();
    provider.close();
  }
}

function money(
  shop: DatabaseSync,
  provider: DatabaseSync,
): Pick<Ledgers, "chargedTwice" | "wronglyPaid" | "chargesWithoutOrder"> {
  const captures = provider
    .prepare(
      "SELECT order_id, count(*) AS n FROM entry WHERE kind = 'charge' AND status = 'captured' GROUP BY order_id",
    )
    .all();
  const net = netByOrder(provider);
  const orders = shop.prepare("SELECT order_id, status, total_cents FROM orders_order").all();
  let wronglyPaid = 0;
  for (const { order_id: id, status, total_cents: cents } of orders) {
    const due = status === "confirmed" || status === "shipped" ? Number(cents) : 0;
    if ((net.get(String(id)) ?? 0) !== due) wronglyPaid++;
    net.delete(String(id));
  }
  return {
    chargedTwice: captures.filter((row) => Number(row["n"]) > 1).length,
    wronglyPaid,
    chargesWithoutOrder: net.size,
  };
}

function netByOrder(provider: DatabaseSync): Map<string, number> {
  const net = new Map<string, number>();
  const rows = provider
    .prepare("SELECT order_id, kind, cents FROM entry WHERE status IN ('captured', 'refunded')")
    .all();
  for (const { order_id: id, kind, cents } of rows) {
    const signed = kind === "charge" ? Number(cents) : -Number(cents);
    net.set(String(id), (net.get(String(id)) ?? 0) + signed);
  }
  return net;
}

/** What must be zero. */
export function faultsIn(ledgers: Ledgers): readonly string[] {
  const { orders: _orders, ...zero } = ledgers;
  return Object.entries(zero)
    .filter(([, count]) => count !== 0)
    .map(([name, count]) => `${name}: ${count}`);
}

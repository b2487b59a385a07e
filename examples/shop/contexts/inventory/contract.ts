import { command, event, query } from "banyan/contract";
import { z } from "zod";

/** By which lists are paged: at most `limit` items, after the one that `after` names. */
const page = { limit: z.int().min(1).max(1_000).default(100), after: z.string().max(200).optional() };
const sku = z.string().min(1).max(64);

const orderId = z.uuid();

export const StockReserved = event("inventory.stock-reserved", {
  version: 1,
  key: "orderId",
  data: z.object({ orderId, totalCents: z.int() }),
});

export const StockRefused = event("inventory.stock-refused", {
  version: 1,
  key: "orderId",
  data: z.object({ orderId, sku }),
});

const Product = z.object({ sku, available: z.int(), reserved: z.int(), shipped: z.int(), priceCents: z.int() });

export const SetStock = command("inventory.set-stock", {
  http: "PUT /stock/:sku",
  input: z.object({ sku, quantity: z.int().min(0).max(1_000_000_000), priceCents: z.int().min(1).max(100_000_000) }),
});

export const GetProduct = query("inventory.get-product", {
  http: "GET /stock/:sku",
  input: z.object({ sku }),
  output: Product,
});

export const ListProducts = query("inventory.list-products", {
  http: "GET /stock",
  input: z.object(page),
  output: z.object({ items: z.array(Product), next: z.string().nullable() }),
});

/** Prices of the SKUs that exist; the others are left out. */
export const GetPrices = query("inventory.get-prices", {
  input: z.object({ skus: z.array(sku).max(2_000) }),
  output: z.object({ prices: z.array(z.object({ sku, priceCents: z.int() })) }),
});

/** Whether, for every SKU, adjustments = available + reserved + shipped. */
export const AuditStock = query("inventory.audit-stock", {
  input: z.object({}),
  output: z.object({ stockConserved: z.boolean(), wrongSkus: z.array(sku) }),
});

export interface InventoryDb {
  inventory_product: { sku: string; available: number; reserved: number; shipped: number; price_cents: number };
  inventory_adjustment: { id: string; sku: string; quantity: number; at: number };
  inventory_hold: { order_id: string; state: "held" | "refused" | "released" | "shipped" | "closed" };
  inventory_hold_line: { order_id: string; sku: string; quantity: number };
}

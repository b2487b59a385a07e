// Written by `banyan types` from the migrations of "inventory". Change the migrations, and run it again.

export interface InventoryTables {
  inventory_adjustment: {
    id: string;
    sku: string;
    quantity: number;
    at: number;
  };
  inventory_hold: {
    order_id: string;
    state: "held" | "refused" | "released" | "shipped" | "closed";
  };
  inventory_hold_line: {
    order_id: string;
    sku: string;
    quantity: number;
  };
  inventory_product: {
    sku: string;
    available: number;
    reserved: number;
    shipped: number;
    price_cents: number;
  };
}

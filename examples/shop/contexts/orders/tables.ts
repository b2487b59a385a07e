// Written by `banyan types` from the migrations of "orders". Change the migrations, and run it again.

export interface OrdersTables {
  orders_order: {
    order_id: string;
    principal: string;
    digest: string;
    command_id: string;
    customer_id: string | null;
    email: string | null;
    status: "processing" | "confirmed" | "shipped" | "rejected" | "cancelled";
    reason: string | null;
    total_cents: number;
    placed_at: number;
  };
  orders_order_line: {
    order_id: string;
    sku: string;
    quantity: number;
    price_cents: number;
  };
}

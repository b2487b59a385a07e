// Written by `banyan types` from the migrations of "shipping". Change the migrations, and run it again.

export interface ShippingTables {
  shipping_shipment: {
    order_id: string;
    state: "prepared" | "dispatched" | "stopped";
  };
}

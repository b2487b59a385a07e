// Written by `banyan types` from the migrations of "payments". Change the migrations, and run it again.

export interface PaymentsTables {
  payments_payment: {
    order_id: string;
    state: "charging" | "cancelling" | "captured" | "declined" | "refund-due" | "refunded" | "closed";
    charge_id: string | null;
    cents: number;
  };
}

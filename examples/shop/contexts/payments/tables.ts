export interface PaymentsDb {
  payments_payment: {
    order_id: string;
    state: "charging" | "cancelling" | "captured" | "declined" | "refund-due" | "refunded" | "closed";
    charge_id: string | null;
    cents: number;
  };
}

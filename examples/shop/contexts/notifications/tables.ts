// Written by `banyan types` from the migrations of "notifications". Change the migrations, and run it again.

export interface NotificationsTables {
  notifications_notice: {
    id: string;
    order_id: string;
    kind: "shipped" | "rejected" | "cancelled";
    recipient: string | null;
    text: string;
    at: number;
  };
}

import { query } from "banyan/contract";
import { z } from "zod";

/** What customers were told about an order, oldest first. */
export const ListNotices = query("notifications.list-notices", {
  http: "GET /orders/:orderId/notices",
  input: z.object({ orderId: z.uuid() }),
  output: z.object({
    items: z.array(z.object({ kind: z.enum(["shipped", "rejected", "cancelled"]), text: z.string(), at: z.int() })),
  }),
});

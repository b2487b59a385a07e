import { event } from "banyan/contract";
import { z } from "zod";

/** Packed and ready. It leaves when the order says so, because until then the order can be cancelled. */
export const ShipmentPrepared = event("shipping.shipment-prepared", {
  version: 1,
  key: "orderId",
  data: z.object({ orderId: z.uuid() }),
});

export const ShipmentDispatched = event("shipping.shipment-dispatched", {
  version: 1,
  key: "orderId",
  data: z.object({ orderId: z.uuid() }),
});

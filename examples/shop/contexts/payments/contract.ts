import { event, query } from "banyan/contract";
import { z } from "zod";

const orderId = z.uuid();

/** The order is to be charged: the intent, on record before anybody asks the provider. */
export const ChargeDue = event("payments.charge-due", {
  version: 1,
  key: "orderId",
  data: z.object({ orderId, cents: z.int() }),
});

export const PaymentTaken = event("payments.payment-taken", {
  version: 1,
  key: "orderId",
  data: z.object({ orderId, chargeId: z.string(), cents: z.int() }),
});

export const PaymentDeclined = event("payments.payment-declined", {
  version: 1,
  key: "orderId",
  data: z.object({ orderId, reason: z.string() }),
});

/** Money was captured for an order that was cancelled meanwhile. */
export const RefundDue = event("payments.refund-due", {
  version: 1,
  key: "orderId",
  data: z.object({ orderId, chargeId: z.string(), cents: z.int() }),
});

export const PaymentRefunded = event("payments.payment-refunded", {
  version: 1,
  key: "orderId",
  data: z.object({ orderId, cents: z.int() }),
});

/** Compares the payments here with the provider's ledger, order by order. */
export const AuditPayments = query("payments.audit-payments", {
  input: z.object({}),
  output: z.object({
    ledgerBalanced: z.boolean(),
    /** Net of refunds, at the provider. */
    capturedCents: z.int(),
    /** Orders whose money the provider has and this shop knows nothing of. */
    orphanedCharges: z.array(z.string()),
  }),
});

import { kysely } from "@banyan/kysely";
import { backoff, context, needs, refuse, roles, sqlFiles } from "banyan";
import { StockReserved } from "../inventory/contract.ts";
import { OrderCancelled } from "../orders/contract.ts";
import { auditLedger } from "./audit.ts";
import * as contract from "./contract.ts";
import { ProviderUnavailable, type PaymentProvider } from "../../provider/port.ts";
import type { PaymentsTables } from "./tables.ts";

/** Owns the money: charges and refunds at the provider, and what is known of them here. */
export const payments = context("payments", {
  owner: "team-payments",
  contract,
  tx: kysely<PaymentsTables>(),
  ports: needs<{ provider: PaymentProvider }>("provider"),
  migrations: sqlFiles(new URL("./migrations/", import.meta.url)),
});

// A provider may be away for hours; giving up early would leave orders stuck.
const patient = backoff("200ms", "30s", 10_000);

payments.on(StockReserved, { name: "open-payment", from: "start" }, async ({ data }, { tx, emit }) => {
  const { orderId, totalCents: cents } = data;
  const known = await tx
    .selectFrom("payments_payment")
    .select("state")
    .where("order_id", "=", orderId)
    .executeTakeFirst();
  if (known !== undefined) return;
  await tx
    .insertInto("payments_payment")
    .values({ order_id: orderId, state: "charging", charge_id: null, cents })
    .execute();
  emit(contract.ChargeDue, { orderId, cents });
});

// #region charge
payments.on(
  contract.ChargeDue,
  {
    name: "charge",
    from: "start",
    retry: patient,
    // Outside the transaction, and possibly more than once: the key makes the provider charge once. It is asked even when the order
    // was cancelled meanwhile, since an earlier attempt may have charged: what is in doubt is settled first, then given back.
    before: ({ data: { orderId, cents } }, { ports }) => {
      return ports.provider.charge({ orderId, cents, key: `charge:${orderId}` });
    },
  },
  async ({ data: { orderId, cents } }, { tx, emit, before: answers }) => {
    // A provider may answer twice; both answers say the same.
    const [answer] = answers;
    const payment = await tx
      .selectFrom("payments_payment")
      .select("state")
      .where("order_id", "=", orderId)
      .executeTakeFirst();
    if (answer === undefined || (payment?.state !== "charging" && payment?.state !== "cancelling")) return;
    const { chargeId, status, reason = "declined" } = answer;
    const state = status === "declined" ? "declined" : payment.state === "charging" ? "captured" : "refund-due";
    await tx
      .updateTable("payments_payment")
      .set({ state, charge_id: chargeId })
      .where("order_id", "=", orderId)
      .execute();
    if (state === "captured") emit(contract.PaymentTaken, { orderId, chargeId, cents });
    if (state === "refund-due") emit(contract.RefundDue, { orderId, chargeId, cents });
    if (state === "declined") emit(contract.PaymentDeclined, { orderId, reason });
  },
);
// #endregion

payments.on(
  OrderCancelled,
  { name: "refund-cancelled", from: "start" },
  async ({ data: { orderId } }, { tx, emit }) => {
    const payment = await tx
      .selectFrom("payments_payment")
      .selectAll()
      .where("order_id", "=", orderId)
      .executeTakeFirst();
    const moveTo = (state: "cancelling" | "refund-due"): Promise<unknown> =>
      tx.updateTable("payments_payment").set({ state }).where("order_id", "=", orderId).execute();
    if (payment === undefined) {
      const closed = { order_id: orderId, state: "closed", charge_id: null, cents: 0 } as const;
      await tx.insertInto("payments_payment").values(closed).execute();
    } else if (payment.state === "charging") {
      await moveTo("cancelling");
    } else if (payment.state === "captured" && payment.charge_id !== null) {
      await moveTo("refund-due");
      emit(contract.RefundDue, { orderId, chargeId: payment.charge_id, cents: payment.cents });
    }
  },
);

payments.on(
  contract.RefundDue,
  {
    name: "refund",
    from: "start",
    retry: patient,
    before: ({ data: { orderId, chargeId, cents } }, { ports }) =>
      ports.provider.refund({ orderId, chargeId, cents, key: `refund:${orderId}` }),
  },
  async ({ data: { orderId, cents } }, { tx, emit, before: answer }) => {
    if (answer.status === "refused")
      throw refuse(
        "refund-refused",
        `The provider refuses the refund of order ${orderId}: ${answer.reason ?? "no reason"}.`,
      );
    await tx.updateTable("payments_payment").set({ state: "refunded" }).where("order_id", "=", orderId).execute();
    emit(contract.PaymentRefunded, { orderId, cents });
  },
);

payments.answer(contract.AuditPayments, { allow: roles("context") }, async (_input, { read, ports }) => {
  const ledger = await ports.provider.ledger().catch((error: unknown) => {
    if (!(error instanceof ProviderUnavailable)) throw error;
    throw refuse("provider-unavailable", "The payment provider does not answer, so its ledger cannot be compared.", {
      kind: "unavailable",
      remedy: "Ask again when it is back.",
    });
  });
  return auditLedger(read, ledger);
});

import { kysely } from "@banyan/kysely";
import { backoff, context, needs, refuse, roles, sqlFiles } from "banyan";
import { StockReserved } from "../inventory/contract.ts";
import { OrderCancelled } from "../orders/contract.ts";
import { auditLedger } from "./audit.ts";
import * as contract from "./contract.ts";
import { ProviderUnavailable, type PaymentProvider } from "../../provider/port.ts";
import type { PaymentsDb } from "./tables.ts";

/** Owns the money: charges and refunds at the provider, and what is known of them here. */
export const payments = context("payments", {
  owner: "team-payments",
  contract,
  tx: kysely<PaymentsDb>(),
  ports: needs<{ provider: PaymentProvider }>("provider"),
  migrations: sqlFiles(new URL("./migrations/", import.meta.url)),
});

// A provider may be away for hours; giving up early would leave orders stuck.
const patient = backoff("200ms", "30s", 10_000);

// #region charge
payments.on(
  StockReserved,
  {
    name: "charge",
    from: "start",
    retry: patient,
    // Outside the transaction, and possibly more than once: the key makes the provider charge once.
    before: async ({ data: { orderId, totalCents } }, { ports, read }) => {
      const known = await read
        .selectFrom("payments_payment")
        .select("state")
        .where("order_id", "=", orderId)
        .executeTakeFirst();
      if (known !== undefined) return [];
      return ports.provider.charge({ orderId, cents: totalCents, key: `charge:${orderId}` });
    },
  },
  async ({ data: { orderId, totalCents: cents } }, { tx, emit, before: answers }) => {
    const known = await tx
      .selectFrom("payments_payment")
      .select("state")
      .where("order_id", "=", orderId)
      .executeTakeFirst();
    // A provider may answer twice; both answers say the same.
    const [answer] = answers;
    if (answer === undefined || (known !== undefined && known.state !== "closed")) return;
    const { chargeId, status, reason = "declined" } = answer;
    const captured = status === "captured";
    const state = !captured ? "declined" : known === undefined ? "captured" : "refund-due";
    const row = { order_id: orderId, state, charge_id: chargeId, cents } as const;
    await tx
      .insertInto("payments_payment")
      .values(row)
      .onConflict((conflict) => conflict.column("order_id").doUpdateSet(row))
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
    const known = await tx
      .selectFrom("payments_payment")
      .selectAll()
      .where("order_id", "=", orderId)
      .executeTakeFirst();
    if (known === undefined) {
      await tx
        .insertInto("payments_payment")
        .values({ order_id: orderId, state: "closed", charge_id: null, cents: 0 })
        .execute();
      return;
    }
    if (known.state !== "captured" || known.charge_id === null) return;
    await tx.updateTable("payments_payment").set({ state: "refund-due" }).where("order_id", "=", orderId).execute();
    emit(contract.RefundDue, { orderId, chargeId: known.charge_id, cents: known.cents });
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

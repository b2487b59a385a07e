import type { Kysely } from "kysely";
import type { PaymentsTables } from "./tables.ts";

export interface LedgerAudit {
  readonly ledgerBalanced: boolean;
  readonly capturedCents: number;
  readonly orphanedCharges: string[];
}

const PAGE = 5_000;

/** Holds the payments here against the provider's net captures by order. Exact when nothing is in flight. */
export async function auditLedger(
  read: Kysely<PaymentsTables>,
  ledger: ReadonlyMap<string, number>,
): Promise<LedgerAudit> {
  const left = new Map(ledger);
  let balanced = true;
  for (let after = "", more = true; more;) {
    const rows = await read
      .selectFrom("payments_payment")
      .selectAll()
      .where("order_id", ">", after)
      .orderBy("order_id")
      .limit(PAGE)
      .execute();
    for (const row of rows) {
      balanced &&= (left.get(row.order_id) ?? 0) === netCents(row);
      left.delete(row.order_id);
    }
    after = rows.at(-1)?.order_id ?? "";
    more = rows.length === PAGE;
  }
  const orphanedCharges = Array.from(left)
    .filter(([, cents]) => cents !== 0)
    .map(([orderId]) => orderId);
  const capturedCents = [...ledger.values()].reduce((sum, cents) => sum + cents, 0);
  return { ledgerBalanced: balanced && orphanedCharges.length === 0, capturedCents, orphanedCharges };
}

/** What the provider should have for this order: money that is due back is still there. */
function netCents({ state, cents }: PaymentsTables["payments_payment"]): number {
  return state === "captured" || state === "refund-due" ? cents : 0;
}

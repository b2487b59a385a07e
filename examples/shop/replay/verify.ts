import { fieldOf } from "./answers.ts";
import type { Approve } from "./audit.ts";
import { pagesOf } from "./pages.ts";
import type { PersistentShop } from "./persistent.ts";
import { addOne } from "./tally.ts";

export interface Verification {
  /** Acknowledged orders by the status they ended in. */
  readonly byStatus: ReadonlyMap<string, number>;
  /** Rejected and cancelled ones by `status: reason`. */
  readonly byReason: ReadonlyMap<string, number>;
  /** Acknowledged, and the shop does not know them. */
  readonly lost: readonly string[];
  /** Known, but neither shipped nor rejected nor cancelled. */
  readonly unsettled: readonly string[];
}

const finalStatuses = new Set(["shipped", "rejected", "cancelled"]);

/** Looks up every acknowledged order in the shop's own list. */
export async function verifyOrders(
  shop: PersistentShop,
  acknowledged: ReadonlyMap<string, string>,
  approve: Approve,
): Promise<Verification> {
  const missing = new Set(acknowledged.keys());
  const byStatus = new Map<string, number>();
  const byReason = new Map<string, number>();
  const unsettled: string[] = [];
  for await (const page of pagesOf(shop, "/orders")) {
    for (const item of page) {
      const orderId = fieldOf(item, "orderId");
      if (typeof orderId !== "string" || !missing.delete(orderId)) continue;
      const status = String(fieldOf(item, "status") as string);
      const reason = fieldOf(item, "reason");
      addOne(byStatus, status);
      if (typeof reason === "string") addOne(byReason, `${status}: ${reason}`);
      if (!isSettled(status, approve)) unsettled.push(orderId);
    }
  }
  return { byStatus, byReason, lost: [...missing], unsettled };
}

function isSettled(status: string, approve: Approve): boolean {
  return finalStatuses.has(status) || (approve === "leave" && status === "awaiting-approval");
}

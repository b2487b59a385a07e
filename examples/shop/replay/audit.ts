import { codeOf, fieldOf } from "./answers.ts";
import { ReplayFailure } from "./failure.ts";
import type { PersistentShop } from "./persistent.ts";

/** What `GET /shop/audit` says. What it does not say is undefined, and counts as a fault. */
export interface Audit {
  readonly orders: Readonly<Record<string, number>>;
  readonly stockConserved: boolean | undefined;
  readonly ledgerBalanced: boolean | undefined;
  readonly paymentsCapturedCents: number | undefined;
  readonly ordersPaidCents: number | undefined;
  readonly orphanedCharges: number | undefined;
  readonly parked: number | undefined;
  readonly dead: number | undefined;
  readonly openRuns: number | undefined;
}

export async function readAudit(shop: PersistentShop): Promise<Audit> {
  const answer = await shop.ask({ method: "GET", path: "/shop/audit" });
  if (answer.status === 200) return auditOf(answer.body);
  const what = `GET /shop/audit answered ${answer.status} ${codeOf(answer)}.`;
  throw new ReplayFailure(answer.status === 401 || answer.status === 403 ? "token-refused" : "shop-unexpected", what);
}

function auditOf(body: unknown): Audit {
  const orders = fieldOf(body, "orders");
  if (typeof orders !== "object" || orders === null) {
    throw new ReplayFailure("shop-unexpected", "GET /shop/audit answered without orders by status.");
  }
  const counts = Object.entries(orders).filter((entry): entry is [string, number] => typeof entry[1] === "number");
  return {
    orders: Object.fromEntries(counts),
    stockConserved: flag(body, "stockConserved"),
    ledgerBalanced: flag(body, "ledgerBalanced"),
    paymentsCapturedCents: count(body, "paymentsCapturedCents"),
    ordersPaidCents: count(body, "ordersPaidCents"),
    orphanedCharges: count(body, "orphanedCharges"),
    parked: count(body, "parked"),
    dead: count(body, "dead"),
    openRuns: count(body, "openRuns"),
  };
}

/** What approvals mean for the end: those left to people are not waited for. */
export type Approve = "yes" | "no" | "leave";

export function openOrders(audit: Audit, approve: Approve): number {
  const waiting = approve === "leave" ? [] : ["awaiting-approval"];
  return ["processing", "confirmed", ...waiting].reduce((sum, status) => sum + (audit.orders[status] ?? 0), 0);
}

/** Sentences on what is wrong; none when everything is conserved and nothing waits. */
export function faultsOf(audit: Audit, approve: Approve): string[] {
  const faults: string[] = [];
  const open = openOrders(audit, approve);
  if (open > 0) faults.push(`${open} orders are not final`);
  if (audit.stockConserved !== true) faults.push("stock is not conserved");
  if (audit.ledgerBalanced !== true) faults.push("the ledgers of provider and shop do not balance");
  if (audit.paymentsCapturedCents !== audit.ordersPaidCents) faults.push("captured and paid cents differ");
  const mustBeNone = [
    "orphanedCharges",
    "parked",
    "dead",
    ...(approve === "leave" ? [] : ["openRuns" as const]),
  ] as const;
  for (const name of mustBeNone) {
    if (audit[name] !== 0) faults.push(`${name}: ${audit[name] ?? "not in the audit"}`);
  }
  return faults;
}

const flag = (body: unknown, name: string): boolean | undefined => {
  const value = fieldOf(body, name);
  return typeof value === "boolean" ? value : undefined;
};

/** A list counts as its length: what matters here is how many there are. */
const count = (body: unknown, name: string): number | undefined => {
  const value = fieldOf(body, name);
  if (Array.isArray(value)) return value.length;
  return typeof value === "number" ? value : undefined;
};

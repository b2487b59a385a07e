import { createHash } from "node:crypto";
import type { ApiKey } from "banyan";

/** How many callers share the load. */
export const CUSTOMERS = 200;
export const OPERATOR = "operator";

const IDS = [OPERATOR, ...Array.from({ length: CUSTOMERS }, (_, i) => customer(i))];

export function customer(number: number): string {
  return `c${number}`;
}

/** Keys that anybody can work out, of a shop that lives for minutes. */
export function keyOf(id: string): string {
  return `bk_${id}_${createHash("sha256").update(`overload ${id}`).digest("base64url")}`;
}

/** What the shop knows of them. */
export const KEYS: readonly ApiKey[] = IDS.map((id) => ({
  id,
  hash: createHash("sha256").update(keyOf(id)).digest("hex"),
  roles: id === OPERATOR ? [OPERATOR] : [],
  ...(id === OPERATOR ? { tenants: "*" } : {}),
}));

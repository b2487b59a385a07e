/** Who comes to the shop. Those in `UNKNOWN` bring something that nobody may accept. */
export const CALLERS = [
  "guest",
  "holder",
  "ada",
  "bob",
  "operator",
  "machine",
  "key-ada",
  "user-operator",
  "claims-context",
  "acme",
  "context",
] as const;
export const UNKNOWN = ["forged", "expired", "unsigned", "other-audience", "other-issuer", "made-up-key"] as const;

/** For which tenant they ask: none is chosen, the one there is, another. */
export const CHOSEN = [undefined, "default", "acme"] as const;

/** Whose tenants are not the default one alone. */
const TENANTS: Readonly<Record<string, readonly string[]>> = { operator: ["default", "acme"], acme: ["acme"] };

export function isOf(caller: string, chosen: (typeof CHOSEN)[number]): boolean {
  return chosen === undefined || (TENANTS[caller] ?? ["default"]).includes(chosen);
}

export type Caller = (typeof CALLERS)[number];

/** What an operation is asked for: its path, and the body where it takes one. */
export interface Cell {
  readonly operation: string;
  readonly object: string;
  readonly allowed: readonly Caller[];
}

/** Whoever is somebody, in the tenant that there is. */
const KNOWN: readonly Caller[] = ["ada", "bob", "operator", "machine", "key-ada", "user-operator", "claims-context"];
/** In one tenant or another. Whoever asks for a tenant that is not theirs is refused whatever they ask. */
const EVERYBODY: readonly Caller[] = ["guest", "holder", ...KNOWN, "acme", "context"];

/**
 * Who may do what to which object, written by hand: what is not here is refused. `holder` has the token of the guest's order, `key-ada` and
 * `user-operator` are called like a customer and a role, `claims-context` claims the role of contexts, `context` is a context of the shop.
 */
export const TABLE: readonly Cell[] = [
  { operation: "orders.place-order", object: "nobody's", allowed: EVERYBODY },
  { operation: "orders.place-order", object: "ada's", allowed: ["ada", "operator"] },
  { operation: "orders.place-order", object: "bob's", allowed: ["bob", "operator"] },
  { operation: "orders.get-order", object: "ada's", allowed: ["ada", "operator"] },
  { operation: "orders.get-order", object: "bob's", allowed: ["bob", "operator"] },
  { operation: "orders.get-order", object: "guest's", allowed: ["holder", "operator"] },
  { operation: "orders.get-order", object: "missing", allowed: ["operator"] },
  { operation: "orders.cancel-order", object: "ada's", allowed: ["ada", "operator"] },
  { operation: "orders.cancel-order", object: "bob's", allowed: ["bob", "operator"] },
  { operation: "orders.cancel-order", object: "guest's", allowed: ["holder", "operator"] },
  { operation: "orders.cancel-order", object: "missing", allowed: ["operator"] },
  { operation: "orders.list-orders", object: "own", allowed: [...KNOWN, "acme", "context"] },
  { operation: "orders.audit-shop", object: "all", allowed: ["operator"] },
  { operation: "inventory.set-stock", object: "mug", allowed: ["operator"] },
  { operation: "inventory.get-product", object: "mug", allowed: EVERYBODY },
  { operation: "inventory.list-products", object: "all", allowed: EVERYBODY },
  { operation: "inventory.get-prices", object: "mug", allowed: ["context"] },
  { operation: "inventory.audit-stock", object: "all", allowed: ["context"] },
  { operation: "payments.audit-payments", object: "all", allowed: ["context"] },
  { operation: "notifications.list-notices", object: "ada's", allowed: ["operator"] },
];

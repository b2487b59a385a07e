import type { RawHandle, SqlHandle, TablesHandle } from "../ports/index.ts";

/** How a context reaches its tables: raw SQL, an ORM over it, or the memory store's tables. */
export interface HandleKind<Handle> {
  readonly kind: RawHandle["kind"];
  /** A typed handle over a unit's or a read's raw one. Called once per unit that asks for it, so it must be cheap. */
  bind(raw: RawHandle): Handle;
}

/** SQL by hand: `tx.execute("UPDATE orders_order SET … WHERE …", [...])`. The default. */
export function sql(): HandleKind<SqlHandle> {
  return { kind: "sql", bind: (raw) => raw as SqlHandle };
}

/** The tables of the memory store: `tx.table("orders_order").set(id, row)`. */
export function tables(): HandleKind<TablesHandle> {
  return { kind: "tables", bind: (raw) => raw as TablesHandle };
}

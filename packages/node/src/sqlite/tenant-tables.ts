import { violation, type StorePlan, type Violation } from "@banyan/core";
import type { DatabaseSync } from "node:sqlite";
import { report } from "./migrations.ts";
import { setTenantGuard, guardedIn } from "./tenant-guard.ts";
import type { Guarded } from "./tenant-sql.ts";
import { tokensOf } from "./tenant-tokens.ts";

type ContextPlan = StorePlan["contexts"][number];

/**
 * Puts the guard on the connection that writes, or says what is in its way. What is guarded, by context: all of them as soon as one has tables
 * of tenants, because the events of that one are of tenants, too.
 */
export function guardTenants(db: DatabaseSync, plan: StorePlan): ReadonlyMap<string, Guarded> {
  report(checkTenantTables(db, plan));
  const found = new Map<string, Guarded>();
  if (plan.contexts.every((context) => tenantTablesOf(context).length === 0)) return found;
  for (const context of plan.contexts) {
    const guarded = guardedIn(db, context.prefix, tenantTablesOf(context));
    setTenantGuard(db, guarded, true);
    found.set(context.name, guarded);
  }
  return found;
}

/** The tables of a plan that hold rows of tenants, by the names SQLite compares. */
function tenantTablesOf({ tenantTables = [] }: ContextPlan): readonly string[] {
  return [...new Set(tenantTables.map((table) => table.toLowerCase()))];
}

/** What keeps tables from holding rows of tenants, once the migrations have made them. */
function checkTenantTables(db: DatabaseSync, plan: StorePlan): readonly Violation[] {
  return plan.contexts.flatMap((context) => {
    const tables = tenantTablesOf(context);
    const problems = tables.flatMap((table) => problemsOf(db, table));
    return [...problems, ...triggersNaming(db, context, new Set(tables)), ...contentsOf(db, context)].map((words) =>
      violation("tenant-table-invalid", context.name, `"${context.name}" keeps rows of tenants in ${words}`),
    );
  });
}

function problemsOf(db: DatabaseSync, table: string): string[] {
  const kind = db.prepare("SELECT type FROM main.sqlite_schema WHERE lower(name) = ? AND type <> 'index'").get(table);
  if (kind === undefined) return [`"${table}", which no migration makes.`];
  if (kind["type"] !== "table") return [`"${table}", which is no table.`];
  const columns = db
    .prepare(`SELECT lower(name) AS name, upper(type) AS type, pk FROM pragma_table_xinfo(?)`)
    .all(table);
  const tenant = columns.find(({ name }) => name === "tenant");
  if (tenant === undefined) return [`"${table}", which has no column "tenant".`];
  if (tenant["type"] !== "TEXT") return [`"${table}", whose column "tenant" is not TEXT.`];
  const keys = columns.filter(({ pk }) => Number(pk) > 0);
  // it is no index, but the number of the row itself
  const number = keys.length === 1 && keys[0]?.["type"] === "INTEGER" ? keys[0]["name"] : undefined;
  const loose = [...(number === undefined ? [] : [`(${String(number)})`]), ...looseKeys(db, table)];
  return loose.map((key) => `"${table}", whose unique key ${key} is one for all of them; begin it with "tenant".`);
}

/** Unique keys across tenants: an INSERT would meet another tenant's row, and REPLACE delete it. */
function looseKeys(db: DatabaseSync, table: string): string[] {
  const unique = db.prepare('SELECT name FROM pragma_index_list(?) WHERE "unique" = 1').all(table);
  return unique.flatMap(({ name }) => {
    const parts = db.prepare("SELECT name, coll FROM pragma_index_xinfo(?) WHERE key = 1").all(String(name));
    if (parts.some((part) => String(part["name"]).toLowerCase() === "tenant" && part["coll"] === "BINARY")) return [];
    return [`(${parts.map((part) => String(part["name"] ?? "an expression")).join(", ")})`];
  });
}

/** What a trigger asks for is written into the database, where the names mean the tables themselves. */
function triggersNaming(db: DatabaseSync, { prefix }: ContextPlan, tables: ReadonlySet<string>): string[] {
  if (tables.size === 0) return [];
  const rows = db
    .prepare(
      "SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger' AND substr(lower(tbl_name), 1, length(?1)) = ?1",
    )
    .all(prefix);
  return rows.flatMap(({ name, sql }) => {
    const tokens = tokensOf(String(sql));
    const named = typeof tokens === "string" ? undefined : tokens.find((token) => tables.has(token.name ?? ""))?.name;
    return named === undefined
      ? []
      : [`"${named}", which the trigger "${String(name)}" names; do in bodies what it does.`];
  });
}

/** A virtual table reads what it has for its content itself (FTS5, `content=`), also through views: past the guard, the rows of all. */
function contentsOf(db: DatabaseSync, context: ContextPlan): string[] {
  const { shadowed } = guardedIn(db, context.prefix, tenantTablesOf(context));
  const rows = db
    .prepare("SELECT name, sql FROM main.sqlite_schema WHERE type = 'table' AND rootpage = 0 ORDER BY name")
    .all();
  return rows.flatMap(({ name, sql }) => {
    const tokens = tokensOf(String(sql));
    const content = typeof tokens === "string" ? undefined : tokens.find((token) => shadowed.has(token.name ?? ""));
    return content === undefined
      ? []
      : [
          `"${content.name}", which the virtual table "${String(name)}" has for its content; give that a copy of its own.`,
        ];
  });
}

/** What an operator should know: reads of a tenant look through the rows of all. */
export function slowTenantTables(db: DatabaseSync, plan: StorePlan): string[] {
  return plan.contexts.flatMap(tenantTablesOf).flatMap((table) => {
    // by its name alone the table is the view of the guard, which has no index
    const begins = `SELECT 1 FROM pragma_index_list(?1, 'main') AS i, pragma_index_xinfo(i.name, 'main') AS c
      WHERE c.seqno = 0 AND lower(c.name) = 'tenant'`;
    if (db.prepare(begins).get(table) !== undefined) return [];
    return [`No index of "${table}" begins with "tenant": what one tenant asks for looks through the rows of all.`];
  });
}

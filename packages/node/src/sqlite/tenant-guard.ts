import type { DatabaseSync } from "node:sqlite";
import type { Guarded } from "./tenant-sql.ts";

/** As core has it; the reading threads load nothing of core. */
export const EVERY_TENANT = "*";

/** Every name of the guard begins so; migrations cannot make anything that does. */
export const GUARD_NAMES = "banyan_tenant_";

/** Takes the guard away, so that migrations find the tables themselves. */
export function dropTenantGuard(db: DatabaseSync): void {
  const rows = db.prepare("SELECT type, name FROM sqlite_temp_schema WHERE type IN ('trigger', 'view')").all();
  for (const { type, name } of rows) db.exec(`DROP ${String(type)} temp."${String(name)}"`);
}

/** What of a context is guarded: its tables of tenants, in lower case, and the views it has. */
export function guardedIn(db: DatabaseSync, prefix: string, tables: readonly string[]): Guarded {
  if (tables.length === 0) return { tables: new Set(), shadowed: new Set() };
  const query = `SELECT lower(name) AS name FROM main.sqlite_schema
    WHERE type = 'view' AND substr(lower(name), 1, length(?1)) = ?1`;
  const views = db.prepare(query).all(prefix);
  return { tables: new Set(tables), shadowed: new Set([...tables, ...views.map(({ name }) => String(name))]) };
}

/**
 * Puts the guard on a connection: temporary views in front of the tables, so that the database itself stays as the migrations made it, and where
 * it `writes`, triggers that refuse rows of other tenants. `banyan_tenant()` is the tenant at work.
 */
export function setTenantGuard(db: DatabaseSync, { tables, shadowed }: Guarded, writes: boolean): void {
  for (const table of tables) {
    db.exec(`CREATE TEMP VIEW "${table}" AS
      SELECT * FROM main."${table}" WHERE tenant = banyan_tenant() COLLATE BINARY`);
    if (writes) db.exec(triggersOn(table));
  }
  const text = db.prepare("SELECT sql FROM main.sqlite_schema WHERE type = 'view' AND lower(name) = ?");
  // as temporary ones they stand on the guarded tables, by the same names
  for (const view of shadowed.difference(tables))
    db.exec(String(text.get(view)?.["sql"]).replace(/^CREATE\s+VIEW/i, "CREATE TEMP VIEW"));
}

function triggersOn(table: string): string {
  const trigger = (event: string, foreign: string): string => `
    CREATE TEMP TRIGGER "${GUARD_NAMES}${event.toLowerCase()}_${table}" BEFORE ${event} ON main."${table}" WHEN ${foreign}
    BEGIN SELECT RAISE(ABORT, 'a row of another tenant'); END;`;
  return [
    trigger("INSERT", "banyan_foreign(NEW.tenant)"),
    trigger("UPDATE", "banyan_foreign(OLD.tenant) OR banyan_foreign(NEW.tenant)"),
    trigger("DELETE", "banyan_foreign(OLD.tenant)"),
  ].join("");
}

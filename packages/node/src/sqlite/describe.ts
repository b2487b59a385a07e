import { ids, prefixOf, type Migration } from "@banyan/core";
import type { DatabaseSync } from "node:sqlite";
import { nodeClock } from "../platform/clock.ts";
import { nodeRandom } from "../platform/random.ts";
import { Guard } from "./authorizer.ts";
import { openDatabase } from "./connection.ts";
import { migrate } from "./migrations.ts";
import { prepareTables } from "./runtime-tables.ts";

/** A table or view as SQLite knows it. */
export interface TableDescription {
  readonly name: string;
  readonly kind: "table" | "view" | "virtual";
  /** Its columns hold what they are declared to hold, and nothing else. */
  readonly strict: boolean;
  /** The statement that would make it now. */
  readonly sql: string;
  /** In order. */
  readonly columns: readonly ColumnDescription[];
}

export interface ColumnDescription {
  readonly name: string;
  /** As declared; "" = not at all. */
  readonly type: string;
  readonly notNull: boolean;
  /** An expression in SQL; undefined = none. */
  readonly default: string | undefined;
  /** Its value is computed, and nobody writes it. */
  readonly computed: boolean;
  /** It is the rowid by another name: SQLite gives a number where none is given. */
  readonly rowid: boolean;
}

export interface ContextTables {
  readonly context: string;
  /** By name. */
  readonly tables: readonly TableDescription[];
}

/** What the migrations of contexts make: they are applied to an empty database in memory as a start would, and its schema is read. Throws as a start does. */
export function describeTables(
  contexts: readonly { readonly name: string; readonly migrations: readonly Migration[] }[],
): readonly ContextTables[] {
  const db = openDatabase(":memory:");
  try {
    const now = (): number => 0;
    const named = contexts.map(({ name, migrations }) => ({ name, prefix: prefixOf(name), migrations }));
    const plan = { contexts: named, now, newId: ids(nodeClock(), nodeRandom()) };
    prepareTables(db, plan);
    migrate(db, new Guard(db), plan);
    return named.map(({ name, prefix }) => ({ context: name, tables: tablesOf(db, prefix) }));
  } finally {
    db.close();
  }
}

function tablesOf(db: DatabaseSync, prefix: string): TableDescription[] {
  const rows = db.prepare(`SELECT t.name, t.type, t.strict, t.wr, s.sql FROM pragma_table_list AS t
    JOIN sqlite_schema AS s ON s.name = t.name AND s.type IN ('table', 'view')
    WHERE t.type <> 'shadow' AND substr(lower(t.name), 1, length(?1)) = ?1 ORDER BY t.name`);
  return rows.all(prefix).map((row) => ({
    name: String(row["name"]),
    kind: row["type"] as TableDescription["kind"],
    strict: row["strict"] === 1,
    sql: String(row["sql"]),
    columns: columnsOf(db, String(row["name"]), row["wr"] === 0),
  }));
}

function columnsOf(db: DatabaseSync, table: string, hasRowid: boolean): ColumnDescription[] {
  const rows = db.prepare("SELECT * FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid").all(table);
  const keys = rows.filter((row) => Number(row["pk"]) > 0);
  return rows.map((row) => {
    const type = String(row["type"]);
    const rowid = hasRowid && keys.length === 1 && keys[0] === row && type.toUpperCase() === "INTEGER";
    return {
      name: String(row["name"]),
      type,
      notNull: row["notnull"] === 1 || rowid,
      default: row["dflt_value"] === null ? undefined : String(row["dflt_value"]),
      computed: Number(row["hidden"]) > 1,
      rowid,
    };
  });
}

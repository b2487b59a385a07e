import { BanyanError, prefixOf, type StorePlan } from "@banyan/core";
import type { DatabaseSync } from "node:sqlite";
import { beginEras } from "./eras.ts";
import type { LogIdentity } from "./log.ts";
import { FORMAT, logSchema, logTable, SCHEMA } from "./schema.ts";

/** Makes the runtime's own tables where they are missing, in one transaction, and returns the log of every context of the plan. */
export function prepareTables(db: DatabaseSync, plan: StorePlan): LogIdentity[] {
  assertPrefixes(plan);
  db.exec("BEGIN IMMEDIATE");
  try {
    assertFormat(db);
    renameActs(db);
    db.exec(SCHEMA);
    addFirstNames(db);
    noteFormat(db);
    const logs = plan.contexts.map((context) => prepareLog(db, context, plan));
    beginEras(db);
    db.exec("COMMIT");
    return logs;
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

/** The contexts that have lived here, without their migrations. */
export function storedContexts(db: DatabaseSync): StorePlan["contexts"] {
  assertFormat(db);
  const known = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'banyan_context'").get();
  if (known === undefined) return [];
  const rows = db.prepare("SELECT name FROM banyan_context ORDER BY name").all();
  return rows.map(({ name }) => ({ name: String(name), prefix: prefixOf(String(name)), migrations: [] }));
}

function assertPrefixes({ contexts }: StorePlan): void {
  const taken = contexts.find(({ prefix }) => prefix.startsWith("banyan_") || prefix.startsWith("sqlite_"));
  if (taken === undefined) return;
  throw new BanyanError(
    "prefix-collision",
    `The context "${taken.name}" cannot have the prefix "${taken.prefix}": it is the runtime's.`,
  );
}

/** Also asked of a backup, before it is restored. */
export function assertFormat(db: DatabaseSync): void {
  const known = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'banyan_meta'").get();
  if (known === undefined) return;
  const found = Number(db.prepare("SELECT value FROM banyan_meta WHERE name = 'format'").get()?.["value"] ?? FORMAT);
  if (found <= FORMAT) return;
  throw new BanyanError("format-newer", `The data has format ${found}; this version knows ${FORMAT} and older.`);
}

function noteFormat(db: DatabaseSync): void {
  const note = db.prepare(`INSERT INTO banyan_meta (name, value) VALUES ('format', ?)
    ON CONFLICT DO UPDATE SET value = excluded.value WHERE value <> excluded.value`);
  note.run(String(FORMAT));
}

/** In a file of format 1, which has what was done outside in a table of another name. */
function renameActs(db: DatabaseSync): void {
  const known = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'banyan_effect'").get();
  if (known !== undefined) db.exec("ALTER TABLE banyan_effect RENAME TO banyan_act; DROP INDEX banyan_effect_place");
}

/** To a file from before subscriptions could be renamed. */
function addFirstNames(db: DatabaseSync): void {
  const known = db.prepare("SELECT 1 FROM pragma_table_info('banyan_cursor') WHERE name = 'first_name'").get();
  if (known === undefined) db.exec("ALTER TABLE banyan_cursor ADD COLUMN first_name TEXT NOT NULL DEFAULT ''");
}

function prepareLog(
  db: DatabaseSync,
  { name, prefix }: { readonly name: string; readonly prefix: string },
  plan: StorePlan,
): LogIdentity {
  const table = logTable(prefix);
  db.exec(logSchema(table));
  const row = db.prepare("SELECT incarnation FROM banyan_context WHERE name = ?").get(name);
  if (row !== undefined) return { name, prefix, incarnation: String(row["incarnation"]) };
  const incarnation = plan.newId();
  const insert = db.prepare("INSERT INTO banyan_context (name, incarnation, log, created_at) VALUES (?, ?, ?, ?)");
  insert.run(name, incarnation, table, plan.now());
  return { name, prefix, incarnation };
}

import type { NewEntry } from "@banyan/core";
import { FORMAT } from "./schema.ts";

/** The columns of a log beside the position, in the order of `rowOf`. */
export const COLUMNS =
  "id, type, version, key, slot, at, form, body, tenant, principal, correlation, causation, traceparent";

const MARKS = COLUMNS.replaceAll(/\w+/g, "?");

export function rowOf(entry: NewEntry): (string | number | null)[] {
  const { id, type, version, key, slot, at, form, body, ...origin } = entry;
  const { tenant, principal, correlation, causation, traceparent = null } = origin;
  return [id, type, version, key, slot, at, form, body, tenant, principal, correlation, causation, traceparent];
}

export function insertInto(table: string): string {
  return `INSERT INTO ${table} (${COLUMNS}) VALUES (${MARKS})`;
}

const REST = "substr(sqlite_version(), 3)";
const MINOR = `CAST(${REST} AS INTEGER)`;
const PATCH = `CAST(substr(${REST}, instr(${REST}, '.') + 1) AS INTEGER)`;

/** In the words of an error where the process that owns the database is the one given to `hostInsert`. */
export const OWNED_HERE: RegExp = /JSON path.{0,20}banyan-owner/;

/**
 * The same by a connection of a host, with the name of the context, that of the table, and of the process (one-sqlite.ts; '' = of no account) behind
 * the row. Nothing is inserted where the file has another format or another log, SQLite is older than what this store needs (connection.ts), COMMIT does
 * not wait for the disk, or another file is attached: two files are not committed together. Fails with `OWNED_HERE` in the process that owns the
 * database: a path that is none is the only way in which a statement can say why.
 */
export function hostInsert(table: string): string {
  return `INSERT INTO main.${table} (${COLUMNS}) SELECT ${MARKS}
    WHERE EXISTS (SELECT 1 FROM main.banyan_meta WHERE name = 'format' AND value = '${FORMAT}')
    AND EXISTS (SELECT 1 FROM main.banyan_context WHERE name = ? AND log = ?)
    AND ${MINOR} * 1000 + ${PATCH} >= 51003 AND (SELECT synchronous FROM pragma_synchronous) >= 2
    AND NOT EXISTS (SELECT 1 FROM pragma_database_list WHERE seq > 0 AND file <> '')
    AND (SELECT count(json_extract('{}', 'banyan-' || name)) FROM main.banyan_meta WHERE name = 'owner' AND value = ?) = 0`;
}

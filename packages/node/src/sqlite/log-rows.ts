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

/**
 * The same by a connection of a host, with the name of the context and of the table behind the row: nothing is inserted where the file has another format or
 * another log, SQLite is older than what this store needs (connection.ts), or COMMIT does not wait for the disk.
 */
export function hostInsert(table: string): string {
  return `INSERT INTO ${table} (${COLUMNS}) SELECT ${MARKS}
    WHERE EXISTS (SELECT 1 FROM banyan_meta WHERE name = 'format' AND value = '${FORMAT}')
    AND EXISTS (SELECT 1 FROM banyan_context WHERE name = ? AND log = ?)
    AND ${MINOR} * 1000 + ${PATCH} >= 51003 AND (SELECT synchronous FROM pragma_synchronous) >= 2`;
}

import { BanyanError, type HandleKind, type RawHandle } from "@banyan/core";
import {
  createTableRelationsHelpers,
  type ExtractTablesWithRelations,
  extractTablesRelationalConfig,
  type RelationalSchemaConfig,
} from "drizzle-orm";
import { BaseSQLiteDatabase, SQLiteAsyncDialect } from "drizzle-orm/sqlite-core";
import { type DrizzleResult, UnitSession } from "./unit-session.ts";

/** `tx` of a body, and `read`. */
export type DrizzleDatabase<Schema extends Record<string, unknown> = Record<string, never>> = BaseSQLiteDatabase<
  "async",
  DrizzleResult,
  Schema
>;

type Relational<Schema extends Record<string, unknown>> =
  | RelationalSchemaConfig<ExtractTablesWithRelations<Schema>>
  | undefined;

/**
 * The tables of a context through Drizzle: `context("orders", { tx: drizzle(), … })`. `tx` and `read` are then Drizzle's database on the
 * unit's own transaction, and `tx.transaction(…)` an inner part of it. With a schema, `drizzle(schema)`, there is `tx.query` too.
 */
export function drizzle<Schema extends Record<string, unknown> = Record<string, never>>(
  schema?: Schema,
): HandleKind<DrizzleDatabase<Schema>> {
  const relational = schema === undefined ? undefined : relationalOf(schema);
  return { kind: "sql", bind: (raw) => bind(raw, relational) };
}

const dialect = new SQLiteAsyncDialect();

function relationalOf<Schema extends Record<string, unknown>>(schema: Schema): Relational<Schema> {
  const { tables, tableNamesMap } = extractTablesRelationalConfig<ExtractTablesWithRelations<Schema>>(
    schema,
    createTableRelationsHelpers,
  );
  return { fullSchema: schema, schema: tables, tableNamesMap };
}

function bind<Schema extends Record<string, unknown>>(
  raw: RawHandle,
  relational: Relational<Schema>,
): DrizzleDatabase<Schema> {
  if (raw.kind !== "sql")
    throw new BanyanError("handle-unsupported", "Drizzle needs a store with SQL; this one has none.");
  return new BaseSQLiteDatabase("async", dialect, new UnitSession<Schema>(raw, dialect, relational), relational);
}

import {
  BanyanError,
  sha256,
  violation,
  violationsError,
  type ErrorCode,
  type Migration,
  type Violation,
} from "@banyan/core";
import type { DatabaseSync } from "node:sqlite";
import type { Guard, Policy } from "./authorizer.ts";
import { needingTheRuntime } from "./own-functions.ts";
import { assertCount, parametersOf } from "./parameters.ts";
import { Refusal } from "./refusal.ts";
import { isTroubleOfStore, statementError } from "./sqlite-error.ts";
import { isBlank, restOf } from "./statements.ts";

export interface ContextSchema {
  readonly name: string;
  readonly prefix: string;
  readonly migrations: readonly Migration[];
}

interface Pending {
  readonly policy: Policy;
  readonly migration: Migration;
}

const NAME = /^\d{3,}-[a-z0-9]+(?:-[a-z0-9]+)*(?:\.sql)?$/;

/** The text a checksum is of: what a checkout on another system makes of its line ends is the same migration. */
export function checksumOf(migration: Migration): string {
  return sha256(migration.sql.replaceAll("\r\n", "\n"));
}

export function isMigrationName(name: string): boolean {
  return NAME.test(name);
}

/**
 * Applies what is missing: per context in the order of names, each in a transaction of its own. What is wrong with names and
 * checksums is found for all contexts before anything is applied. Returns what an operator should know.
 */
export function migrate(
  db: DatabaseSync,
  guard: Guard,
  plan: { readonly contexts: readonly ContextSchema[]; readonly now: () => number },
): string[] {
  guard.learn(db);
  const applied = recorded(db);
  const looked = plan.contexts.map((context) => compare(context, applied));
  report(looked.flatMap(({ problems }) => problems));
  const failed = looked.flatMap(({ pending }) => applyAll(db, guard, { pending, now: plan.now }));
  guard.learn(db);
  report(failed);
  // what was applied before this was looked for
  report(plan.contexts.flatMap((context) => unusable(db, context)));
  return looked.flatMap(({ warnings }) => warnings);
}

/** Checksums by context and name. */
function recorded(db: DatabaseSync): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const rows = db.prepare("SELECT context, name, checksum FROM banyan_migration ORDER BY name").all();
  const byContext = Map.groupBy(rows, (row) => String(row["context"]));
  return new Map(
    Array.from(byContext, ([context, list]) => [
      context,
      new Map(list.map((row) => [String(row["name"]), String(row["checksum"])])),
    ]),
  );
}

interface Comparison {
  readonly pending: readonly Pending[];
  readonly problems: readonly Violation[];
  readonly warnings: readonly string[];
}

function compare(context: ContextSchema, all: ReadonlyMap<string, ReadonlyMap<string, string>>): Comparison {
  const applied = all.get(context.name) ?? new Map<string, string>();
  const given = [...context.migrations].sort((left, right) => (left.name < right.name ? -1 : 1));
  const names = new Set(given.map(({ name }) => name));
  const policy: Policy = { context: context.name, prefix: context.prefix, may: "migrate" };
  const last = [...applied.keys()].at(-1) ?? "";
  const pending = given.filter(({ name }) => !applied.has(name));
  const unknown = [...applied.keys()].filter((name) => !names.has(name));
  return {
    pending: pending.map((migration) => ({ policy, migration })),
    problems: problemsOf(context.name, given, applied),
    warnings: [
      ...unknown.map(
        (name) => `The database has the migration "${name}" of "${context.name}", which this code does not have.`,
      ),
      ...pending
        .filter(({ name }) => name < last)
        .map(({ name }) => `The migration "${name}" of "${context.name}" was applied after "${last}".`),
    ],
  };
}

function problemsOf(context: string, given: readonly Migration[], applied: ReadonlyMap<string, string>): Violation[] {
  return given.flatMap((migration, i) => {
    const { name } = migration;
    const problem = (code: ErrorCode, words: string): Violation => violation(code, `${context}/${name}`, words);
    if (!isMigrationName(name))
      return [problem("migration-invalid", `"${name}" of "${context}" is not named like 001-what.sql.`)];
    if (given[i - 1]?.name === name)
      return [problem("migration-invalid", `"${context}" has two migrations "${name}".`)];
    const before = applied.get(name);
    if (before === undefined || before === checksumOf(migration)) return [];
    return [problem("migration-changed", `"${name}" of "${context}" was applied with another text.`)];
  });
}

/** Stops at the first that fails: the next ones of a context stand on it. */
function applyAll(
  db: DatabaseSync,
  guard: Guard,
  { pending, now }: { readonly pending: readonly Pending[]; readonly now: () => number },
): Violation[] {
  for (const one of pending) {
    const problem = apply(db, guard, { ...one, at: now() });
    if (problem !== undefined) return [problem];
  }
  return [];
}

function apply(
  db: DatabaseSync,
  guard: Guard,
  { policy, migration, at }: Pending & { readonly at: number },
): Violation | undefined {
  db.exec("BEGIN IMMEDIATE");
  try {
    runStatements(db, guard, { policy, migration });
    assertKeysAreOwn(db, policy);
    assertUsable(db, policy);
    db.prepare("INSERT INTO banyan_migration (context, name, checksum, applied_at) VALUES (?, ?, ?, ?)").run(
      policy.context,
      migration.name,
      checksumOf(migration),
      at,
    );
    db.exec("COMMIT");
    guard.learn(db);
    return undefined;
  } catch (error) {
    // no migration is at fault: the start says what is, and what is in doubt stays as it is
    const trouble = troubleOfStore(error);
    if (trouble !== undefined) throw statementError(trouble, "the start");
    if (db.isTransaction) db.exec("ROLLBACK");
    const code = error instanceof Refusal ? "migration-invalid" : "migration-failed";
    const words = error instanceof Error ? error.message : String(error);
    return violation(
      code,
      `${policy.context}/${migration.name}`,
      `"${migration.name}" of "${policy.context}" ${words}`,
    );
  }
}

function troubleOfStore(error: unknown): unknown {
  return [error, (error as { readonly cause?: unknown }).cause].find(isTroubleOfStore);
}

/** One by one, so that the one that fails can be named. */
function runStatements(db: DatabaseSync, guard: Guard, { policy, migration }: Pending): void {
  for (let rest = migration.sql; !isBlank(rest);) {
    const text = rest;
    try {
      guard.under(policy, () => {
        const statement = db.prepare(text);
        rest = restOf(text, statement);
        assertCount(0, parametersOf(statement.sourceSQL));
        statement.all();
      });
    } catch (error) {
      const statement = placed(migration, text);
      if (error instanceof Refusal) throw new Refusal("migration-invalid", `${error.message}, at: ${statement}`);
      throw new Error(`failed: ${wordsOf(db, error)}, at: ${statement}`, { cause: error });
    }
  }
}

const BY_TRIGGER = 1811;

/** What a trigger says may be made from rows, which may be somebody's: it is told where it stands in the trigger as it is. */
function wordsOf(db: DatabaseSync, error: unknown): string {
  const { errcode, message } = error as { readonly errcode?: unknown; readonly message?: string };
  if (errcode !== BY_TRIGGER) return message ?? String(error);
  const literal = `'${String(message).replaceAll("'", "''")}'`;
  const said = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND instr(sql, ?) > 0").get(literal);
  return said === undefined ? "a trigger refused a row, in words that it makes from the data" : String(message);
}

/** The first line of the statement that a text begins with, and where it is. */
function placed({ file, sql }: Migration, text: string): string {
  const before = sql.slice(0, sql.length - text.length).split("\n").length;
  const lines = text.split("\n");
  const first = lines.findIndex((line) => !isBlank(line));
  const line = (lines[first] ?? "").trim();
  const words = line.length > 120 ? `${line.slice(0, 120)}…` : line;
  return file === undefined ? words : `${file}:${before + first}: ${words}`;
}

/** A foreign key to a table of another context would make that context's deletes fail, or reach into this one. SQLite does not ask about it. */
function assertKeysAreOwn(db: DatabaseSync, { prefix, context }: Policy): void {
  const query = `SELECT s.name AS child, k."table" AS parent FROM sqlite_schema AS s, pragma_foreign_key_list(s.name) AS k
    WHERE s.type = 'table' AND substr(lower(s.name), 1, length(?1)) = ?1 AND substr(lower(k."table"), 1, length(?1)) <> ?1`;
  const found = db.prepare(query).get(prefix);
  if (found === undefined) return;
  throw new Refusal(
    "migration-invalid",
    `has a foreign key from "${String(found["child"])}" to "${String(found["parent"])}", which is not of "${context}"`,
  );
}

function assertUsable(db: DatabaseSync, { prefix }: Policy): void {
  const [words] = needingTheRuntime(db, prefix);
  if (words !== undefined) throw new Refusal("migration-invalid", words);
}

function unusable(db: DatabaseSync, { name, prefix }: ContextSchema): Violation[] {
  return needingTheRuntime(db, prefix).map((words) =>
    violation("migration-invalid", name, `"${name}" ${words}. Add a migration that makes it anew without that.`),
  );
}

/** One problem is its own error; several are reported together. */
export function report(problems: readonly Violation[]): void {
  const [first] = problems;
  if (first === undefined) return;
  if (problems.length > 1) throw violationsError(problems);
  throw new BanyanError(first.code, first.message);
}

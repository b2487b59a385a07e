import type { SqlShape } from "@banyan/core";
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { Guard, Policy } from "./authorizer.ts";
import { assertCount, assertHolds, isTooLarge, parametersOf } from "./parameters.ts";
import { Refusal } from "./refusal.ts";
import { EVERY_TENANT } from "./tenant-guard.ts";
import { type Guarded, guardedSql } from "./tenant-sql.ts";

/** What a statement gave. Plain data, so that it can cross to another thread. */
export interface Outcome {
  readonly rows: readonly Record<string, unknown>[];
  readonly values?: readonly (readonly unknown[])[] | undefined;
  readonly changes: number;
  readonly insertId: number | bigint | undefined;
}

/** How much one statement may return. */
export interface Caps {
  readonly rows: number;
  readonly bytes: number;
}

interface Prepared {
  readonly statement: StatementSync;
  readonly returns: boolean;
  readonly writes: boolean;
  readonly inserts: boolean;
  /** It may reach tables of tenants itself. */
  readonly direct: boolean;
  /** How many values it takes. */
  readonly takes: number;
  /** In which shape it gave its rows last. */
  shape: SqlShape;
}

/** One statement, and what is asked of its rows. */
export interface Ask {
  readonly sql: string;
  readonly parameters: readonly SQLInputValue[];
  readonly as?: SqlShape | undefined;
  /** Whose rows it reaches in tables of tenants; `*` for all. */
  readonly tenant?: string | undefined;
}

type InnerPart = "begin" | "keep" | "undo";

const INNER_PART: Readonly<Record<InnerPart, string>> = {
  begin: "SAVEPOINT banyan_inner",
  keep: "RELEASE banyan_inner",
  undo: "ROLLBACK TO banyan_inner",
};
const TOO_LARGE =
  "returns an integer beyond ±(2^53 - 1), which no number holds; ask for it as text: CAST(the_column AS TEXT)";
const NO_ROWS: readonly Record<string, unknown>[] = [];
/**
 * A prepared statement takes some ten times the memory of its text. So the texts kept are bounded by their length, together and
 * each: lists of values make texts that are long and hardly ever come back.
 */
const KEPT_CHARACTERS = 64 * 1_024;
const KEPT_EACH = 2 * 1_024;
const BLANK = /^(?:[\s;]|--[^\n]*(?:\n|$)|\/\*(?:(?!\*\/)[\s\S])*(?:\*\/|$))*$/;

/** One that is kept reads memory that is gone, once the schema was read anew: SQLite lists a program without looking whether it still holds. */
const EXPLAINS = /^(?:[\s;]|--[^\n]*\n|\/\*(?:(?!\*\/)[\s\S])*\*\/)*explain\b/i;

/** Prepared statements of one context on one connection. Not shared between contexts: rights are checked at prepare. */
export class Statements {
  readonly #db: DatabaseSync;
  readonly #guard: Guard;
  readonly #policy: Policy;
  readonly #prepared = new Kept();
  /** Those for work across tenants, which show more by the same text. */
  readonly #across = new Kept();
  readonly #parts: Partial<Record<InnerPart, StatementSync>> = {};

  constructor(db: DatabaseSync, guard: Guard, policy: Policy) {
    this.#db = db;
    this.#guard = guard;
    this.#policy = policy;
  }

  execute(ask: Ask, caps?: Caps): Outcome {
    ask.parameters.forEach(assertHolds);
    try {
      return this.#guard.under(this.#policy, () => this.#execute(ask, caps));
    } catch (error) {
      throw isTooLarge(error) ? new Refusal("statement-failed", TOO_LARGE) : error;
    }
  }

  /** The runtime's own: a body's text may not do this. Parts nest, so one name is enough: the innermost is meant. */
  innerPart(does: InnerPart): void {
    this.#parts[does] ??= this.#db.prepare(INNER_PART[does]);
    this.#parts[does].run();
  }

  #execute({ sql, parameters, as = "rows", tenant }: Ask, caps: Caps | undefined): Outcome {
    this.#guard.tenant = tenant;
    const prepared = this.#preparedFor(sql, tenant);
    this.#guard.direct = prepared.direct;
    assertCount(parameters.length, prepared.takes);
    const { statement, returns, writes, inserts } = prepared;
    if (!returns) {
      const { changes, lastInsertRowid } = statement.run(...parameters);
      return { rows: NO_ROWS, changes: writes ? Number(changes) : 0, insertId: inserts ? lastInsertRowid : undefined };
    }
    if (prepared.shape !== as) statement.setReturnArrays((prepared.shape = as) === "values");
    const rows = caps === undefined ? statement.all(...parameters) : within(caps, statement.iterate(...parameters));
    const changes = writes ? rows.length : 0;
    if (as === "rows") return { rows, changes, insertId: undefined };
    return { rows: NO_ROWS, values: rows as unknown as readonly unknown[][], changes, insertId: undefined };
  }

  /** One statement serves all tenants; only across them it is another one. */
  #preparedFor(sql: string, tenant: string | undefined): Prepared {
    const { guarded } = this.#policy;
    const across = guarded !== undefined && tenant === EVERY_TENANT;
    const kept = across ? this.#across : this.#prepared;
    const known = kept.get(sql);
    if (known !== undefined) return known;
    const made = guarded === undefined ? this.#prepare(sql) : this.#prepareGuarded(sql, guarded, { tenant, across });
    if (!EXPLAINS.test(sql)) kept.keep(sql, made);
    return made;
  }

  #prepareGuarded(
    sql: string,
    guarded: Guarded,
    { tenant, across }: { readonly tenant: string | undefined; readonly across: boolean },
  ): Prepared {
    const { text, touches, direct } = guardedSql(sql, guarded, across);
    if (touches && tenant === undefined) throw new Refusal("tenant-guarded", "works for no tenant");
    return this.#prepare(text, direct);
  }

  #prepare(text: string, direct = true): Prepared {
    this.#guard.direct = direct;
    const { prepared: statement, writes, inserts } = this.#guard.watch(() => prepareOne(this.#db, text));
    const returns = statement.columns().length > 0;
    return { statement, writes, inserts, direct, returns, takes: parametersOf(text), shape: "rows" };
  }
}

/** By their texts as they were asked for. */
class Kept {
  readonly #prepared = new Map<string, Prepared>();
  #characters = 0;

  get(sql: string): Prepared | undefined {
    return this.#prepared.get(sql);
  }

  /** The oldest make room; what is still in use is prepared again at its next turn. */
  keep(sql: string, made: Prepared): void {
    if (sql.length > KEPT_EACH) return;
    this.#prepared.set(sql, made);
    this.#characters += sql.length;
    for (const oldest of this.#prepared.keys()) {
      if (this.#characters <= KEPT_CHARACTERS) return;
      this.#prepared.delete(oldest);
      this.#characters -= oldest.length;
    }
  }
}

/** Prepares a text of exactly one statement; SQLite itself would pass over all after the first in silence. */
function prepareOne(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql);
  if (isBlank(restOf(sql, statement))) return statement;
  throw new Refusal("statement-failed", "has more than one statement; ask for them one by one");
}

/** What follows the first statement of a text. */
export function restOf(sql: string, statement: StatementSync): string {
  return sql.slice(statement.sourceSQL.length);
}

/** Whether a text has no statement: spaces, comments and semicolons only. */
export function isBlank(sql: string): boolean {
  return BLANK.test(sql);
}

function within(caps: Caps, rows: Iterable<Record<string, unknown>>): Record<string, unknown>[] {
  const kept: Record<string, unknown>[] = [];
  let bytes = 0;
  for (const row of rows) {
    for (const name in row) bytes += sizeOf(row[name]);
    if (kept.length === caps.rows) throw new Refusal("read-too-large", `returns more than ${caps.rows} rows`);
    if (bytes > caps.bytes) throw new Refusal("read-too-large", `returns more than ${caps.bytes} bytes`);
    kept.push(row);
  }
  return kept;
}

/** Near enough: a text counts its UTF-16 units. */
function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  return value instanceof Uint8Array ? value.byteLength : 8;
}

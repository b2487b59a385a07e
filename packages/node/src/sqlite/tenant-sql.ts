import { Refusal } from "./refusal.ts";
import { type Token, tokensOf } from "./tenant-tokens.ts";

/** What a context has that is guarded. Names in lower case. */
export interface Guarded {
  /** Tables with rows of tenants; on every connection a temporary view of the same name shows those of the tenant at work. */
  readonly tables: ReadonlySet<string>;
  /** Those, and the views of the context, which stand on the guarded ones: what a name alone means is the temporary one. */
  readonly shadowed: ReadonlySet<string>;
}

/** A statement as it is prepared. */
export interface GuardedSql {
  readonly text: string;
  /** Whether it names something guarded. */
  readonly touches: boolean;
  /** Whether it may reach guarded tables other than through their views: as what it writes to. */
  readonly direct: boolean;
}

interface Edit {
  readonly at: number;
  readonly text: string;
}

const ROW_NAMES: ReadonlySet<string> = new Set(["rowid", "oid", "_rowid_"]);
const BEFORE_A_TABLE: ReadonlySet<string> = new Set(
  "FROM JOIN , ( IN INTO UPDATE ROLLBACK ABORT REPLACE FAIL IGNORE".split(" "),
);
const AFTER_WHERE: ReadonlySet<string> = new Set(["RETURNING", "ORDER", "LIMIT"]);

/**
 * A statement of a body as it is prepared, so that it stays among the rows of its tenant.
 *
 * I1. A name alone means the temporary view, which shows rows of the tenant at work. So reading needs no change, and a place this does not
 *     know shows too little, never too much. Nobody may name the table behind it: `main.orders_order` is refused.
 * I2. A view cannot be written to. The table that is written to, and it alone, is named with its schema; UPDATE and DELETE get the
 *     tenant into their WHERE, and triggers on the table refuse every row of another tenant.
 * I3. Across tenants the names are those of the tables themselves.
 */
export function guardedSql(sql: string, guarded: Guarded, across: boolean): GuardedSql {
  if (!mentions(sql, guarded.shadowed)) return { text: sql, touches: false, direct: true };
  const tokens = tokensOf(sql);
  if (typeof tokens === "string") throw refusal(`${tokens}, which a statement on tables of tenants may not`);
  const touches = tokens.some(({ name }) => isOne(guarded.shadowed, name));
  if (!touches) return { text: sql, touches, direct: true };
  assertFollowed(tokens, guarded);
  if (across) return { text: edited(sql, tableNames(tokens, guarded)), touches, direct: true };
  const target = targetOf(tokens);
  const edits = target !== undefined && isOne(guarded.tables, tokens[target]?.name) ? writing(tokens, target) : [];
  return { text: edited(sql, edits), touches, direct: target !== undefined };
}

/** Quick: names have no quotes in them, so whatever names something guarded has its letters in a row. */
function mentions(sql: string, names: ReadonlySet<string>): boolean {
  const lower = sql.toLowerCase();
  for (const name of names) if (lower.includes(name)) return true;
  return false;
}

function isOne(names: ReadonlySet<string>, name: string | undefined): boolean {
  return name !== undefined && names.has(name);
}

function assertFollowed(tokens: readonly Token[], { shadowed }: Guarded): void {
  tokens.forEach(({ name, text }, i) => {
    if (!isOne(shadowed, name)) return;
    const [before, schema, after, next] = [tokens[i - 1], tokens[i - 2], tokens[i + 1], tokens[i + 2]];
    if (before?.text === "." && schema?.name === "main")
      throw refusal(`names ${text} with its schema, past the guard of its rows; leave the schema out`);
    const isPart =
      after?.word === "AS" && (next?.text === "(" || next?.word === "MATERIALIZED" || next?.word === "NOT");
    if (isPart || before?.word === "WITH" || before?.word === "RECURSIVE")
      throw refusal(`calls a part of its WITH ${text}, like a table of tenants; call it something else`);
  });
}

/** Where the name of a table stands by itself, not in front of a column. */
function tableNames(tokens: readonly Token[], { shadowed }: Guarded): Edit[] {
  return tokens.flatMap(({ name, start }, i) => {
    const before = tokens[i - 1];
    const isTable = BEFORE_A_TABLE.has(before?.word ?? before?.text ?? "") && tokens[i + 1]?.text !== ".";
    return isTable && isOne(shadowed, name) ? [{ at: start, text: "main." }] : [];
  });
}

/** The index of the table that a statement writes to; undefined for one that reads only. */
function targetOf(tokens: readonly Token[]): number | undefined {
  const isWith = tokens[0]?.word === "WITH";
  const verb = isWith
    ? tokens.findIndex(({ word, depth }, i) => depth === 0 && isVerb(word) && afterVerb(tokens, i) !== undefined)
    : 0;
  return afterVerb(tokens, verb);
}

function isVerb(word: string | undefined): boolean {
  return word === "INSERT" || word === "REPLACE" || word === "UPDATE" || word === "DELETE";
}

function afterVerb(tokens: readonly Token[], verb: number): number | undefined {
  const orElse = tokens[verb + 1]?.word === "OR" ? 2 : 0;
  const next = verb + orElse + 1;
  switch (tokens[verb]?.word) {
    case "UPDATE":
      return next;
    case "INSERT":
      return tokens[next]?.word === "INTO" ? next + 1 : undefined;
    case "REPLACE":
      return tokens[verb + 1]?.word === "INTO" ? verb + 2 : undefined;
    case "DELETE":
      return tokens[verb + 1]?.word === "FROM" ? verb + 2 : undefined;
    default:
      return undefined;
  }
}

function writing(tokens: readonly Token[], target: number): Edit[] {
  const rowName = tokens.find(({ name }) => isOne(ROW_NAMES, name));
  if (rowName !== undefined)
    throw refusal(`names "${rowName.text}" of a table with rows of tenants, which count them all; use its key`);
  const table = tokens[target];
  if (table === undefined || tokens[target + 1]?.text === ".") return [];
  const edits = [{ at: table.start, text: "main." }];
  return tokens[target - 1]?.word === "INTO" ? edits : [...edits, ...narrowing(tokens, target)];
}

/** Puts the tenant into the WHERE of an UPDATE or DELETE, in front, so that an index that begins with it serves. */
function narrowing(tokens: readonly Token[], target: number): Edit[] {
  const alias = tokens[target + 1]?.word === "AS" ? tokens[target + 2] : tokens[target];
  const tenant = `${alias?.text}.tenant = banyan_tenant() COLLATE BINARY`;
  const rest = tokens.slice(target + 1);
  const where = rest.findIndex(({ word, depth }) => depth === 0 && word === "WHERE");
  const behind = rest.slice(where + 1);
  const next = behind.find(({ word, text, depth }) => text === ";" || (depth === 0 && AFTER_WHERE.has(word ?? "")));
  const end = next?.start ?? tokens.at(-1)?.end ?? 0;
  if (where === -1) return [{ at: end, text: ` WHERE ${tenant} ` }];
  return [
    { at: rest[where]?.end ?? end, text: ` ${tenant} AND (` },
    { at: end, text: ") " },
  ];
}

function edited(sql: string, edits: readonly Edit[]): string {
  let text = "";
  let from = 0;
  for (const edit of edits) {
    text += sql.slice(from, edit.at) + edit.text;
    from = edit.at;
  }
  return text + sql.slice(from);
}

function refusal(words: string): Refusal {
  return new Refusal("tenant-guarded", words);
}

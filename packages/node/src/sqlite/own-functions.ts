import type { DatabaseSync } from "node:sqlite";
import { type Token, tokensOf } from "./tenant-tokens.ts";

/** What the runtime adds to SQL, on its own connections only. */
const OURS: ReadonlySet<string> = new Set(["banyan_tenant", "banyan_foreign"]);

/**
 * The tables and indexes of a context that SQLite alone cannot use, because what they are made of calls a function of the runtime: no backup could be
 * made of them, and none restored. In a DEFAULT it may: that is looked at when something is inserted only; so it is with views and triggers.
 */
export function needingTheRuntime(db: DatabaseSync, prefix: string): string[] {
  const query = `SELECT type, name, sql FROM main.sqlite_schema
    WHERE type IN ('table', 'index') AND substr(lower(name), 1, length(?1)) = ?1 AND sql LIKE '%banyan!_%' ESCAPE '!' ORDER BY name`;
  return db
    .prepare(query)
    .all(prefix)
    .flatMap(({ type, name, sql }) => {
      const called = callOutsideDefaults(String(sql));
      if (called === undefined) return [];
      return `has the ${String(type)} "${String(name)}", which calls ${called}() other than in a DEFAULT; no backup could be made of it`;
    });
}

function callOutsideDefaults(sql: string): string | undefined {
  const tokens = tokensOf(sql);
  // what cannot be told apart is none that SQLite has made a table of
  if (typeof tokens === "string") return undefined;
  const call = tokens.findIndex(
    ({ name }, i) => OURS.has(name ?? "") && tokens[i + 1]?.text === "(" && !isInDefault(tokens, i),
  );
  return tokens[call]?.name;
}

function isInDefault(tokens: readonly Token[], at: number): boolean {
  let depth = tokens[at]?.depth ?? 0;
  for (let i = at - 1; i > 0 && depth > 0; i--) {
    const token = tokens[i];
    if (token?.text !== "(" || token.depth !== depth - 1) continue;
    if (tokens[i - 1]?.word === "DEFAULT") return true;
    depth--;
  }
  return false;
}

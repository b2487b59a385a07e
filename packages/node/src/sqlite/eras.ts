import type { Era } from "@banyan/core";
import type { DatabaseSync } from "node:sqlite";

/** Gives every context that has none yet its first era: new ones, and those of databases from before this table. */
export function beginEras(db: DatabaseSync): void {
  db.exec(`INSERT INTO banyan_era (context, incarnation, after, since)
    SELECT name, incarnation, 0, created_at FROM banyan_context WHERE name NOT IN (SELECT context FROM banyan_era)`);
}

/** By context, the oldest first. Rows are in the order they were written in, whatever the clock did. */
export function readEras(db: DatabaseSync): ReadonlyMap<string, readonly Era[]> {
  const rows = db.prepare("SELECT context, incarnation, after FROM banyan_era ORDER BY context, after, rowid").all();
  const byContext = Map.groupBy(rows, ({ context }) => String(context));
  return new Map(
    Array.from(byContext, ([context, list]) => [
      context,
      list.map(({ incarnation, after }) => ({ incarnation: String(incarnation), after: Number(after) })),
    ]),
  );
}

/**
 * Begins a new era for every log of a restored database, behind its last position. Readers' places stay right, because they were taken in
 * the same moment as the log; whoever still has a place in the old incarnation is told by the difference.
 */
export function renewEras(db: DatabaseSync, by: { readonly now: number; readonly newId: () => string }): void {
  beginEras(db);
  const contexts =
    db.prepare(`SELECT name, coalesce((SELECT seq FROM sqlite_sequence WHERE sqlite_sequence.name = log), 0) AS seq
    FROM banyan_context ORDER BY name`);
  const begin = db.prepare("INSERT INTO banyan_era (context, incarnation, after, since) VALUES (?, ?, ?, ?)");
  const renew = ["UPDATE banyan_context SET incarnation = ? WHERE name = ?"]
    .concat(["banyan_cursor", "banyan_park"].map((table) => `UPDATE ${table} SET incarnation = ? WHERE source = ?`))
    .map((sql) => db.prepare(sql));
  for (const { name, seq } of contexts.all()) {
    const incarnation = by.newId();
    begin.run(String(name), incarnation, Number(seq), by.now);
    for (const statement of renew) statement.run(incarnation, String(name));
  }
}

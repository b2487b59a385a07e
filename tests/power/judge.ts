import { DatabaseSync } from "node:sqlite";

/** What is there after a cut, beside what was acknowledged before it. */
export interface Found {
  readonly rows: number;
  /** Acknowledged, and not there. */
  readonly lost: readonly string[];
  /** There more often than once, in the book or in its copy. */
  readonly doubled: number;
  /** In the book and not in the copy, or the other way. */
  readonly uncopied: number;
  /** In the copy before an earlier one of its key. */
  readonly outOfOrder: number;
  /** What SQLite says of the file: "ok". */
  readonly integrity: string;
}

export function judge(file: string, acknowledged: ReadonlySet<string>): Found {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const count = (sql: string): number => Number(db.prepare(sql).get()?.["n"]);
    const there = new Set(
      db
        .prepare("SELECT key || ' ' || n AS row FROM book_row")
        .all()
        .map((row) => row["row"]),
    );
    const twice = (table: string): string => `SELECT 1 FROM ${table} GROUP BY key, n HAVING count(*) > 1`;
    const missing = (one: string, other: string): string =>
      `SELECT key, n FROM (SELECT key, n FROM ${one} EXCEPT SELECT key, n FROM ${other})`;
    return {
      rows: there.size,
      lost: [...acknowledged].filter((row) => !there.has(row)),
      doubled: count(`SELECT count(*) AS n FROM (${twice("book_row")} UNION ALL ${twice("copy_row")})`),
      uncopied: count(
        `SELECT count(*) AS n FROM (${missing("book_row", "copy_row")} UNION ALL ${missing("copy_row", "book_row")})`,
      ),
      outOfOrder: count(
        `SELECT count(*) AS n FROM (SELECT n < lag(n) OVER (PARTITION BY key ORDER BY rowid) AS late FROM copy_row)
           WHERE late`,
      ),
      integrity: String(db.prepare("PRAGMA integrity_check").get()?.["integrity_check"]),
    };
  } finally {
    db.close();
  }
}

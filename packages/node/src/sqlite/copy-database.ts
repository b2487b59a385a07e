import { DatabaseSync } from "node:sqlite";

/**
 * Copies a database that is being written into another file, and judges the copy. Runs in a worker thread, on a connection of its own.
 *
 * By VACUUM INTO, which is one read transaction: the copy is the database as it was at one commit, while the writer goes on. `backup()` of
 * node:sqlite would start over whenever another connection commits, so under load it might never end. The price: the write-ahead log cannot
 * be started over until the copy is made, and tables without an INTEGER PRIMARY KEY get new rowids.
 */
export function copyDatabase(file: string, copy: string): Record<string, unknown>[] {
  const source = new DatabaseSync(file, { timeout: 1_000 });
  try {
    source.exec("PRAGMA synchronous = FULL; PRAGMA checkpoint_fullfsync = 1; PRAGMA wal_autocheckpoint = 0");
    source.prepare("VACUUM INTO ?").run(copy);
  } finally {
    source.close();
  }
  return judge(copy);
}

/** The contexts of a copy: name, incarnation, position of the last entry. Throws when the copy is not sound. */
function judge(copy: string): Record<string, unknown>[] {
  const db = new DatabaseSync(copy, { readOnly: true });
  try {
    const [said] = db.prepare("PRAGMA quick_check(1)").all();
    if (said?.["quick_check"] !== "ok") throw new Error(`the copy is not sound: ${String(said?.["quick_check"])}`);
    const contexts = db.prepare(`SELECT name, incarnation,
      coalesce((SELECT seq FROM sqlite_sequence WHERE sqlite_sequence.name = log), 0) AS position
      FROM banyan_context ORDER BY banyan_context.name`);
    return contexts.all();
  } finally {
    db.close();
  }
}

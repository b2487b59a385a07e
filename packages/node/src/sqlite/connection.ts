import { BanyanError } from "@banyan/core";
import { DatabaseSync } from "node:sqlite";

/** SQLite before this could lose a commit when a checkpoint met a writer on another connection. */
const OLDEST = [3, 51, 3] as const;
/** After a checkpoint has started the write-ahead log over, its file is cut to this. */
const WAL_FILE_BYTES = 64 * 1024 * 1024;

/** What durability stands on: set, then read back. */
const DURABLE: Readonly<Record<string, string | number>> = {
  journal_mode: "wal",
  synchronous: 2,
  // on macOS a plain flush may stop at the disk's cache; elsewhere these change nothing
  fullfsync: 1,
  checkpoint_fullfsync: 1,
  foreign_keys: 1,
  mmap_size: 0,
  wal_autocheckpoint: 0,
  journal_size_limit: WAL_FILE_BYTES,
};
const IN_MEMORY: Readonly<Record<string, string | number>> = { journal_mode: "memory", foreign_keys: 1 };

/** The connection that writes, or `sqlite-unsafe`. */
export function openDatabase(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { defensive: true, enableForeignKeyConstraints: true });
  try {
    assertSafe(db, file === ":memory:" ? IN_MEMORY : DURABLE);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** What is in force on a connection to a file, and what durability needs of it. */
export function settingsOf(
  db: DatabaseSync,
): Readonly<Record<string, { readonly is: unknown; readonly needed: unknown }>> {
  const settings = Object.entries(DURABLE).map(
    ([name, needed]) => [name, { is: readPragma(db, name), needed }] as const,
  );
  return Object.fromEntries(settings);
}

function assertSafe(db: DatabaseSync, settings: Readonly<Record<string, string | number>>): void {
  assertVersion(String(db.prepare("SELECT sqlite_version() AS version").get()?.["version"]));
  const differ = Object.entries(settings).flatMap(([name, value]) => {
    db.exec(`PRAGMA ${name} = ${value}`);
    const got = readPragma(db, name);
    return got === value ? [] : [`${name} is ${String(got)}, not ${value}`];
  });
  // a defensive connection does not let anybody write the schema by hand
  db.exec("PRAGMA writable_schema = 1");
  if (readPragma(db, "writable_schema") !== 0) differ.push("defensive is off");
  if (differ.length > 0)
    throw new BanyanError("sqlite-unsafe", `SQLite did not take its settings: ${differ.join("; ")}.`);
}

/** Exported for its test: the versions that are refused cannot be run here. */
export function assertVersion(version: string): void {
  const parts = version.split(".").map(Number);
  const difference = OLDEST.map((least, i) => (parts[i] ?? 0) - least).find((part) => part !== 0) ?? 0;
  if (difference >= 0) return;
  throw new BanyanError("sqlite-unsafe", `This is SQLite ${version}; ${OLDEST.join(".")} or newer is needed.`);
}

function readPragma(db: DatabaseSync, name: string): unknown {
  return Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}

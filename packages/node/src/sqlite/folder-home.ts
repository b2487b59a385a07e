import { statfs } from "node:fs/promises";
import { BanyanError, type ReadSession, type StoreSpace } from "@banyan/core";
import { DatabaseSync } from "node:sqlite";
import { Guard, type Policy } from "./authorizer.ts";
import { backUp, type Backup } from "./backup.ts";
import { checkAfterCrash, checkOwnTables } from "./check-database.ts";
import { Checkpointer } from "./checkpointer.ts";
import { openDatabase } from "./connection.ts";
import { DataFolder } from "./data-folder.ts";
import type { Home, SessionOf } from "./home.ts";
import { READ_LIMITS, type SqliteFolder } from "./options.ts";
import { ReadPool } from "./read-pool.ts";
import { databaseCorrupt, noRoomFor, isDamage, sqliteCode } from "./sqlite-error.ts";
import { Thread } from "./thread.ts";

/** How long a start waits for whoever else writes to the database by hand. */
const START_BUSY_MS = 2_000;
const CLOSED = new BanyanError("draining", "The store is closed.");

/**
 * A database in a data folder: this thread writes, others read and copy the log.
 *
 * I1. After damage or an I/O error nothing writes to the database file any more, closing included. SQLite copies the log into the file when its last
 *     connection is closed, so there the last one is `keeper`, which only reads and cannot; the log stays beside the file for the next start to judge.
 */
export class FolderHome implements Home {
  readonly db: DatabaseSync;
  readonly guard: Guard;
  readonly #folder: DataFolder;
  readonly #keeper: DatabaseSync;
  readonly #options: SqliteFolder;
  #reads: ReadPool | undefined;
  #checkpoints: Checkpointer | undefined;
  readonly #backups: Set<Thread> = new Set();

  constructor(options: SqliteFolder) {
    this.#options = options;
    this.#folder = DataFolder.claim(options.path, options.process ?? "main");
    try {
      checkAfterCrash(this.#folder.database);
      this.db = openDatabase(this.#folder.database);
      this.db.exec(`PRAGMA busy_timeout = ${START_BUSY_MS}`);
      this.#keeper = openKeeper(this.#folder.database, this.db);
    } catch (error) {
      this.#folder.release();
      throw sqliteCode(error) === undefined ? error : unusable(this.#folder.database, error);
    }
    this.guard = new Guard(this.db);
  }

  owns(): boolean {
    return this.db.isOpen;
  }

  start(policies: ReadonlyMap<string, Policy>, damaged: (error: BanyanError) => void): void {
    // from now on nobody waits for it on the event loop
    this.db.exec("PRAGMA busy_timeout = 0");
    const limits = { ...READ_LIMITS, ...this.#options };
    const data = { file: this.#folder.database, policies, caps: { rows: limits.readRows, bytes: limits.readBytes } };
    this.#reads = new ReadPool(data, limits, damaged);
    this.#checkpoints = new Checkpointer(this.db, data, { warn: this.#options.warn });
  }

  session(of: SessionOf): ReadSession {
    if (this.#reads === undefined) throw new BanyanError("internal", "The store is not open.");
    return this.#reads.session(of);
  }

  async turn(): Promise<void> {}

  between(): void {
    this.#checkpoints?.between();
  }

  ended(outcome: "committed" | "rolled back"): void {
    if (outcome !== "committed") return;
    try {
      this.#checkpoints?.committed();
    } catch {
      // what is committed is committed, and whoever waits for it must hear of that; the log is looked at again behind later ones
    }
  }

  async space(): Promise<StoreSpace> {
    const { bavail, blocks, bsize } = await statfs(this.#options.path);
    return { free: bavail * bsize, total: blocks * bsize };
  }

  async backup(file: string): Promise<Backup> {
    const thread = new Thread({ file: this.#folder.database, policies: new Map(), caps: { rows: 0, bytes: 0 } });
    this.#backups.add(thread);
    try {
      return await backUp(thread, file);
    } finally {
      this.#backups.delete(thread);
      thread.end(CLOSED);
    }
  }

  /** What was acknowledged is on the disk already; copying the log into the database only makes the next start quicker. */
  async close(trusted: boolean): Promise<void> {
    if (!this.db.isOpen) return;
    for (const thread of this.#backups) thread.end(CLOSED);
    await Promise.all([this.#reads?.close(), this.#checkpoints?.close()]);
    if (!this.db.isOpen) return;
    try {
      if (trusted && !this.db.isTransaction) this.db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } finally {
      if (trusted) this.#keeper.close();
      this.db.close();
      if (!trusted) this.#keeper.close();
      this.#folder.release();
    }
  }
}

/** Its first read takes the lock that tells the others they are not the last. */
function openKeeper(file: string, writer: DatabaseSync): DatabaseSync {
  const keeper = new DatabaseSync(file, { readOnly: true });
  try {
    checkOwnTables(keeper, file);
    return keeper;
  } catch (error) {
    writer.close();
    keeper.close();
    throw error;
  }
}

function unusable(file: string, cause: unknown): BanyanError {
  if (isDamage(cause)) return databaseCorrupt(cause, file);
  const words = cause instanceof Error ? cause.message : String(cause);
  const full = noRoomFor(`The database ${file}`, cause);
  return full ?? new BanyanError("data-unusable", `The database ${file} cannot be opened: ${words}`, { cause });
}

import { BanyanError, type ReadSession } from "@banyan/core";
import type { DatabaseSync } from "node:sqlite";
import { Guard, type Policy } from "./authorizer.ts";
import { backUp, type Backup } from "./backup.ts";
import { checkAfterCrash } from "./check-after-crash.ts";
import { Checkpointer } from "./checkpointer.ts";
import { openDatabase } from "./connection.ts";
import { DataFolder } from "./data-folder.ts";
import type { Home } from "./home.ts";
import { READ_LIMITS, type SqliteFolder } from "./options.ts";
import { ReadPool } from "./read-pool.ts";
import { databaseCorrupt, isDamage, sqliteCode } from "./sqlite-error.ts";
import { Thread } from "./thread.ts";

const CLOSED = new BanyanError("draining", "The store is closed.");

/** A database in a data folder: this thread writes, others read and copy the log. */
export class FolderHome implements Home {
  readonly db: DatabaseSync;
  readonly guard: Guard;
  readonly #folder: DataFolder;
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
    const limits = { ...READ_LIMITS, ...this.#options };
    const data = { file: this.#folder.database, policies, caps: { rows: limits.readRows, bytes: limits.readBytes } };
    this.#reads = new ReadPool(data, limits, damaged);
    this.#checkpoints = new Checkpointer(this.db, data);
  }

  session(policy: Policy, nested: boolean): ReadSession {
    if (this.#reads === undefined) throw new BanyanError("internal", "The store is not open.");
    return this.#reads.session(policy, nested);
  }

  async turn(): Promise<void> {}

  between(): void {
    this.#checkpoints?.between();
  }

  ended(outcome: "committed" | "rolled back"): void {
    if (outcome === "committed") this.#checkpoints?.committed();
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
  async close(): Promise<void> {
    if (!this.db.isOpen) return;
    for (const thread of this.#backups) thread.end(CLOSED);
    await Promise.all([this.#reads?.close(), this.#checkpoints?.close()]);
    if (!this.db.isOpen) return;
    try {
      if (!this.db.isTransaction) this.db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } finally {
      this.db.close();
      this.#folder.release();
    }
  }
}

function unusable(file: string, cause: unknown): BanyanError {
  if (isDamage(cause)) return databaseCorrupt(cause, file);
  const words = cause instanceof Error ? cause.message : String(cause);
  return new BanyanError("data-unusable", `The database ${file} cannot be opened: ${words}`, { cause });
}

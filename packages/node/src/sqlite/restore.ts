import { BanyanError, ids, isBanyanError } from "@banyan/core";
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { nodeClock } from "../platform/clock.ts";
import { nodeRandom } from "../platform/random.ts";
import type { BackedUpContext } from "./backup.ts";
import { DataFolder } from "./data-folder.ts";
import { readEras, renewEras } from "./eras.ts";
import { rememberRestore } from "./restored.ts";
import { assertFormat } from "./runtime-tables.ts";
import { ERA_SCHEMA } from "./schema.ts";

/** What a data folder has now: each log under its new incarnation, and the last position it has. */
export interface Restored {
  readonly data: string;
  readonly contexts: readonly BackedUpContext[];
}

const BESIDE = ["", "-journal", "-wal", "-shm"];

/**
 * Puts a backup into a data folder that has no database, and gives every log a new incarnation. Throws `restore-target-used`,
 * `backup-invalid`, `format-newer`, and what owning the folder throws; the folder has no database then, as before.
 *
 * I1. The lock of the folder is held, so no process runs on it.
 * I2. What is checked and changed is a copy; it becomes the database by one rename, after it was flushed. The backup stays as it is.
 */
export function restoreBackup(file: string, data: string): Restored {
  const folder = DataFolder.claim(data, "restore");
  const partial = `${folder.database}.partial`;
  try {
    assertUnused(folder.database);
    // what a restore that was cut off has left; the lock says that nobody is at it
    removeAll(partial);
    copy(file, partial);
    const contexts = prepare(partial, file);
    flush(partial, "r+");
    renameSync(partial, folder.database);
    if (process.platform !== "win32") flush(data, "r");
    return { data, contexts };
  } catch (error) {
    removeAll(partial);
    throw isBanyanError(error) ? error : invalid(file, error);
  } finally {
    folder.release();
  }
}

function assertUnused(database: string): void {
  const found = BESIDE.map((end) => `${database}${end}`).filter(existsSync);
  if (found.length === 0) return;
  throw new BanyanError("restore-target-used", `The data folder has a database already: ${found.join(", ")}.`);
}

/** A log beside the file says that it is a database somebody works on, or the half of one. */
function copy(file: string, partial: string): void {
  const log = `${file}-wal`;
  if (existsSync(log) && statSync(log).size > 0)
    throw invalid(file, new Error(`${log} beside it has commits that it lacks; make a backup with \`banyan backup\``));
  copyFileSync(file, partial, constants.COPYFILE_EXCL);
}

function prepare(partial: string, file: string): BackedUpContext[] {
  const db = new DatabaseSync(partial);
  try {
    db.exec("PRAGMA journal_mode = delete; PRAGMA synchronous = FULL");
    assertSound(db);
    db.exec("BEGIN IMMEDIATE");
    assertFormat(db);
    db.exec(ERA_SCHEMA);
    const now = Date.now();
    renewEras(db, { now, newId: ids(nodeClock(), nodeRandom()) });
    rememberRestore(db, { file: resolve(file), at: now });
    db.exec("COMMIT");
    return Array.from(readEras(db), ([name, eras]) => {
      const { incarnation, after } = eras.at(-1) ?? { incarnation: "", after: 0 };
      return { name, incarnation, position: after };
    });
  } finally {
    db.close();
  }
}

function assertSound(db: DatabaseSync): void {
  const [said] = db.prepare("PRAGMA integrity_check(1)").all();
  if (said?.["integrity_check"] !== "ok") throw new Error(String(said?.["integrity_check"]));
  const tables = db.prepare(`SELECT count(*) AS found FROM sqlite_schema
    WHERE type = 'table' AND name IN ('banyan_meta', 'banyan_context', 'banyan_cursor')`);
  if (tables.get()?.["found"] !== 3) throw new Error("it has none of the tables of Banyan");
}

function flush(path: string, how: "r" | "r+"): void {
  const handle = openSync(path, how);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function removeAll(path: string): void {
  for (const end of BESIDE) rmSync(`${path}${end}`, { force: true });
}

function invalid(file: string, cause: unknown): BanyanError {
  const words = cause instanceof Error ? cause.message : String(cause);
  return new BanyanError("backup-invalid", `${file} cannot be restored: ${words}.`, { cause });
}

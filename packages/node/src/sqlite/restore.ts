import { BanyanError, ids, isBanyanError, type Operator } from "@banyan/core";
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { nodeClock } from "../platform/clock.ts";
import { nodeRandom } from "../platform/random.ts";
import { Audits } from "./audits.ts";
import type { BackedUpContext } from "./backup.ts";
import { DataFolder, unusable } from "./data-folder.ts";
import { readEras, renewEras } from "./eras.ts";
import { rememberRestore } from "./restored.ts";
import { assertFormat } from "./runtime-tables.ts";
import { AUDIT_SCHEMA, ERA_SCHEMA } from "./schema.ts";

/** What a data folder has now: each log under its new incarnation, and the last position it has. */
export interface Restored {
  readonly data: string;
  readonly contexts: readonly BackedUpContext[];
}

const BESIDE = ["", "-journal", "-wal", "-shm"];

/**
 * Puts a backup into a data folder that has no database, and gives every log a new incarnation. Throws `restore-target-used`,
 * `backup-invalid`, `format-newer`, and what owning the folder throws; then the folder has no database, as before, and where there was none
 * there is none.
 *
 * I1. The lock of the folder is held, so no process runs on it.
 * I2. What is checked and changed is a copy; it becomes the database by one rename, after it was flushed. The backup stays as it is.
 * I3. Who restored it and why is committed with the new incarnations.
 */
export function restoreBackup(file: string, data: string, by: Operator): Restored {
  const contexts = existsSync(data) ? restoreInto(file, data, by) : restoreWhole(file, resolve(data), by);
  return { data, contexts };
}

/** A folder that is not there yet is made beside its name, and gets that once its database is in it. */
function restoreWhole(file: string, data: string, by: Operator): readonly BackedUpContext[] {
  const parent = dirname(data);
  let made: string | undefined;
  let whole: string | undefined;
  try {
    made = mkdirSync(parent, { recursive: true, mode: 0o700 });
    whole = mkdtempSync(`${data}.restore-`);
    const contexts = restoreInto(file, whole, by);
    renameSync(whole, data);
    flushFolder(parent);
    return contexts;
  } catch (error) {
    if (whole !== undefined) rmSync(whole, { recursive: true, force: true });
    if (made !== undefined) removeEmpty(parent, made);
    throw isBanyanError(error) ? error : unusable(data, error);
  }
}

/** Folders from `path` up to `last`, unless somebody has put something there. */
function removeEmpty(path: string, last: string): void {
  try {
    rmdirSync(path);
    if (path !== last) removeEmpty(dirname(path), last);
  } catch {
    // what another has put there keeps it, and the error of the restore is the one to be said
  }
}

function restoreInto(file: string, data: string, by: Operator): readonly BackedUpContext[] {
  const folder = DataFolder.claim(data, "restore");
  const partial = `${folder.database}.partial`;
  try {
    assertUnused(folder.database);
    // what a restore that was cut off has left; the lock says that nobody is at it
    removeAll(partial);
    copy(file, partial);
    const contexts = prepare(partial, { file: resolve(file), by });
    flush(partial, "r+");
    renameSync(partial, folder.database);
    flushFolder(data);
    return contexts;
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
  if (!existsSync(file)) throw invalid(file, new Error("there is no such file"));
  const log = `${file}-wal`;
  if (existsSync(log) && statSync(log).size > 0)
    throw invalid(file, new Error(`${log} beside it has commits that it lacks; make a backup with \`banyan backup\``));
  try {
    copyFileSync(file, partial, constants.COPYFILE_EXCL);
  } catch (error) {
    // its words name the copy, of which whoever restores knows nothing
    const { code, message } = error as NodeJS.ErrnoException;
    throw invalid(file, new Error(code === undefined ? message : `it cannot be copied (${code})`, { cause: error }));
  }
}

function prepare(partial: string, { file, by }: { readonly file: string; readonly by: Operator }): BackedUpContext[] {
  const db = new DatabaseSync(partial);
  try {
    db.exec("PRAGMA journal_mode = delete; PRAGMA synchronous = FULL");
    assertSound(db);
    db.exec("BEGIN IMMEDIATE");
    assertFormat(db);
    db.exec(`${ERA_SCHEMA} ${AUDIT_SCHEMA}`);
    const now = Date.now();
    const newId = ids(nodeClock(), nodeRandom());
    renewEras(db, { now, newId });
    rememberRestore(db, { file, at: now });
    new Audits(db).add({ id: newId(), at: now, operator: by.name, why: by.why, action: "restore", subject: { file } });
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

function flushFolder(path: string): void {
  if (process.platform !== "win32") flush(path, "r");
}

function removeAll(path: string): void {
  for (const end of BESIDE) rmSync(`${path}${end}`, { force: true });
}

function invalid(file: string, cause: unknown): BanyanError {
  const words = cause instanceof Error ? cause.message : String(cause);
  return new BanyanError("backup-invalid", `${file} cannot be restored: ${words}.`, { cause });
}

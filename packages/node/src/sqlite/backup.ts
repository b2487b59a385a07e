import { BanyanError, isBanyanError } from "@banyan/core";
import { existsSync } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { databaseCorrupt, isDamage } from "./sqlite-error.ts";
import type { Outcome } from "./statements.ts";
import type { Thread } from "./thread.ts";

/** A backup that was made: where it is, and up to where it has the log of each context. */
export interface Backup {
  readonly file: string;
  readonly bytes: number;
  readonly contexts: readonly BackedUpContext[];
}

export interface BackedUpContext {
  readonly name: string;
  readonly incarnation: string;
  /** Of the last entry. */
  readonly position: number;
}

export interface Backups {
  /**
   * Copies the database into a file that does not exist yet, as it is at one moment, while commits go on. Everything acknowledged before is in
   * it; it is on the disk and was checked when this resolves. Throws `backup-exists`, `backup-failed` or `database-corrupt`, and leaves nothing behind then.
   */
  backup(file: string): Promise<Backup>;
}

/**
 * I1. The copy is written by another thread beside its final name; it gets that name only once it was checked and flushed.
 * I2. `fs` touches the copy only, after SQLite has closed it, and never the database: closing any descriptor of that would drop its locks.
 */
export async function backUp(thread: Thread, file: string): Promise<Backup> {
  const partial = `${file}.partial`;
  await reserve(file, partial);
  try {
    const { rows } = await thread.ask((id) => ({ op: "copy", id, to: partial }));
    const bytes = await flush(partial);
    assertFree(file);
    await rename(partial, file);
    await flushFolder(dirname(file));
    return { file, bytes, contexts: contextsOf(rows) };
  } catch (error) {
    await rm(partial, { force: true });
    if (isBanyanError(error)) throw error;
    throw isDamage(error) ? databaseCorrupt(error) : failed(file, error);
  }
}

/** Two backups to one file at once: the second finds the place taken. */
async function reserve(file: string, partial: string): Promise<void> {
  assertFree(file);
  try {
    const handle = await open(partial, "wx", 0o600);
    await handle.close();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw failed(file, cause);
    throw new BanyanError("backup-exists", `Another backup is being written to ${partial}, or was cut off there.`, {
      remedy: "Give another name; where no backup is being written, remove that file.",
    });
  }
}

function assertFree(file: string): void {
  if (existsSync(file)) throw new BanyanError("backup-exists", `There is a file ${file} already.`);
}

async function flush(file: string): Promise<number> {
  const handle = await open(file, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  return (await stat(file)).size;
}

/** Where a folder cannot be flushed (Windows) its file system does so by itself. */
export async function flushFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function contextsOf(rows: Outcome["rows"]): BackedUpContext[] {
  return rows.map(({ name, incarnation, position }) => ({
    name: String(name),
    incarnation: String(incarnation),
    position: Number(position),
  }));
}

function failed(file: string, cause: unknown): BanyanError {
  const words = cause instanceof Error ? cause.message : String(cause);
  return new BanyanError("backup-failed", `No backup was made to ${file}: ${words}`, { cause });
}

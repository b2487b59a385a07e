import { existsSync, mkdirSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DataFolder, unusable } from "./data-folder.ts";

/** The database last: a log that was left behind without it would be taken for the next one's. */
const OWN = ["-journal", "-shm", "-wal", ""];

/**
 * Moves the database of a data folder aside, into a new folder in it that is named by the time, and answers where that is; undefined where there
 * was none. Nothing is deleted, and what others keep in the folder stays where it is. Throws `data-locked` where a process runs on it.
 */
export function resetData(data: string): string | undefined {
  // owning a folder makes it, and there is nothing to own
  if (filesOf(join(data, "banyan.db")).length === 0) return undefined;
  const folder = DataFolder.claim(data, "reset");
  try {
    const aside = join(data, `reset-${new Date().toISOString().replaceAll(":", "-")}`);
    mkdirSync(aside, { mode: 0o700 });
    for (const file of filesOf(folder.database)) renameSync(file, join(aside, basename(file)));
    return aside;
  } catch (error) {
    throw unusable(dirname(folder.database), error);
  } finally {
    folder.release();
  }
}

function filesOf(database: string): string[] {
  return OWN.map((end) => `${database}${end}`).filter((file) => existsSync(file));
}

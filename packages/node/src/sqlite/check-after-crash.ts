import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { databaseCorrupt, isDamage } from "./sqlite-error.ts";

/**
 * Looks through the whole database where the last process did not close it: what can damage a file without anybody touching it is the loss of
 * power on a disk that did not flush. One that was closed is not looked through, because that takes 0.7 s per GiB that is cached and 1.8 s
 * per GiB that is not (measured); damage there is found at its first use. Throws `database-corrupt`.
 *
 * On a connection that only reads: a writing one would copy the log into the damaged file when it is closed.
 */
export function checkAfterCrash(file: string): void {
  const left = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (left === 0) return;
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const [said] = db.prepare("PRAGMA quick_check(1)").all();
    if (said?.["quick_check"] !== "ok") throw databaseCorrupt(new Error(String(said?.["quick_check"])), file);
  } catch (error) {
    throw isDamage(error) ? databaseCorrupt(error, file) : error;
  } finally {
    db.close();
  }
}

import { BanyanError } from "@banyan/core";
import { accessSync, constants } from "node:fs";
import { resolve } from "node:path";
import { backUp, type Backup } from "./backup.ts";
import { DataFolder } from "./data-folder.ts";
import { Thread } from "./thread.ts";

/** A backup of a data folder that no process owns: it is owned meanwhile. Throws `data-locked` where one does. */
export async function backupFolder(data: string, file: string): Promise<Backup> {
  // owning a folder makes it, and a name that was mistyped should not leave one behind
  if (!hasDatabase(resolve(data, "banyan.db")))
    throw new BanyanError("backup-failed", `${data} is no data folder: it has no database.`, {
      remedy: "Name the data folder with `--data DIR`.",
    });
  const folder = DataFolder.claim(data, "backup");
  const thread = new Thread({ file: folder.database, policies: new Map(), caps: { rows: 0, bytes: 0 } });
  try {
    return await backUp(thread, resolve(file));
  } finally {
    await thread.stop(new BanyanError("draining", "The backup has ended."));
    folder.release();
  }
}

/** No descriptor of it is opened: closing that would drop the locks of whoever owns it. */
function hasDatabase(database: string): boolean {
  try {
    accessSync(database, constants.R_OK);
    return true;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw new BanyanError("backup-failed", `${database} cannot be read by this user (${code}).`, {
      cause,
      remedy: "Make the backup as the user whose data it is, or as one who may read it.",
    });
  }
}

export type { BackedUpContext, Backup, Backups } from "./backup.ts";
export { backupFolder } from "./backup-folder.ts";
export type { ReadLimits, SqliteFolder, SqliteMemory, SqliteOptions } from "./options.ts";
export { resetData } from "./reset.ts";
export { restoreBackup } from "./restore.ts";
export type { Restored } from "./restore.ts";
export { sqlFiles } from "./sql-files.ts";
export { sqlite } from "./sqlite.ts";

export type { ReadLimits, SqliteFolder, SqliteMemory, SqliteOptions } from "./options.ts";
export { sqlFiles } from "./sql-files.ts";
export { sqlite } from "./sqlite.ts";

import type { Store } from "@banyan/core";
import type { Backups } from "./backup.ts";
import { FolderHome } from "./folder-home.ts";
import { MemoryHome } from "./memory-home.ts";
import type { Inspected } from "./inspect.ts";
import type { SqliteOptions } from "./options.ts";
import { SqliteStore } from "./store.ts";

/**
 * The store on SQLite: `sqlite({ path: "data" })`, a data folder with one database that one process owns. Every commit is on the disk
 * before it is acknowledged. `sqlite({ memory: true })` is the same in memory, for tests and simulations.
 */
export function sqlite(options: SqliteOptions): Store & Backups & Inspected {
  if (options.memory !== undefined) return new SqliteStore(false, () => new MemoryHome(options));
  return new SqliteStore(true, () => new FolderHome(options));
}

import type { Clock, MemoryDisk, Random } from "@banyan/core";

export interface ReadLimits {
  /** Time one statement of a read may take; then its caller is freed, and told to ask again. */
  readonly readLimitMs: number;
  /** Rows and bytes one statement of a read may return. */
  readonly readRows: number;
  readonly readBytes: number;
  /** Reads that are open at the same time; others wait in line. */
  readonly readSessions: number;
}

/** A data folder, made where it does not exist. */
export interface SqliteFolder extends Partial<ReadLimits> {
  readonly path: string;
  /** The name of this process, for whoever finds the folder taken. */
  readonly process?: string;
  /** Told, in a sentence, what an operator should know and nothing refuses. */
  readonly warn?: (message: string) => void;
  readonly memory?: undefined;
}

/** A database in memory; a disk given outlives the store. Nothing here waits for real time. */
export interface SqliteMemory extends Partial<Pick<ReadLimits, "readRows" | "readBytes">> {
  readonly memory: true | MemoryDisk;
  /** What SQL itself knows of time and chance comes from here: `random()`, `datetime('now')`, `CURRENT_TIMESTAMP`. */
  readonly overrides?: { readonly clock: Clock; readonly random: Random };
  readonly path?: undefined;
}

export type SqliteOptions = SqliteFolder | SqliteMemory;

export const READ_LIMITS: ReadLimits = {
  readLimitMs: 5_000,
  readRows: 10_000,
  readBytes: 8 * 1024 * 1024,
  readSessions: 64,
};

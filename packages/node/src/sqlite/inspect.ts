import type { DatabaseSync } from "node:sqlite";
import { settingsOf } from "./connection.ts";

/** What an open database says of itself. */
export interface StoreFacts {
  readonly sqlite: string;
  /** Of the connection that writes: what is in force, and what durability needs. */
  readonly settings: Readonly<Record<string, { readonly is: unknown; readonly needed: unknown }>>;
  readonly migrations: readonly { readonly context: string; readonly name: string; readonly checksum: string }[];
  /** The subscriptions that have a place. */
  readonly cursors: readonly string[];
  /** Wall-clock milliseconds of the newest entry of any log. */
  readonly lastEntryAt: number | undefined;
}

export interface Inspected {
  inspect(): Promise<StoreFacts>;
}

/** Reads names and settings, so that what a transaction which is open has changed does not matter. */
export function inspect(db: DatabaseSync): StoreFacts {
  const logs = db.prepare("SELECT log FROM banyan_context").all();
  const newest = logs.flatMap(({ log }) => {
    const row = db.prepare(`SELECT at FROM "${String(log)}" ORDER BY position DESC LIMIT 1`).get();
    return row === undefined ? [] : [Number(row["at"])];
  });
  const cursors = db.prepare("SELECT DISTINCT subscription FROM banyan_cursor ORDER BY subscription").all();
  const migrations = db.prepare("SELECT context, name, checksum FROM banyan_migration ORDER BY context, name").all();
  return {
    sqlite: String(db.prepare("SELECT sqlite_version() AS version").get()?.["version"]),
    settings: settingsOf(db),
    migrations: migrations.map(({ context, name, checksum }) => {
      return { context: String(context), name: String(name), checksum: String(checksum) };
    }),
    cursors: cursors.map(({ subscription }) => String(subscription)),
    lastEntryAt: newest.length === 0 ? undefined : Math.max(...newest),
  };
}

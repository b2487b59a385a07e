/// <reference lib="esnext.disposable" />
import type { Migration, NewEntry, SqlHandle, Store, StorePlan, StoreState } from "@banyan/core";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Backups } from "./backup.ts";
import type { SqliteOptions } from "./options.ts";
import { sqlite } from "./sqlite.ts";

// What the tests of the SQLite store share: folders that go away, a plan of two contexts, and other processes.

export interface Folder extends Disposable {
  readonly path: string;
}

export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), "banyan-sqlite-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export const ORDERS: Migration = {
  name: "001-row.sql",
  sql: `CREATE TABLE orders_row (key TEXT PRIMARY KEY, value TEXT);
    CREATE TABLE orders_line (key TEXT REFERENCES orders_row (key) DEFERRABLE INITIALLY DEFERRED);`,
};
export const BILLING: Migration = {
  name: "001-row.sql",
  sql: "CREATE TABLE billing_row (key TEXT PRIMARY KEY, value TEXT);",
};

export function planOf(
  migrations: { readonly orders?: readonly Migration[]; readonly billing?: readonly Migration[] } = {},
): StorePlan {
  let ids = 0;
  return {
    contexts: [
      { name: "orders", prefix: "orders_", migrations: migrations.orders ?? [ORDERS] },
      { name: "billing", prefix: "billing_", migrations: migrations.billing ?? [BILLING] },
    ],
    now: () => 1_700_000_000_000,
    newId: () => `id-${++ids}`,
  };
}

export interface Opened {
  [Symbol.asyncDispose](): Promise<void>;
  readonly store: Store;
  readonly state: StoreState;
}

export async function openStore(options: SqliteOptions, plan: StorePlan = planOf()): Promise<Opened> {
  const store = sqlite(options);
  const state = await store.open(plan);
  return { store, state, [Symbol.asyncDispose]: () => store.close() };
}

/** The same on a folder, with its backups. */
export async function openSqlite(path: string): Promise<Opened & { readonly store: Store & Backups }> {
  const store = sqlite({ path });
  const state = await store.open(planOf());
  return { store, state, [Symbol.asyncDispose]: () => store.close() };
}

/** One entry and one row in one commit: what is not of one moment has more of one than of the other. */
export async function placeRow(store: Store, id: string, bytes = 10): Promise<void> {
  const transaction = await store.begin();
  try {
    await transaction.append("orders", [entry(id)]);
    await sqlOf(transaction.unit("orders", "orders.place")).execute("INSERT INTO orders_row VALUES (?, ?)", [
      id,
      "x".repeat(bytes),
    ]);
    await transaction.commit();
  } finally {
    await transaction.rollback();
  }
}

/** Runs `work` as the only unit of a transaction: committed, or rolled back when it throws. */
export async function inUnit<T>(store: Store, work: (sql: SqlHandle) => Promise<T>): Promise<T> {
  const transaction = await store.begin();
  try {
    const result = await work(sqlOf(transaction.unit("orders", "orders.place-order")));
    await transaction.commit();
    return result;
  } finally {
    await transaction.rollback();
  }
}

export async function inSession<T>(store: Store, work: (sql: SqlHandle) => Promise<T>): Promise<T> {
  const session = await store.session("orders");
  try {
    return await work(sqlOf(session));
  } finally {
    await session.end();
  }
}

export function sqlOf({ raw }: { readonly raw: { readonly kind: string } }): SqlHandle {
  return raw as SqlHandle;
}

export function entry(id: string, body = "{}"): NewEntry {
  const origin = { tenant: "default", principal: "guest", correlation: id, causation: id, traceparent: undefined };
  return { ...origin, id, type: "orders.placed", version: 1, key: id, slot: 0, at: 0, form: "json", body };
}

/** Whether this user may mount a small file system of their own, to fill it. */
export function mountsAllowed(): boolean {
  const mount = `mount -t tmpfs tmpfs "$1"`;
  return spawnSync("unshare", ["-rm", "sh", "-c", mount, "sh", tmpdir()]).status === 0;
}

/** Another process that runs `code`, a module that may import this file as `fixture`. */
export function otherProcess(code: string, shell = ""): ChildProcess {
  const module = `import * as fixture from ${JSON.stringify(import.meta.url)};\n${code}`;
  const node = [process.execPath, "--conditions=source", "--input-type=module", "--eval", module];
  const [command = "", ...args] = shell === "" ? node : ["sh", "-c", `${shell}; exec "$@"`, "sh", ...node];
  return spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
}

/** What it printed, once it has ended. */
export async function outputOf(child: ChildProcess): Promise<string> {
  return child.stdout === null ? "" : text(child.stdout);
}

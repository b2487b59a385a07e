import { BanyanError } from "@banyan/core";
import type { DatabaseSync } from "node:sqlite";
import { locks } from "node:worker_threads";

/*
 * Locks of a file belong to a process and not to a thread, so two copies of SQLite that write to one file must not be in one process. The state of
 * a module is a thread's; what is here holds for all of them.
 *
 * I1. The database names the process that owns it, or owned it last; the statement by which another copy emits refuses to run in that process.
 * I2. A thread says that another copy emits before that copy does, and a store says that it owns before it asks, so one of two sees the other.
 */

/** The same in every thread of this process, and in no other process: a number alone comes again, and is 1 in every container. */
export const PROCESS: string = `${process.pid} ${performance.timeOrigin}`;

const OTHER = "banyan: a copy of SQLite that is not Node's emits";
let said = false;

/** Until this thread ends: nobody can know when that copy has closed what it had open. */
export function sayOtherSqlite(): void {
  if (said) return;
  said = true;
  void locks.request(OTHER, { mode: "exclusive" }, () => new Promise(() => {}));
}

/** Throws `emit-unsafe` where a thread of this process has said that another copy emits. */
export async function assertOneSqlite(): Promise<void> {
  if (await locks.request(OTHER, { mode: "shared", ifAvailable: true }, (lock) => lock !== null)) return;
  throw new BanyanError(
    "emit-unsafe",
    "In this process events have been emitted by another copy of SQLite than Node's, so Banyan cannot write here.",
  );
}

/** Stays when the store is closed: what another copy had open meanwhile is not to be believed any more. */
export function noteOwner(db: DatabaseSync): void {
  db.prepare("INSERT OR REPLACE INTO banyan_meta (name, value) VALUES ('owner', ?)").run(PROCESS);
}

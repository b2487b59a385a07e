import { BanyanError } from "@banyan/core";
import { mkdirSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { noRoomFor, sqliteCode, SQLITE } from "./sqlite-error.ts";

/** File systems whose locks or flushes reach another machine: their `f_type` (statfs(2)). */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x01021997, "9P"],
  [0x00c36400, "Ceph"],
  [0x5346414f, "AFS"],
]);

interface Owner {
  readonly pid: number;
  readonly process: string;
  readonly startedAt: string;
}

let owned = false;

/**
 * A data folder, owned by one process at a time.
 *
 * I1. Who holds `BEGIN EXCLUSIVE` on banyan.lock owns the folder; nothing else decides. The lock ends with the process, however it ends.
 * I2. While it is held nobody opens banyan.lock or banyan.db but SQLite: closing any descriptor of a file drops the POSIX locks on it.
 * I3. owner.json is only for people: it names the owner in the refusal of a second process.
 */
export class DataFolder {
  readonly database: string;
  readonly #lock: DatabaseSync;
  readonly #owner: string;

  private constructor(path: string, lock: DatabaseSync) {
    this.database = join(path, "banyan.db");
    this.#lock = lock;
    this.#owner = join(path, "owner.json");
  }

  /** Takes the folder, made where it does not exist, or says who has it. */
  static claim(path: string, process: string): DataFolder {
    makeFolder(path);
    const folder = new DataFolder(path, takeLock(path));
    owned = true;
    try {
      folder.#sign(process);
    } catch (error) {
      folder.release();
      throw unusable(path, error);
    }
    return folder;
  }

  release(): void {
    if (!this.#lock.isOpen) return;
    rmSync(this.#owner, { force: true });
    this.#lock.close();
  }

  #sign(name: string): void {
    const owner: Owner = { pid: process.pid, process: name, startedAt: new Date().toISOString() };
    writeFileSync(`${this.#owner}.new`, `${JSON.stringify(owner)}\n`, { mode: 0o600 });
    renameSync(`${this.#owner}.new`, this.#owner);
  }
}

/** Whether this process owns a data folder, or has: a connection of another copy of SQLite that was open then is not to be believed any more. */
export function hasOwnedData(): boolean {
  return owned;
}

/** The kind of network file system a folder is on; undefined where it is on none that is known. */
export function networkFileSystem(path: string): string | undefined {
  return NETWORK.get(statfsSync(path).type);
}

function makeFolder(path: string): void {
  let network: string | undefined;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    network = networkFileSystem(path);
  } catch (error) {
    throw unusable(path, error);
  }
  if (network === undefined) return;
  throw new BanyanError(
    "data-unusable",
    `The data folder ${path} is on ${network}, a network file system; it cannot be locked and flushed safely.`,
  );
}

function takeLock(path: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(path, "banyan.lock"));
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock?.close();
    throw sqliteCode(error) === SQLITE.busy ? locked(path) : unusable(path, error);
  }
}

function locked(path: string): BanyanError {
  const owner = readOwner(path);
  const who =
    owner === undefined ? "another process" : `process "${owner.process}" (pid ${owner.pid}) since ${owner.startedAt}`;
  return new BanyanError("data-locked", `The data folder ${path} is owned by ${who}.`, { details: { ...owner } });
}

function readOwner(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(join(path, "owner.json"), "utf8")) as Owner;
  } catch {
    return undefined;
  }
}

export function unusable(path: string, cause: unknown): BanyanError {
  const words = cause instanceof Error ? cause.message : String(cause);
  const full = noRoomFor(`The data folder ${path}`, cause);
  return full ?? new BanyanError("data-unusable", `The data folder ${path} cannot be used: ${words}`, { cause });
}

import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { Guard } from "./authorizer.ts";
import { copyDatabase } from "./copy-database.ts";
import { Refusal } from "./refusal.ts";
import { type Outcome, Statements } from "./statements.ts";
import { setTenantGuard } from "./tenant-guard.ts";
import type { ThreadAnswer, ThreadData, ThreadFailure, ThreadRequest } from "./thread-messages.ts";

// The entry point of a worker thread. It is loaded as it is, from the sources as from the built package, so it stands on node:* and
// on files beside it that do.

const { file, policies, caps } = workerData as ThreadData;
const port = parentPort ?? unreachable();
/** A lock of the write-ahead log is held for moments only; nobody here waits longer for one. */
const BUSY_MS = 1_000;

/** One read-only connection: the view of one session at a time. */
class Connection {
  readonly #db = new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS, defensive: true });
  readonly #guard = new Guard(this.#db);
  readonly #statements = new Map<string, Statements>();
  readonly #look = this.#db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1");

  constructor() {
    // there may be many connections, and the system caches the file for all of them: 128 KiB each will do
    for (const { guarded } of policies.values()) if (guarded !== undefined) setTenantGuard(this.#db, guarded, false);
    this.#db.exec("PRAGMA query_only = 1; PRAGMA cache_size = -128");
    this.#guard.learn(this.#db);
  }

  read(ask: ThreadRequest & { readonly op: "read" }): Outcome {
    if (!this.#db.isTransaction) this.#begin();
    return this.#statementsOf(ask.context).execute(ask, caps);
  }

  /** The view is that of the first look, not of BEGIN. */
  #begin(): void {
    this.#db.exec("BEGIN");
    this.#look.get();
  }

  end(): void {
    if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
  }

  #statementsOf(context: string): Statements {
    const policy = policies.get(context) ?? unreachable();
    const statements = this.#statements.get(context) ?? new Statements(this.#db, this.#guard, policy);
    this.#statements.set(context, statements);
    return statements;
  }
}

const connections = new Map<number, Connection>();
let writer: DatabaseSync | undefined;

function connection(number: number): Connection {
  const found = connections.get(number) ?? new Connection();
  connections.set(number, found);
  return found;
}

/** Copies committed pages from the log into the database, as far as no reader is in the way; waits for nobody. */
function checkpoint(): Outcome {
  writer ??= new DatabaseSync(file, { timeout: BUSY_MS });
  writer.exec("PRAGMA synchronous = FULL; PRAGMA checkpoint_fullfsync = 1; PRAGMA wal_autocheckpoint = 0");
  return { rows: writer.prepare("PRAGMA wal_checkpoint(PASSIVE)").all(), changes: 0, insertId: undefined };
}

function copy(to: string): Outcome {
  return { rows: copyDatabase(file, to), changes: 0, insertId: undefined };
}

function answer(id: number, work: () => Outcome): void {
  let said: ThreadAnswer;
  try {
    said = { id, outcome: work() };
  } catch (error) {
    said = { id, failure: toFailure(error) };
  }
  port.postMessage(said);
}

function toFailure(error: unknown): ThreadFailure {
  const { message, errcode } = error as { readonly message?: string; readonly errcode?: number };
  return { message: message ?? String(error), refusal: error instanceof Refusal ? error.code : undefined, errcode };
}

function unreachable(): never {
  throw new Error("this file is the entry point of a worker thread of the SQLite store");
}

port.on("message", (request: ThreadRequest) => {
  if (request.op === "end") connections.get(request.connection)?.end();
  else if (request.op === "read") answer(request.id, () => connection(request.connection).read(request));
  else if (request.op === "copy") answer(request.id, () => copy(request.to));
  else answer(request.id, checkpoint);
});

import {
  BanyanError,
  type DataOf,
  type EventContract,
  ids,
  isTenantName,
  jsonCodec,
  type NewEntry,
  prefixOf,
  toEntry,
} from "@banyan/core";
import { DatabaseSync } from "node:sqlite";
import { nodeClock } from "../platform/clock.ts";
import { nodeRandom } from "../platform/random.ts";
import { hasOwnedData } from "../sqlite/data-folder.ts";
import { hostInsert, OWNED_HERE, rowOf } from "../sqlite/log-rows.ts";
import { PROCESS, sayOtherSqlite } from "../sqlite/one-sqlite.ts";
import { logTable } from "../sqlite/schema.ts";

/** Who did it and whose data it is: both are in every event. */
export interface EmittedBy {
  /** `user:42`, `job:nightly`: as the log and subscriptions have it. */
  readonly principal: string;
  /** `default` where the application knows no tenants. */
  readonly tenant: string;
  /** What belongs to one flow has the same. Default: the id of the event. */
  readonly correlation?: string;
  /** What led to it. Default: the correlation. */
  readonly causation?: string;
  /** W3C trace context. */
  readonly traceparent?: string;
}

type Parameters = (string | number | null)[];
type Count = number | bigint;

/** Runs one statement in the caller's own transaction; gives, or promises, how many rows it changed. */
export type Execute<Changed extends Count | PromiseLike<Count>> = (sql: string, parameters: Parameters) => Changed;

/** A connection whose statements run at once: `DatabaseSync` of Node, or the `Database` of better-sqlite3. */
export interface SyncConnection {
  prepare(sql: string): { run(...parameters: Parameters): { readonly changes: Count } };
  /** Whether a transaction is open, as Node and as better-sqlite3 call it. */
  readonly isTransaction?: boolean;
  readonly inTransaction?: boolean;
}

/** Appends an event to the log of the context that owns it, in the transaction that is open, and gives its id. */
export type EmitFrom<Id> = <E extends EventContract>(what: E, data: NoInfer<DataOf<E>>, by: EmittedBy) => Id;

/**
 * `emit` for an application that is not Banyan's, in a transaction of its own on the database of a data folder: kept and rolled back with
 * the rows of that transaction. Give it the connection, or, for an ORM that promises, a function that runs one statement in the
 * transaction at hand. The data is checked against the schema of the event, as `emit` in a body is. Throws `event-invalid`, `tenant-invalid`,
 * `emit-outside`, `emit-unready`, `emit-unsafe`, and `emit-unsure`, behind which the transaction has to be rolled back.
 */
export function emitter(connection: SyncConnection): EmitFrom<string>;
export function emitter(execute: Execute<PromiseLike<Count>>): EmitFrom<Promise<string>>;
export function emitter(execute: Execute<Count>): EmitFrom<string>;
export function emitter(to: SyncConnection | Execute<Count | PromiseLike<Count>>): EmitFrom<unknown> {
  const execute: Run = typeof to === "function" ? to : onConnection(to);
  const isNodes = to instanceof DatabaseSync;
  return (what, data, by) => {
    if (!isNodes && hasOwnedData()) throw twoLibraries();
    const entry = entryOf(what, data, by);
    if (!isNodes) sayOtherSqlite();
    const context = what.name.slice(0, what.name.indexOf("."));
    const table = logTable(prefixOf(context));
    const told = (changed: unknown): string => {
      if (changed === 1 || changed === 1n) return entry.id;
      throw changed === 0 || changed === 0n ? unready(`"${what.name}" was not taken: ${WHY}`) : unsure(what.name);
    };
    const failed = (error: unknown): never => {
      throw failure(error, context);
    };
    let changed: unknown;
    try {
      changed = execute(hostInsert(table), [...rowOf(entry), context, table, isNodes ? "" : PROCESS]);
    } catch (error) {
      return failed(error);
    }
    return isPromised(changed) ? Promise.resolve(changed).then(told, failed) : told(changed);
  };
}

/** What a statement gives is for `told` to judge: the types of a function do not hold for what it does. */
type Run = (sql: string, parameters: Parameters) => unknown;

/** That of Prisma is no `Promise`, and asks the database only once somebody waits for it. */
function isPromised(changed: unknown): changed is PromiseLike<unknown> {
  return typeof changed === "object" && changed !== null && "then" in changed && typeof changed.then === "function";
}

function failure(error: unknown, context: string): unknown {
  const words = wordsOf(error);
  if (OWNED_HERE.test(words)) return twoLibraries(error);
  return /no such table: (\w+\.)?banyan_/.test(words) ? unready(noLog(context), error) : error;
}

/** With those of what caused it: ORMs wrap what the database says. */
function wordsOf(error: unknown): string {
  return error instanceof Error ? `${error.message}\n${wordsOf(error.cause)}` : String(error);
}

const newId = ids(nodeClock(), nodeRandom());

function entryOf(what: EventContract, data: unknown, by: EmittedBy): NewEntry {
  const { principal, tenant, ...flow } = (by ?? {}) as Partial<EmittedBy>;
  if (typeof principal !== "string" || principal === "")
    throw new BanyanError("event-invalid", `"${what.name}" was emitted by nobody.`, {
      remedy: 'Say who did it: `{ principal: "user:42", tenant: "default" }`.',
    });
  if (typeof tenant !== "string" || !isTenantName(tenant))
    throw new BanyanError("tenant-invalid", "The name of the tenant is not valid.");
  const id = newId();
  const { correlation = id, causation = correlation, traceparent } = flow;
  assertTexts(what, { correlation, causation, traceparent });
  const origin = { principal, tenant, correlation, causation, traceparent };
  return toEntry(what, data, { id, at: Date.now(), origin, codec: jsonCodec });
}

function assertTexts(what: EventContract, flow: Readonly<Record<string, unknown>>): void {
  const wrong = Object.keys(flow).filter((name) => flow[name] !== undefined && typeof flow[name] !== "string");
  if (wrong.length === 0) return;
  throw new BanyanError("event-invalid", `"${what.name}" was emitted with what is no text as ${wrong.join(", ")}.`, {
    remedy: "Give each as a string, or leave it out.",
  });
}

function onConnection(connection: SyncConnection): Run {
  const statements = new Map<string, ReturnType<SyncConnection["prepare"]>>();
  return (sql, parameters) => {
    if ((connection.isTransaction ?? connection.inTransaction) === false) throw outside();
    const statement = statements.get(sql) ?? connection.prepare(sql);
    statements.set(sql, statement);
    return statement.run(...parameters).changes;
  };
}

const WHY =
  "this database is of a newer format, has no log of that context, or its connection is SQLite before 3.51.3, not at `PRAGMA synchronous = FULL`, or has another file attached.";

function noLog(context: string): string {
  return `The main database of the connection has no log of "${context}".`;
}

function unready(words: string, cause?: unknown): BanyanError {
  return new BanyanError("emit-unready", words, { cause });
}

function unsure(event: string): BanyanError {
  return new BanyanError(
    "emit-unsure",
    `"${event}" may be in the transaction that is open: what ran the statement did not say how many rows it changed.`,
  );
}

function outside(): BanyanError {
  return new BanyanError("emit-outside", "An event was emitted while no transaction was open.");
}

function twoLibraries(cause?: unknown): BanyanError {
  return new BanyanError(
    "emit-unsafe",
    "Banyan runs or has run in this process, on Node's SQLite, and this connection may be of another copy of SQLite.",
    { cause },
  );
}

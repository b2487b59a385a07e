import {
  BanyanError,
  type RawHandle,
  type ReadSession,
  type SqlHandle,
  type Table,
  type TablesHandle,
  type UnitHandle,
} from "@banyan/core";
import type { PortCalls } from "./port-calls.ts";

/** Statements of one handle: each a point of the scheduler, all in the order they were asked for. */
class Statements {
  readonly #calls: PortCalls;
  readonly #check: () => void;
  readonly #strike: () => void;
  #tail: Promise<unknown> = Promise.resolve();
  asked = 0;
  running = 0;

  /** `check` throws when the connection was lost, `strike` when this statement is to fail. */
  constructor(calls: PortCalls, check: () => void, strike: () => void = () => {}) {
    this.#calls = calls;
    this.#check = check;
    this.#strike = strike;
  }

  run<T>(call: () => Promise<T>): Promise<T> {
    this.asked++;
    this.running++;
    const checked = async (): Promise<T> => {
      this.#check();
      this.#strike();
      return call();
    };
    const done = this.#tail.then(() => this.#calls.run("statement", checked)).finally(() => this.running--);
    this.#tail = done.catch(() => {});
    return done;
  }
}

export class SimulatedUnit implements UnitHandle {
  readonly raw: RawHandle;
  readonly #inner: UnitHandle;
  readonly #statements: Statements;

  constructor(inner: UnitHandle, calls: PortCalls, check: () => void) {
    this.#inner = inner;
    this.#statements = new Statements(calls, check, () => strike(calls));
    this.raw = through(inner.raw, this.#statements);
  }

  /** A statement that is parked runs, for whoever asks. */
  activity(): ReturnType<UnitHandle["activity"]> {
    return { ...this.#inner.activity(), asked: this.#statements.asked, running: this.#statements.running };
  }

  end(): void {
    this.#inner.end();
    if (this.#statements.running > 0)
      throw new BanyanError("query-floating", "A body ended while a statement of it still ran.");
  }
}

function strike({ nemesis }: PortCalls): void {
  if (!nemesis.strikes("statementFails")) return;
  nemesis.note("statement failed");
  throw new BanyanError("statement-failed", "The simulation let a statement fail.", { retry: "later" });
}

/** A process that dies loses its connections, and with them what they have open. */
export function simulatedSession(inner: ReadSession, calls: PortCalls): ReadSession {
  const forget = calls.life.onEnd(() => void inner.end());
  const end = async (): Promise<void> => {
    forget();
    await inner.end();
  };
  return { raw: through(inner.raw, new Statements(calls, () => {})), end: () => calls.run("session end", end) };
}

function through(raw: RawHandle, statements: Statements): RawHandle {
  return raw.kind === "sql" ? sqlThrough(raw, statements) : tablesThrough(raw, statements);
}

function sqlThrough(raw: SqlHandle, statements: Statements): SqlHandle {
  const point = (): Promise<void> => statements.run(async () => {});
  return {
    kind: "sql",
    dialect: raw.dialect,
    execute: (sql, parameters, as) => statements.run(() => raw.execute(sql, parameters, as)),
    // it begins behind what was asked for before it, and ends behind what was asked for in it
    savepoint: async (work) => {
      await point();
      return raw.savepoint((inner) => work(sqlThrough(inner, statements)).finally(point));
    },
  };
}

function tablesThrough(raw: TablesHandle, statements: Statements): TablesHandle {
  const table = <T>(name: string): Table<T> => {
    const inner = raw.table<T>(name);
    return {
      get: (key) => statements.run(() => inner.get(key)),
      set: (key, value) => statements.run(() => inner.set(key, value)),
      delete: (key) => statements.run(() => inner.delete(key)),
      entries: () => statements.run(() => inner.entries()),
    };
  };
  return { kind: "tables", table };
}

import {
  BanyanError,
  memoryDisk,
  type ReadSession,
  type SqlHandle,
  type SqlResult,
  type SqlShape,
  type SqlValue,
} from "@banyan/core";
import type { DatabaseSync } from "node:sqlite";
import { Guard, type Policy } from "./authorizer.ts";
import { openDatabase } from "./connection.ts";
import type { Home, SessionOf } from "./home.ts";
import { READ_LIMITS, type SqliteMemory } from "./options.ts";
import { noInnerPart, statementError } from "./sqlite-error.ts";
import { type Ask, type Caps, Statements } from "./statements.ts";
import { TurnTaking } from "./turn-taking.ts";
import { overrideFunctions } from "./virtual-functions.ts";

/**
 * A database in memory. It has one connection, so reads and the writer take turns, and nothing here waits for real time: what happens
 * depends on the order of calls only.
 */
export class MemoryHome implements Home {
  readonly db: DatabaseSync;
  readonly guard: Guard;
  readonly #disk: { owns(owner: object): boolean; check(owner: object): void };
  readonly #turns: TurnTaking = new TurnTaking();
  readonly #statements: Map<string, Statements> = new Map();
  readonly #caps: Caps;

  constructor(options: SqliteMemory) {
    const disk = options.memory === true ? memoryDisk() : options.memory;
    this.#disk = disk;
    this.#caps = { rows: options.readRows ?? READ_LIMITS.readRows, bytes: options.readBytes ?? READ_LIMITS.readBytes };
    this.db = disk.take(this, "SQLite", () => openDatabase(":memory:"));
    // what a crashed store left open
    if (this.db.isTransaction) this.db.exec("ROLLBACK");
    this.guard = new Guard(this.db);
    if (options.overrides !== undefined) overrideFunctions(this.db, options.overrides);
  }

  owns(): boolean {
    return this.#disk.owns(this);
  }

  start(): void {}

  session({ policy, tenant }: SessionOf): ReadSession {
    const session = new MemorySession(policy, {
      turns: this.#turns,
      check: () => this.#disk.check(this),
      execute: (ask) => this.#statementsOf(policy).execute({ ...ask, tenant }, this.#caps),
    });
    return { raw: session, end: async () => session.end() };
  }

  async turn(): Promise<void> {
    return this.#turns.write();
  }

  between(): void {}

  ended(): void {
    this.#turns.doneWriting();
  }

  async space(): Promise<undefined> {
    return undefined;
  }

  async backup(): Promise<never> {
    throw new BanyanError("backup-failed", "A database in memory has no backups.", { remedy: "Use a data folder." });
  }

  async close(): Promise<void> {}

  #statementsOf(policy: Policy): Statements {
    const found = this.#statements.get(policy.context) ?? new Statements(this.db, this.guard, policy);
    this.#statements.set(policy.context, found);
    return found;
  }
}

interface SessionOwner {
  readonly turns: TurnTaking;
  check(): void;
  execute(ask: Ask): SqlResult;
}

/** Has its turn from its first statement to its end; its view cannot change while it has. */
class MemorySession implements SqlHandle {
  readonly kind = "sql";
  readonly dialect = "sqlite";
  readonly #policy: Policy;
  readonly #owner: SessionOwner;
  #turn: Promise<void> | undefined;
  #ended = false;

  constructor(policy: Policy, owner: SessionOwner) {
    this.#policy = policy;
    this.#owner = owner;
  }

  async execute(sql: string, parameters: readonly SqlValue[] = [], as?: SqlShape): Promise<SqlResult> {
    this.#assertAlive();
    await (this.#turn ??= this.#owner.turns.read());
    this.#assertAlive();
    this.#owner.check();
    try {
      return this.#owner.execute({ sql, parameters, as });
    } catch (error) {
      throw statementError(error, `a read of ${this.#policy.context}`);
    }
  }

  async savepoint(): Promise<never> {
    throw noInnerPart(this.#policy.context);
  }

  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#turn === undefined) return;
    await this.#turn;
    this.#owner.turns.doneReading();
  }

  #assertAlive(): void {
    if (this.#ended)
      throw new BanyanError("handle-dead", `A read of "${this.#policy.context}" was used after it had ended.`);
  }
}

import { BanyanError } from "@banyan/core";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Guard } from "./authorizer.ts";
import { Audits } from "./audits.ts";
import { Commands } from "./commands.ts";
import { Cursors } from "./cursors.ts";
import { Acts } from "./acts.ts";
import { Log, type LogIdentity } from "./log.ts";
import { Parking } from "./parking.ts";
import { Schedules } from "./schedules.ts";
import { Statements } from "./statements.ts";
import type { Guarded } from "./tenant-sql.ts";

/** The writing connection and everything prepared on it, once. */
export class Writer {
  readonly db: DatabaseSync;
  readonly cursors: Cursors;
  readonly parking: Parking;
  readonly commands: Commands;
  readonly audits: Audits;
  readonly acts: Acts;
  readonly schedules: Schedules;
  readonly begin: StatementSync;
  readonly commit: StatementSync;
  readonly rollback: StatementSync;
  readonly #version: StatementSync;
  readonly #logs: ReadonlyMap<string, Log>;
  readonly #statements: ReadonlyMap<string, Statements>;
  #failure: BanyanError | undefined;
  #seen: unknown;

  constructor(
    db: DatabaseSync,
    guard: Guard,
    plan: {
      readonly logs: readonly LogIdentity[];
      readonly now: () => number;
      /** By context. */
      readonly guarded: ReadonlyMap<string, Guarded>;
    },
  ) {
    this.db = db;
    this.cursors = new Cursors(db);
    this.parking = new Parking(db);
    this.commands = new Commands(db, plan.now);
    this.audits = new Audits(db);
    this.acts = new Acts(db);
    this.schedules = new Schedules(db);
    this.begin = db.prepare("BEGIN IMMEDIATE");
    this.commit = db.prepare("COMMIT");
    this.rollback = db.prepare("ROLLBACK");
    this.#version = db.prepare("PRAGMA data_version");
    this.#logs = new Map(plan.logs.map((log) => [log.name, new Log(db, log)]));
    this.#statements = new Map(
      plan.logs.map(({ name, prefix }) => {
        const policy = { context: name, prefix, may: "write", guarded: plan.guarded.get(name) } as const;
        return [name, new Statements(db, guard, policy)];
      }),
    );
  }

  log(context: string): Log {
    return this.#logs.get(context) ?? unknownContext(context);
  }

  /**
   * The contexts whose logs other connections have appended to since this was asked. To be asked before a transaction appends; while none is open, or
   * right behind its BEGIN. Costs a few microseconds where nobody else has written.
   */
  appendedElsewhere(): readonly string[] {
    const version = this.#version.get()?.["data_version"];
    if (version === this.#seen) return [];
    const found = Array.from(this.#logs).filter(([, log]) => log.refresh());
    // after the look: who commits in between is found by the next one
    this.#seen = version;
    return found.map(([context]) => context);
  }

  /** What bodies of this context run on. */
  statements(context: string): Statements {
    return this.#statements.get(context) ?? unknownContext(context);
  }

  /** Nothing is written or read any more: what is on the disk is in doubt until the next start. */
  fail(failure: BanyanError): void {
    this.#failure ??= failure;
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  beforeCommit(): void {
    for (const log of this.#logs.values()) log.beforeCommit();
  }

  committed(): void {
    for (const log of this.#logs.values()) log.committed();
    this.#ended();
  }

  rolledBack(): void {
    for (const log of this.#logs.values()) log.rolledBack();
    this.#ended();
  }

  #ended(): void {
    this.parking.ended();
    this.commands.ended();
    this.audits.ended();
    this.acts.ended();
    this.schedules.ended();
  }
}

export function unknownContext(context: string): never {
  throw new BanyanError("internal", `This store has no context "${context}".`);
}

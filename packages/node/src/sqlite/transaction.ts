import {
  type AuditRecord,
  BanyanError,
  type CommandRecord,
  type CommandScope,
  type Cursor,
  type CursorMove,
  type CursorName,
  type Cut,
  type ActRecord,
  type ActsBelow,
  type NewEntry,
  type OwnCursor,
  type ParkRef,
  type ParkRow,
  type Scheduled,
  type StoreTransaction,
  type UnitHandle,
} from "@banyan/core";
import { commitError, endsStore, statementError, storeFailed } from "./sqlite-error.ts";
import { SqliteUnit } from "./unit.ts";
import type { Writer } from "./writer.ts";

export interface TransactionOwner {
  /** Throws when the store may not be used any more. */
  check(): void;
  /** Whether the connection is still this store's. */
  owns(): boolean;
  ended(outcome: "committed" | "rolled back"): void;
}

/**
 * The one open transaction of the writing connection.
 *
 * I1. Every statement runs to its end where it is asked for: nothing of this transaction is ever waiting.
 * I2. A failed statement may have ended the transaction (OR ROLLBACK). Then it is broken: nothing more may be written, because it would
 *     be kept by itself, and it cannot be committed.
 * I3. After a store failed, nothing is written and nothing is believed until the next start.
 */
export class SqliteTransaction implements StoreTransaction {
  readonly #writer: Writer;
  readonly #owner: TransactionOwner;
  readonly #units: SqliteUnit[] = [];
  #state: "open" | "broken" | "ended" = "open";
  #brokenBy: BanyanError | undefined;

  constructor(writer: Writer, owner: TransactionOwner) {
    this.#writer = writer;
    this.#owner = owner;
  }

  unit(context: string, name: string, tenant?: string): UnitHandle {
    this.#assertOpen();
    const statements = this.#writer.statements(context);
    const unit = new SqliteUnit({ name, tenant }, statements, (where, work) => this.#run(where, work));
    this.#units.push(unit);
    return unit;
  }

  async append(context: string, entries: readonly NewEntry[]): Promise<void> {
    return this.#own((writer) => writer.log(context).append(entries));
  }

  async claim(name: CursorName, from: "start" | "now"): Promise<Cursor> {
    return this.#own((writer) => writer.cursors.claim(name, from, writer.log(name.source)));
  }

  async settle(move: CursorMove): Promise<boolean> {
    return this.#own((writer) => writer.cursors.settle(move));
  }

  async rewind(of: OwnCursor): Promise<Cursor | undefined> {
    return this.#own((writer) => {
      const rewound = writer.cursors.rewind(of);
      if (rewound === undefined) return undefined;
      if (!writer.log(of.source).whole)
        throw new BanyanError("log-trimmed", `The log of "${of.source}" does not begin with its first entry any more.`);
      writer.parking.clear(of.subscription, of.source);
      return rewound;
    });
  }

  async rename(subscription: string, to: string): Promise<void> {
    return this.#own((writer) => {
      writer.cursors.rename(subscription, to);
      writer.parking.rename(subscription, to);
    });
  }

  async forget(subscription: string): Promise<number> {
    return this.#own((writer) => {
      writer.acts.forgetAll(subscription);
      writer.cursors.forget(subscription);
      return writer.parking.forget(subscription);
    });
  }

  async park(row: ParkRow): Promise<void> {
    return this.#own((writer) => writer.parking.park(row));
  }

  async unpark(ref: ParkRef): Promise<void> {
    return this.#own((writer) => writer.parking.unpark(ref));
  }

  async remember(record: CommandRecord): Promise<boolean> {
    return this.#own((writer) => writer.commands.remember(record));
  }

  async forgetRefusal(scope: CommandScope): Promise<void> {
    return this.#own((writer) => writer.commands.forgetRefusal(scope));
  }

  async schedule(one: Scheduled): Promise<void> {
    return this.#own((writer) => writer.schedules.add(one));
  }

  async unschedule(one: Scheduled): Promise<boolean> {
    return this.#own((writer) => writer.schedules.take(one));
  }

  async recordAct(record: ActRecord): Promise<void> {
    return this.#own((writer) => writer.acts.put(record));
  }

  async forgetActs(of: ActsBelow, cut: Cut): Promise<number> {
    return this.#own((writer) => writer.acts.forget(of, cut));
  }

  async trim(source: string, through: number, cut: Cut): Promise<number> {
    return this.#own((writer) => writer.log(source).trim(through, cut));
  }

  async audit(record: AuditRecord): Promise<void> {
    return this.#own((writer) => writer.audits.add(record));
  }

  async commit(): Promise<void> {
    this.#assertOpen();
    // COMMIT would keep what an inner part has done so far
    for (const unit of this.#units) unit.end();
    try {
      this.#writer.beforeCommit();
      this.#writer.commit.run();
    } catch (error) {
      const failure = commitError(error);
      if (endsStore(failure)) this.#writer.fail(failure);
      this.#rollBack();
      throw failure;
    }
    this.#writer.committed();
    this.#end("committed");
  }

  async rollback(): Promise<void> {
    if (this.#state !== "ended") this.#rollBack();
  }

  #own<T>(work: (writer: Writer) => T): T {
    return this.#run("the runtime", () => work(this.#writer));
  }

  #run<T>(where: string, work: () => T): T {
    this.#assertOpen();
    try {
      return work();
    } catch (error) {
      const failure = statementError(error, where);
      if (endsStore(failure)) this.#writer.fail(failure);
      if (!this.#writer.db.isTransaction) this.#break(failure);
      throw failure;
    }
  }

  #assertOpen(): void {
    this.#owner.check();
    if (this.#state === "ended") throw new BanyanError("handle-dead", "A transaction was used after it had ended.");
    if (this.#state === "broken") {
      // SQLite may roll back by itself when it has no room, and that is nobody's fault
      if (this.#brokenBy?.code === "disk-full") throw this.#brokenBy;
      throw new BanyanError(
        // the fault of the body that went on, and not of the store: tried again for ever it would hold its key for ever
        "statement-failed",
        "A failed statement has rolled the whole transaction back; nothing of it can be kept.",
      );
    }
  }

  #break(by: BanyanError): void {
    this.#state = "broken";
    this.#brokenBy = by;
  }

  #rollBack(): void {
    try {
      if (this.#owner.owns() && this.#writer.db.isTransaction) this.#writer.rollback.run();
    } catch (error) {
      this.#writer.fail(storeFailed(error));
    }
    this.#writer.rolledBack();
    this.#end("rolled back");
  }

  #end(outcome: "committed" | "rolled back"): void {
    this.#state = "ended";
    for (const unit of this.#units) unit.kill();
    this.#owner.ended(outcome);
  }
}

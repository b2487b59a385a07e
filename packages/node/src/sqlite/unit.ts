import { asBanyanError, BanyanError, type SqlHandle, type SqlResult, type UnitHandle } from "@banyan/core";
import type { Ask, Statements } from "./statements.ts";
import { type FailureOwner, forgetFailures, watchFailure } from "./unheard.ts";

/** Runs something in the transaction of a unit, and turns what it throws into the error that callers see. */
export type Run = <T>(where: string, work: () => T) => T;

/**
 * The handle of one unit. A statement runs to its end where it is asked for, so none is ever left floating.
 *
 * I1. Inner parts nest: only the innermost open one is used, and it ends before the one around it.
 * I2. A body may hear of a failed statement and go on; one that nobody heard of fails the unit.
 * I3. After the unit has ended nothing reaches the connection, whose transaction may be another unit's by then.
 */
export class SqliteUnit implements UnitHandle, FailureOwner {
  readonly raw: SqlHandle;
  readonly tenant: string | undefined;
  readonly #name: string;
  readonly #statements: Statements;
  readonly #run: Run;
  #innermost: Part;
  readonly #failures: BanyanError[] = [];
  readonly #unheard: Map<Promise<unknown>, BanyanError> = new Map();
  #asked = 0;
  #alive = true;
  #failed = false;

  /** `tenant`: whose rows it reaches, for all of its statements and inner parts. */
  constructor(
    { name, tenant }: { readonly name: string; readonly tenant?: string | undefined },
    statements: Statements,
    run: Run,
  ) {
    this.#name = name;
    this.tenant = tenant;
    this.#statements = statements;
    this.#run = run;
    this.#innermost = new Part(this, name, undefined);
    this.raw = this.#innermost;
  }

  activity(): ReturnType<UnitHandle["activity"]> {
    const failed = this.#failures.length;
    return { asked: this.#asked, running: 0, ...(failed > 0 && { failed }) };
  }

  end(): void {
    if (!this.#alive) return;
    this.kill();
    const failure = this.#judge();
    this.#failed = failure !== undefined;
    if (failure !== undefined) throw failure;
  }

  #judge(): BanyanError | undefined {
    if (this.#innermost !== this.raw)
      return new BanyanError(
        "query-floating",
        `"${this.#name}" ended while an inner transaction of it was still open.`,
      );
    const [cause] = this.#unheard.values();
    if (cause === undefined) return undefined;
    const what = `A statement of "${this.#name}" failed and the body neither awaited nor caught it`;
    return new BanyanError("query-floating", `${what}: ${cause.message}`, { cause });
  }

  /** For a unit of which nothing is kept: it says nothing of what it leaves open. */
  kill(): void {
    if (!this.#alive) return;
    this.#alive = false;
    if (this.#failures.length > 0) forgetFailures(this.#failures);
  }

  unheard(promise: Promise<unknown>, failure: BanyanError): void {
    this.#unheard.set(promise, failure);
  }

  heard(promise: Promise<unknown>): void {
    this.#unheard.delete(promise);
  }

  execute(part: Part, ask: Ask): SqlResult {
    return this.#use(part, () => this.#statements.execute(ask));
  }

  begin(outer: Part): Part {
    this.#use(outer, () => this.#statements.innerPart("begin"));
    return (this.#innermost = new Part(this, `an inner transaction of ${this.#name}`, outer));
  }

  /** Ends the innermost part. `how` is `undo` for one that threw. */
  finish(part: Part, how: "keep" | "undo"): void {
    this.#watched(() => {
      this.#check(part);
      // where the database has nothing to end any more, the transaction is gone and cannot be committed
      this.#innermost = part.outer ?? part;
      this.#run(this.#name, () => {
        if (how === "undo") this.#statements.innerPart("undo");
        this.#statements.innerPart("keep");
      });
    });
  }

  #use<T>(part: Part, work: () => T): T {
    return this.#watched(() => {
      this.#check(part);
      this.#asked++;
      return this.#run(this.#name, work);
    });
  }

  /** Of a unit that has failed by name, what its leftovers run into is no news; of one that is kept, it is. */
  #watched<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const failure = asBanyanError(error, `"${this.#name}"`);
      if (this.#alive) this.#failures.push(failure);
      if (this.#alive || this.#failed) watchFailure(failure, this);
      if (this.#failed) forgetFailures([failure]);
      throw failure;
    }
  }

  #check(part: Part): void {
    if (!this.#alive || part.ended)
      throw new BanyanError("handle-dead", `The database was used by "${part.name}" after it had ended.`);
    if (part !== this.#innermost) {
      const what = `"${part.name}" was used while an inner transaction of it was open`;
      throw new BanyanError("savepoint-open", `${what}; what it did would end with that one.`);
    }
  }
}

/** The handle of a unit, or of an inner part of it. */
class Part implements SqlHandle {
  readonly kind = "sql";
  readonly dialect = "sqlite";
  readonly name: string;
  readonly outer: Part | undefined;
  ended = false;
  readonly #unit: SqliteUnit;

  constructor(unit: SqliteUnit, name: string, outer: Part | undefined) {
    this.#unit = unit;
    this.name = name;
    this.outer = outer;
  }

  // arrows, so that they may be taken off their handle
  readonly execute: SqlHandle["execute"] = async (sql, parameters = [], as) =>
    this.#unit.execute(this, { sql, parameters, as, tenant: this.#unit.tenant });

  readonly savepoint: SqlHandle["savepoint"] = async (work) => {
    const inner = this.#unit.begin(this);
    let value: Awaited<ReturnType<typeof work>>;
    try {
      value = await work(inner);
    } catch (error) {
      inner.undo();
      throw error;
    }
    inner.keep();
    return value;
  };

  keep(): void {
    this.#unit.finish(this, "keep");
    this.ended = true;
  }

  /** Best effort: the error that led here is the one to tell, and a unit whose part stays open cannot end well. */
  undo(): void {
    try {
      this.#unit.finish(this, "undo");
    } catch {
      // seen by `end`, or the whole transaction is gone already
    } finally {
      this.ended = true;
    }
  }
}

import { BanyanError, type SqlHandle, type SqlResult, type SqlValue, type UnitHandle } from "@banyan/core";
import type { Statements } from "./statements.ts";

/** Runs something in the transaction of a unit, and turns what it throws into the error that callers see. */
export type Run = <T>(where: string, work: () => T) => T;

/** The handle of one unit. A statement runs to its end where it is asked for, so none is ever left floating. */
export class SqliteUnit implements UnitHandle {
  readonly raw: SqlHandle;
  readonly #name: string;
  readonly #statements: Statements;
  readonly #run: Run;
  #asked = 0;
  #alive = true;

  constructor(name: string, statements: Statements, run: Run) {
    this.#name = name;
    this.#statements = statements;
    this.#run = run;
    this.raw = {
      kind: "sql",
      dialect: "sqlite",
      execute: async (sql, parameters = []) => this.#execute(sql, parameters),
    };
  }

  activity(): { readonly asked: number; readonly running: number } {
    return { asked: this.#asked, running: 0 };
  }

  end(): void {
    this.#alive = false;
  }

  #execute(sql: string, parameters: readonly SqlValue[]): SqlResult {
    if (!this.#alive)
      throw new BanyanError("handle-dead", `The database was used by "${this.#name}" after it had ended.`);
    this.#asked++;
    return this.#run(this.#name, () => this.#statements.execute(sql, parameters));
  }
}

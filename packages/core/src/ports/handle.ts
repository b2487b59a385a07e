/** What a store gives a unit to reach the tables of its context. Dead after its unit: then every use throws `handle-dead`. */
export type RawHandle = SqlHandle | TablesHandle;

export type SqlValue = null | number | string | bigint | Uint8Array;

/** One SQL connection inside the unit's transaction, or inside a read transaction. */
export interface SqlHandle {
  readonly kind: "sql";
  readonly dialect: "sqlite";
  /** Runs one statement, in the order they are asked for. Refuses BEGIN, COMMIT, ROLLBACK, tables outside the context's prefix, too few or too many parameters, and a bigint that no number holds. */
  execute(sql: string, parameters?: readonly SqlValue[], as?: SqlShape): Promise<SqlResult>;
  /**
   * Runs `work` as an inner part of the unit: what it throws undoes its rows and is thrown on; otherwise they are the unit's. While it runs
   * only the handle it gets may be used, which is dead afterwards: others throw `savepoint-open`. A read refuses it as `not-in-unit`.
   */
  savepoint<T>(work: (inner: SqlHandle) => Promise<T>): Promise<T>;
}

/** `values` keeps columns of one name apart. */
export type SqlShape = "rows" | "values";

export interface SqlResult {
  /** Empty where `values` were asked for. */
  readonly rows: readonly Record<string, unknown>[];
  /** Each row as its values in the order of the columns, where they were asked for. */
  readonly values?: readonly (readonly unknown[])[] | undefined;
  /** Rows changed by an INSERT, UPDATE or DELETE; 0 otherwise. */
  readonly changes: number;
  /** The rowid of what an INSERT added last, where it has one. */
  readonly insertId?: number | bigint | undefined;
}

/** The memory store's handle: named tables of JSON values by key. */
export interface TablesHandle {
  readonly kind: "tables";
  /** A table of the context. Values are copied in and out; a read handle throws on `set` and `delete`. Across tenants the key of a row in a tenant table is `tenant/key`. */
  table<T>(name: string): Table<T>;
}

export interface Table<T> {
  get(key: string): Promise<T | undefined>;
  set(key: string, value: T): Promise<void>;
  delete(key: string): Promise<void>;
  /** All rows in the order of their keys. */
  entries(): Promise<readonly (readonly [string, T])[]>;
}

export interface UnitHandle {
  readonly raw: RawHandle;
  /** Statements asked for, still running (a body that waits with neither moving waits for something else), and failed. */
  activity(): { readonly asked: number; readonly running: number; readonly failed?: number };
  /** Kills the handle. `query-floating`: something of it still runs, or failed and nobody was told, which is known a turn after the body. */
  end(): void;
}

export interface ReadSession {
  readonly raw: RawHandle;
  end(): Promise<void>;
}

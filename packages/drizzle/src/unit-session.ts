import { BanyanError, type SqlHandle, type SqlValue } from "@banyan/core";
import type { ExtractTablesWithRelations, RelationalSchemaConfig, SQL } from "drizzle-orm";
import { NoopCache } from "drizzle-orm/cache/core";
import { NoopLogger } from "drizzle-orm/logger";
import { type SQLiteAsyncDialect, SQLiteSession, SQLiteTransaction } from "drizzle-orm/sqlite-core";
import type { PreparedQueryConfig, SQLiteTransactionConfig } from "drizzle-orm/sqlite-core";
import { type RemoteCallback, RemotePreparedQuery } from "drizzle-orm/sqlite-proxy";

/** What a statement without `returning` gives. */
export interface DrizzleResult {
  /** Rows changed. */
  readonly changes: number;
  /** The rowid of what an INSERT added last. */
  readonly insertId: number | bigint | undefined;
}

type Tables<Schema extends Record<string, unknown>> = ExtractTablesWithRelations<Schema>;
type Prepared = RemotePreparedQuery<PreparedQueryConfig> & {
  run(): Promise<DrizzleResult>;
};

/** Drizzle's statements on the handle of a unit, each given to it in the call in which the query is executed. */
export class UnitSession<Schema extends Record<string, unknown>> extends SQLiteSession<
  "async",
  DrizzleResult,
  Schema,
  Tables<Schema>
> {
  readonly #raw: SqlHandle;
  readonly #dialect: SQLiteAsyncDialect;
  readonly #relational: RelationalSchemaConfig<Tables<Schema>> | undefined;
  readonly #client: RemoteCallback;

  constructor(
    raw: SqlHandle,
    dialect: SQLiteAsyncDialect,
    relational: RelationalSchemaConfig<Tables<Schema>> | undefined,
  ) {
    super(dialect);
    this.#raw = raw;
    this.#dialect = dialect;
    this.#relational = relational;
    this.#client = clientOf(raw);
  }

  override prepareQuery(...[query, fields, method, arrays, mapper]: Parameters<Base["prepareQuery"]>): Prepared {
    const made = new UnitQuery(
      this.#client,
      query,
      new NoopLogger(),
      new NoopCache(),
      undefined,
      undefined,
      fields,
      method,
      arrays,
      mapper,
    );
    return made as unknown as Prepared;
  }

  override async transaction<T>(
    work: (tx: Inner<Schema>) => Promise<T>,
    config: SQLiteTransactionConfig = {},
  ): Promise<T> {
    if (config.behavior !== undefined)
      throw new BanyanError(
        "transaction-statement",
        "The body of a unit is the transaction; an inner one of it has no behavior of its own.",
      );
    return this.#raw.savepoint((inner) => {
      const session = new UnitSession<Schema>(inner, this.#dialect, this.#relational);
      return work(new Inner<Schema>("async", this.#dialect, session, this.#relational));
    });
  }

  /** Of a team's own text: rows as objects. */
  override async all<T = unknown>(query: SQL): Promise<T[]> {
    const { sql, params } = this.#dialect.sqlToQuery(query);
    return (await this.#raw.execute(sql, params as SqlValue[])).rows as T[];
  }

  override async get<T = unknown>(query: SQL): Promise<T> {
    return (await this.all<T>(query))[0] as T;
  }
}

type Base = SQLiteSession<"async", DrizzleResult, Record<string, never>, Record<string, never>>;

/** The inner part of a unit. Its own `transaction()` is one more, and its `rollback()` throws, as Drizzle's do. */
export class Inner<Schema extends Record<string, unknown>> extends SQLiteTransaction<
  "async",
  DrizzleResult,
  Schema,
  Tables<Schema>
> {}

/** Drizzle maps rows by the order of their columns: in objects, columns of one name would be one. */
function clientOf(raw: SqlHandle): RemoteCallback {
  return async (sql, params, method) => {
    const { values = [], changes, insertId } = await raw.execute(sql, params as SqlValue[], "values");
    if (method === "run") return { rows: [], changes, insertId };
    return { rows: method === "get" ? (values[0] as unknown[]) : [...values] };
  };
}

class UnitQuery extends RemotePreparedQuery {
  /** Drizzle would hide the error, its code and whether to try again, behind one of its own that has the parameters in its text. */
  async queryWithCache<T>(_text: string, _parameters: unknown[], query: () => Promise<T>): Promise<T> {
    return query();
  }
}

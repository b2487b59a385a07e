import { BanyanError, type HandleKind, type RawHandle, type SqlHandle, type SqlValue } from "@banyan/core";
import {
  type AbortableOperationOptions,
  type CompiledQuery,
  ConnectionBuilder,
  type DatabaseConnection,
  DefaultQueryExecutor,
  type Dialect,
  type DrainOuterGeneric,
  type Driver,
  Kysely,
  type KyselyConfig,
  type KyselyPlugin,
  type QueryExecutor,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  Transaction,
  TransactionBuilder,
} from "kysely";

/**
 * The tables of a context through Kysely: `context("orders", { tx: kysely<OrdersDb>(), … })`. `tx` and `read` are then a `Kysely<OrdersDb>`
 * on the unit's own transaction, and `tx.transaction().execute(…)` an inner part of it; nothing else of Kysely changes.
 */
export function kysely<DB>(): HandleKind<Kysely<DB>> {
  return { kind: "sql", bind: (raw) => bind<DB>(raw) };
}

type Tables = Record<string, Record<string, unknown>>;

const compiler = new SqliteQueryCompiler();
const adapter = new SqliteAdapter();

function refuseTransaction(): never {
  throw new BanyanError(
    "transaction-statement",
    "The body of a unit is the transaction; an inner one of it is `transaction().execute(…)`, with no settings of its own.",
  );
}

/** Kysely asks it for transactions only: statements and inner transactions go straight to the handle of the unit. */
const driver: Driver = {
  init: async () => {},
  acquireConnection: refuseTransaction,
  beginTransaction: refuseTransaction,
  commitTransaction: refuseTransaction,
  rollbackTransaction: refuseTransaction,
  savepoint: refuseTransaction,
  releaseConnection: async () => {},
  destroy: async () => {},
};

const dialect: Dialect = {
  createDriver: () => driver,
  createQueryCompiler: () => compiler,
  createAdapter: () => adapter,
  createIntrospector: (db) => new SqliteIntrospector(db),
};
const config: KyselyConfig = { dialect };

/** Everything that can be shared is; a Kysely made from parts costs about a microsecond. */
function bind<DB>(raw: RawHandle): Kysely<DB> {
  if (raw.kind !== "sql")
    throw new BanyanError("handle-unsupported", "Kysely needs a store with SQL; this one has none.");
  return new UnitKysely<DB>(raw, new DefaultQueryExecutor(compiler, adapter, new UnitConnection(raw)));
}

/**
 * Kysely's copies of itself (`withSchema`, …) keep the handle, and so their inner transactions are the unit's too. Those that differ in
 * their types only (`$pickTables`, …) are itself.
 */
class UnitKysely<DB> extends Kysely<DB> {
  readonly #raw: SqlHandle;

  constructor(raw: SqlHandle, executor: QueryExecutor) {
    super({ config, driver, dialect, executor });
    this.#raw = raw;
  }

  override transaction(): TransactionBuilder<DB> {
    return new InnerBuilder<DB>(this.#raw, this.getExecutor());
  }

  override withPlugin(plugin: KyselyPlugin): Kysely<DB> {
    return new UnitKysely<DB>(this.#raw, this.getExecutor().withPlugin(plugin));
  }

  override withoutPlugins(): Kysely<DB> {
    return new UnitKysely<DB>(this.#raw, this.getExecutor().withoutPlugins());
  }

  override withSchema(schema: string): Kysely<DB> {
    return new UnitKysely<DB>(this.#raw, super.withSchema(schema).getExecutor());
  }

  override connection(): ConnectionBuilder<DB> {
    return new SameConnection<DB>(this);
  }

  override $extendTables<T extends Tables>(): Kysely<DrainOuterGeneric<DB & T>> {
    return this as never;
  }

  override $omitTables<T extends keyof DB>(): Kysely<DB extends object ? Omit<DB, T> : DB> {
    return this as never;
  }

  override $pickTables<T extends keyof DB>(): Kysely<DB extends object ? Pick<DB, T> : DB> {
    return this as never;
  }

  override withTables<T extends Tables>(): Kysely<DrainOuterGeneric<DB & T>> {
    return this as never;
  }
}

/** Unlike Kysely's own it has inner transactions: they are savepoints all the same. */
class InnerKysely<DB> extends Transaction<DB> {
  readonly #raw: SqlHandle;

  constructor(raw: SqlHandle, executor: QueryExecutor) {
    super({ config, driver, dialect, executor });
    this.#raw = raw;
  }

  override transaction(): never {
    // the type is Kysely's own, but code written for a `Kysely<DB>` calls it on whatever it is given
    return new InnerBuilder<DB>(this.#raw, this.getExecutor()) as never;
  }

  override withPlugin(plugin: KyselyPlugin): Transaction<DB> {
    return new InnerKysely<DB>(this.#raw, this.getExecutor().withPlugin(plugin));
  }

  override withoutPlugins(): Transaction<DB> {
    return new InnerKysely<DB>(this.#raw, this.getExecutor().withoutPlugins());
  }

  override withSchema(schema: string): Transaction<DB> {
    return new InnerKysely<DB>(this.#raw, super.withSchema(schema).getExecutor());
  }

  override connection(): never {
    return new SameConnection<DB>(this) as never;
  }

  override startTransaction(): never {
    return refuseTransaction();
  }

  override destroy(): never {
    // as that of a unit: there is nothing to let go of
    return Promise.resolve() as never;
  }

  override $extendTables<T extends Tables>(): Transaction<DrainOuterGeneric<DB & T>> {
    return this as never;
  }

  override $omitTables<T extends keyof DB>(): Transaction<DB extends object ? Omit<DB, T> : DB> {
    return this as never;
  }

  override $pickTables<T extends keyof DB>(): Transaction<DB extends object ? Pick<DB, T> : DB> {
    return this as never;
  }

  override withTables<T extends Tables>(): Transaction<DrainOuterGeneric<DB & T>> {
    return this as never;
  }
}

/** There is one connection, and its handle is at hand. */
class SameConnection<DB> extends ConnectionBuilder<DB> {
  readonly #db: Kysely<DB>;

  constructor(db: Kysely<DB>) {
    super({ config, driver, dialect, executor: db.getExecutor() });
    this.#db = db;
  }

  override execute<T>(callback: (db: Kysely<DB>) => Promise<T>, options?: AbortableOperationOptions): Promise<T> {
    return super.execute(() => callback(this.#db), options);
  }
}

class InnerBuilder<DB> extends TransactionBuilder<DB> {
  readonly #raw: SqlHandle;
  readonly #executor: QueryExecutor;

  constructor(raw: SqlHandle, executor: QueryExecutor) {
    super({ config, driver, dialect, executor });
    this.#raw = raw;
    this.#executor = executor;
  }

  override setAccessMode(): never {
    return refuseTransaction();
  }

  override setIsolationLevel(): never {
    return refuseTransaction();
  }

  override execute<T>(callback: (trx: Transaction<DB>) => Promise<T>): Promise<T> {
    return this.#raw.savepoint((inner) =>
      callback(new InnerKysely<DB>(inner, this.#executor.withConnectionProvider(new UnitConnection(inner)))),
    );
  }
}

/**
 * Gives every statement to the handle in the call in which the query is executed, not some microtasks later: a query that a body forgets to
 * await still belongs to its unit.
 */
class UnitConnection implements DatabaseConnection {
  readonly #raw: SqlHandle;

  constructor(raw: SqlHandle) {
    this.#raw = raw;
  }

  async provideConnection<T>(consumer: (connection: DatabaseConnection) => Promise<T>): Promise<T> {
    return consumer(this);
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const { rows, changes, insertId } = await this.#raw.execute(sql, parameters as readonly SqlValue[]);
    const result = { rows: rows as unknown as Row[], numAffectedRows: BigInt(changes) };
    return insertId === undefined ? result : { ...result, insertId: BigInt(insertId) };
  }

  streamQuery(): never {
    throw new BanyanError(
      "statement-failed",
      "A query of a unit or a read cannot be streamed: read it in pages, with a limit.",
    );
  }
}

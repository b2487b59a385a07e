import { BanyanError, type HandleKind, type RawHandle, type SqlHandle, type SqlValue } from "@banyan/core";
import {
  type CompiledQuery,
  type DatabaseConnection,
  DefaultQueryExecutor,
  type Dialect,
  type Driver,
  Kysely,
  type KyselyConfig,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";

/**
 * The tables of a context through Kysely: `context("orders", { tx: kysely<OrdersDb>(), … })`. `tx` and `read` are then a `Kysely<OrdersDb>`
 * on the unit's own transaction; nothing else of Kysely changes.
 */
export function kysely<DB>(): HandleKind<Kysely<DB>> {
  return { kind: "sql", bind: (raw) => bind<DB>(raw) };
}

const compiler = new SqliteQueryCompiler();
const adapter = new SqliteAdapter();

function refuseTransaction(): never {
  throw new BanyanError("transaction-statement", "The body of a unit is the transaction: it cannot begin another one.");
}

/** Kysely asks it for transactions only: statements go straight to the handle of the unit. */
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
  const connection = new UnitConnection(raw);
  const executor = new DefaultQueryExecutor(compiler, adapter, connection);
  return new Kysely<DB>({ config, driver, dialect, executor });
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

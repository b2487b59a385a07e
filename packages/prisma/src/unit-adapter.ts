import { AsyncLocalStorage } from "node:async_hooks";
import { BanyanError, type SqlHandle, type SqlResult } from "@banyan/core";
import type { SqlDriverAdapter, SqlDriverAdapterFactory, SqlQuery, Transaction } from "@prisma/driver-adapter-utils";
import { parameterOf, resultOf } from "./values.ts";

/** One operation of Prisma (`order.create(…)`), which may be several statements. */
export interface Operation {
  readonly raw: SqlHandle;
  /** The SQL is the team's own, to be left as it is. */
  readonly ownText: boolean;
  /** What was refused first, in Banyan's words: Prisma knows errors of its own only, and would lose the code. */
  failure?: unknown;
}

/** Which unit or read the statements that Prisma asks for belong to. One client with its compiled queries serves all of them. */
export const operations: AsyncLocalStorage<Operation> = new AsyncLocalStorage();

const described = { provider: "sqlite", adapterName: "@banyan/prisma" } as const;
const UNDONE = new Error("undone");

/** It opens nothing: each statement goes to the handle of the operation that asks. */
export const unitAdapter: SqlDriverAdapterFactory = { ...described, connect: async () => connected };

const connected: SqlDriverAdapter = {
  ...described,
  queryRaw: async (query) => resultOf(await execute(operation().raw, query)),
  executeRaw: async (query) => (await execute(operation().raw, query)).changes,
  executeScript: async () => refuseTransaction(),
  startTransaction: async () => innerPart(operation().raw),
  getConnectionInfo: () => ({ maxBindValues: 999, supportsRelationJoins: false }),
  dispose: async () => {},
};

export function refuseTransaction(): never {
  throw new BanyanError(
    "transaction-statement",
    "The body of a unit is the transaction; an inner one of it is `$transaction(…)`, with no settings of its own.",
  );
}

function operation(): Operation {
  const found = operations.getStore();
  if (found === undefined)
    throw new BanyanError("handle-dead", "This Prisma Client belongs to no unit; use `tx` or `read` of the body.");
  return found;
}

async function execute(raw: SqlHandle, { sql, args, argTypes }: SqlQuery): Promise<SqlResult> {
  // Prisma names the schema of every table; tables of tenants are reached without one
  const text = operation().ownText ? sql : sql.replaceAll("`main`.", "");
  return noting(() =>
    raw.execute(
      text,
      args.map((value, index) => parameterOf(value, argTypes[index])),
    ),
  );
}

async function noting<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    operation().failure ??= error;
    throw error;
  }
}

/** How the inner part of a unit ends. */
interface Ending {
  keep(): void;
  undo(reason: Error): void;
  ended(): Promise<void>;
}

/** The transaction that Prisma puts around a nested write. It always ends it. */
function innerPart(raw: SqlHandle): Promise<Transaction> {
  return noting(
    () =>
      new Promise((opened, refused) => {
        const ended = raw.savepoint(
          (inner) =>
            new Promise<void>((keep, undo) => opened(transactionOf(inner, { keep, undo, ended: () => ended }))),
        );
        ended.catch(refused);
      }),
  );
}

function transactionOf(inner: SqlHandle, ending: Ending): Transaction {
  return {
    ...described,
    options: { usePhantomQuery: true },
    queryRaw: async (query) => resultOf(await execute(inner, query)),
    executeRaw: async (query) => (await execute(inner, query)).changes,
    commit: async () => {
      ending.keep();
      await noting(ending.ended);
    },
    rollback: async () => {
      ending.undo(UNDONE);
      await ending.ended().catch((error: unknown) => {
        if (error !== UNDONE) throw error;
      });
    },
  };
}

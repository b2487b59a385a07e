import { AsyncLocalStorage } from "node:async_hooks";
import { BanyanError, type HandleKind, type RawHandle, type SqlHandle } from "@banyan/core";
import type { SqlDriverAdapterFactory } from "@prisma/driver-adapter-utils";
import { operations, refuseTransaction, unitAdapter } from "./unit-adapter.ts";

/** What a Prisma Client has, generated or extended. */
export interface PrismaOnUnit {
  $connect(): Promise<void>;
  $extends: unknown;
}

/**
 * The tables of a context through Prisma Client: `context("orders", { tx: await prisma((adapter) => new PrismaClient({ adapter })), … })`.
 * `tx` and `read` are then that client on the unit's own transaction, and `tx.$transaction(…)` an inner part of it. It is awaited because
 * the compiler of queries is loaded first: a body could not wait for that.
 */
export async function prisma<Client extends PrismaOnUnit>(
  make: (adapter: SqlDriverAdapterFactory) => Client,
): Promise<HandleKind<Client>> {
  const client = make(unitAdapter);
  await client.$connect();
  keepApart(client as unknown as Internals);
  return { kind: "sql", bind: (raw) => new Bound(client, sqlOf(raw)).client };
}

/** The one thing that is reached inside Prisma, and looked for at the start. */
interface Internals {
  readonly _requestHandler?: { readonly dataloader?: { readonly options?: { batchBy?: unknown } } };
}

/** Prisma makes one query of `findUnique`s of one turn, whoever asks: those of two reads would be answered out of one. */
function keepApart({ _requestHandler }: Internals): void {
  const options = _requestHandler?.dataloader?.options;
  if (typeof options?.batchBy !== "function")
    throw new BanyanError(
      "handle-unsupported",
      "This version of Prisma Client is not known; @banyan/prisma needs 7.10.",
    );
  options.batchBy = () => undefined;
}

function sqlOf(raw: RawHandle): SqlHandle {
  if (raw.kind === "sql") return raw;
  throw new BanyanError("handle-unsupported", "Prisma needs a store with SQL; this one has none.");
}

type Ask = { readonly operation: string; readonly args: unknown; query(args: unknown): Promise<unknown> };
type Extendable = { $extends(extension: object): unknown };
type Work = (inner: unknown) => Promise<unknown>;

/** Where operations made on the outer handle go while `$transaction([…])` runs them. */
const parts = new AsyncLocalStorage<{ readonly outer: Bound<unknown>; readonly inner: Bound<unknown> }>();

/** A client of one unit, read or inner part. Operations asked for side by side take turns, as they would on Prisma's one connection. */
class Bound<Client> {
  readonly client: Client;
  readonly #base: Client;
  readonly #raw: SqlHandle;
  #last: Promise<unknown> = Promise.resolve();

  constructor(base: Client, raw: SqlHandle) {
    this.#base = base;
    this.#raw = raw;
    this.client = (base as Extendable).$extends({
      name: "banyan",
      client: {
        $transaction: (what: Work | unknown[], options?: object) => this.#transaction(what, options),
        $connect: async () => {},
        $disconnect: async () => {},
      },
      query: { $allOperations: (ask: Ask) => this.#turn(ask) },
    }) as Client;
  }

  #turn(ask: Ask): Promise<unknown> {
    const part = parts.getStore();
    if (part?.outer === this) return part.inner.#turn(ask);
    if (operations.getStore()?.raw === this.#raw) return ask.query(ask.args);
    const turn = this.#last.then(() => this.#operate(ask));
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #operate({ operation, args, query }: Ask): Promise<unknown> {
    const own = { raw: this.#raw, ownText: operation.startsWith("$"), failure: undefined as unknown };
    try {
      return await operations.run(own, async () => query(args));
    } catch (error) {
      throw own.failure ?? error;
    }
  }

  async #transaction(what: Work | unknown[], options?: object): Promise<unknown> {
    if (options !== undefined && Object.keys(options).length > 0) refuseTransaction();
    await this.#last;
    return this.#raw.savepoint((raw) => {
      const inner = new Bound(this.#base, raw);
      if (typeof what === "function") return what(inner.client);
      return parts.run({ outer: this, inner }, () => inOrder(what));
    });
  }
}

/** They begin when they are awaited. */
async function inOrder(operationsOfTeam: readonly unknown[]): Promise<unknown[]> {
  const results: unknown[] = [];
  for (const operation of operationsOfTeam) results.push(await operation);
  return results;
}

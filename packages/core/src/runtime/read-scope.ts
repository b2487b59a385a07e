import type { ContextDefinition } from "../context/index.ts";
import { BanyanError } from "../error/index.ts";
import type { Platform, ReadSession, Table } from "../ports/index.ts";

export interface ReadScopeOf {
  readonly definition: ContextDefinition;
  /** Whose rows it shows. */
  readonly rows: string;
  /** Asked within another read. */
  readonly nested: boolean;
}

/** One consistent read-only view for `allow`, `before` or a query, opened at its first use. */
export class ReadScope {
  readonly #platform: Platform;
  readonly #of: ReadScopeOf;
  #session: Promise<ReadSession> | undefined;
  #handle: unknown;
  #ended = false;
  /** Statements under way. */
  readonly #running = new Set<Promise<unknown>>();

  constructor(platform: Platform, of: ReadScopeOf) {
    this.#platform = platform;
    this.#of = of;
  }

  /** The typed handle. Its statements wait for the session to open. */
  get read(): unknown {
    this.#handle ??= this.#of.definition.handle.bind(this.#lazyRaw());
    return this.#handle;
  }

  /** Gives the view up once its statements have ended; the next one opens another, that may show more. */
  async rest(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    if (this.#ended || this.#platform.store.features.handle !== "sql") return;
    const opened = this.#session;
    this.#session = undefined;
    const session = await opened?.catch(() => undefined);
    await session?.end();
  }

  async #during<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  async end(): Promise<void> {
    this.#ended = true;
    const opened = this.#session;
    this.#session = undefined;
    const session = await opened?.catch(() => undefined);
    await session?.end();
  }

  #open(): Promise<ReadSession> {
    const { definition, nested, rows } = this.#of;
    if (this.#ended)
      return Promise.reject(
        new BanyanError("handle-dead", `\`read\` of "${this.#of.definition.name}" was used after its scope had ended.`),
      );
    this.#session ??= this.#platform.store.session(definition.name, rows, nested);
    return this.#session;
  }

  #lazyRaw(): ReadSession["raw"] {
    if (this.#platform.store.features.handle === "sql") {
      return {
        kind: "sql",
        dialect: "sqlite",
        execute: (statement, parameters, as) =>
          this.#during(this.#open().then((session) => sqlOf(session).execute(statement, parameters, as))),
        savepoint: async (work) => sqlOf(await this.#open()).savepoint(work),
      };
    }
    return { kind: "tables", table: (name) => lazyTable(() => this.#open(), name) };
  }
}

function sqlOf(session: ReadSession): Extract<ReadSession["raw"], { kind: "sql" }> {
  if (session.raw.kind !== "sql")
    throw new BanyanError("handle-unsupported", "The store gave a handle that is not SQL.");
  return session.raw;
}

function lazyTable<T>(open: () => Promise<ReadSession>, name: string): Table<T> {
  const table = async (): Promise<Table<T>> => {
    const { raw } = await open();
    if (raw.kind !== "tables")
      throw new BanyanError("handle-unsupported", "The store gave a handle that has no tables.");
    return raw.table<T>(name);
  };
  return {
    get: async (key) => (await table()).get(key),
    set: async (key, value) => (await table()).set(key, value),
    delete: async (key) => (await table()).delete(key),
    entries: async () => (await table()).entries(),
  };
}

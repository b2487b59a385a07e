import { asBanyanError, isBanyanError } from "../error/index.ts";
import type { RawHandle, SqlHandle, Store, StoreTransaction, Table, UnitHandle } from "../ports/index.ts";
import { over } from "./over.ts";

/** What a store has thrown, or the runtime in its name. A handler may throw whatever it likes: nothing of that gets in here. */
const FROM_STORE = new WeakSet<object>();

const CODES: ReadonlySet<string> = new Set([
  "commit-failed",
  "disk-full",
  "store-failed",
  "database-corrupt",
  "fenced",
  "fault-injected",
]);

/** Whether an error is about the store and not about the entry: then nothing is counted against the entry. Its code alone, which anybody may use, does not say so. */
export function isStoreTrouble(thrown: unknown): boolean {
  if (!isBanyanError(thrown) || !FROM_STORE.has(thrown)) return false;
  return CODES.has(thrown.code) || (thrown.code === "statement-failed" && thrown.retry === "later");
}

/** The same error, which the runtime throws because of its store. */
export function fromStore<E extends Error>(error: E): E {
  FROM_STORE.add(error);
  return error;
}

/** A copy of an error comes from where that came from. */
export function copied<E extends Error>(copy: E, original: unknown): E {
  return typeof original === "object" && original !== null && FROM_STORE.has(original) ? fromStore(copy) : copy;
}

/** The same store, with what it throws known to come from it: from its transactions, and from the statements of units and reads too. */
export function telling(store: Store): Store {
  return over(throughout(store), {
    begin: async () => tellingTransaction(await noted(store.begin())),
    session: async (...asked) => {
      const session = await noted(store.session(...asked));
      return { raw: tellingHandle(session.raw), end: () => noted(session.end()) };
    },
  });
}

function tellingTransaction(transaction: StoreTransaction): StoreTransaction {
  const unit = (...asked: Parameters<StoreTransaction["unit"]>): UnitHandle => {
    const handle = notedNow(() => transaction.unit(...asked));
    return {
      raw: tellingHandle(handle.raw),
      activity: () => handle.activity(),
      end: () => notedNow(() => handle.end()),
    };
  };
  return over(throughout(transaction), { unit });
}

/** What the work of an inner part throws is its own. */
function tellingHandle(raw: RawHandle): RawHandle {
  if (raw.kind === "tables") return { kind: "tables", table: <T>(name: string) => tellingTable<T>(raw.table(name)) };
  const telling: SqlHandle = {
    kind: "sql",
    dialect: raw.dialect,
    execute: (sql, parameters, as) => noted(raw.execute(sql, parameters, as)),
    savepoint: (work) => raw.savepoint((inner) => work(tellingHandle(inner) as SqlHandle)),
  };
  return telling;
}

function tellingTable<T>(table: Table<T>): Table<T> {
  return {
    get: (key) => noted(table.get(key)),
    set: (key, value) => noted(table.set(key, value)),
    delete: (key) => noted(table.delete(key)),
    entries: () => noted(table.entries()),
  };
}

/** Every method that answers later. */
function throughout<T extends object>(inner: T): T {
  return new Proxy(inner, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...given: unknown[]): unknown => {
        const answer: unknown = notedNow(() => value.apply(target, given) as unknown);
        return answer instanceof Promise ? noted(answer) : answer;
      };
    },
  });
}

function noted<T>(work: Promise<T>): Promise<T> {
  return work.catch(rethrown);
}

function notedNow<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    return rethrown(error);
  }
}

function rethrown(thrown: unknown): never {
  throw isBanyanError(thrown) ? fromStore(asBanyanError(thrown, "the store")) : thrown;
}

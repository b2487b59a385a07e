import { memoryDisk, type SqlHandle, type SqlValue, type Store, type UnitHandle } from "@banyan/core";
import { runStoreCase, STORE_CASES, type StoreSubject } from "@banyan/testing/conformance";
import { expect, test } from "vitest";
import { sqlite } from "./sqlite.ts";

const HANDLE_CASES = STORE_CASES.filter(({ needs }) => needs === "sql");

type BreakHandle = (raw: SqlHandle) => Partial<SqlHandle>;

/** SQLite whose units have a handle with a fault. */
function broken(breakHandle: BreakHandle): StoreSubject {
  return {
    name: "a broken handle",
    features: { name: "sqlite", handle: "sql", writers: 1, durable: false, tenants: true },
    sessionsBesideWriter: false,
    make: async () => {
      const disk = memoryDisk();
      return { store: async () => withHandle(sqlite({ memory: disk }), breakHandle), remove: async () => {} };
    },
  };
}

function withHandle(store: Store, breakHandle: BreakHandle): Store {
  const begin = store.begin.bind(store);
  store.begin = async () => {
    const transaction = await begin();
    const unit = transaction.unit.bind(transaction);
    transaction.unit = (context, name) => {
      const sound = unit(context, name);
      const { kind, dialect, execute, savepoint } = sound.raw as SqlHandle;
      const raw = { kind, dialect, execute, savepoint, ...breakHandle(sound.raw as SqlHandle) };
      return { raw, activity: () => sound.activity(), end: () => sound.end() } satisfies UnitHandle;
    };
    return transaction;
  };
  return store;
}

const FAULTS: Readonly<Record<string, BreakHandle>> = {
  "runs an inner part without a savepoint": (raw) => ({ savepoint: (work) => work(raw) }),
  "undoes nothing": ({ savepoint }) => ({
    savepoint: async (work) => {
      const [outcome] = await savepoint((inner) => Promise.allSettled([work(inner)]));
      return outcome.status === "fulfilled" ? outcome.value : Promise.reject(outcome.reason);
    },
  }),
  "binds NULL to what it is not given": ({ execute }) => ({
    execute: (sql, given = [], as) => execute(sql, padded(sql, given), as),
  }),
  "writes a bigint as the nearest number": ({ execute }) => ({
    execute: (sql, given = [], as) =>
      execute(
        sql,
        given.map((one) => (typeof one === "bigint" ? Number(one) : one)),
        as,
      ),
  }),
  "gives objects for values": ({ execute }) => ({ execute: (sql, parameters) => execute(sql, parameters) }),
};

/** The suite's own statements have no other `?` in them. */
function padded(sql: string, given: readonly SqlValue[]): SqlValue[] {
  const missing = sql.replaceAll("'?'", "").split("?").length - 1 - given.length;
  return [...given, ...Array<null>(Math.max(0, missing)).fill(null)];
}

async function failing(breakHandle: BreakHandle): Promise<number> {
  let failed = 0;
  for (const one of HANDLE_CASES) await runStoreCase(broken(breakHandle), one).catch(() => failed++);
  return failed;
}

test("a sound handle passes", async () => {
  expect(await failing(() => ({}))).toBe(0);
});

test.for(Object.entries(FAULTS))("the suite finds a handle that %s", async ([, fault]) => {
  const failed = await failing(fault);
  expect(failed).toBeGreaterThan(0);
  expect(failed).toBeLessThan(HANDLE_CASES.length);
});

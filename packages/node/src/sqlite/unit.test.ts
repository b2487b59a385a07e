import type { SqlHandle, Store, StoreTransaction, UnitHandle } from "@banyan/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { inSession, openStore, planOf, sqlOf, temporaryFolder } from "./fixture.ts";

let store: Store;
let transaction: StoreTransaction;
let unit: UnitHandle;
let sql: SqlHandle;

beforeEach(async () => {
  ({ store } = await openStore({ memory: true }, planOf()));
  transaction = await store.begin();
  unit = transaction.unit("orders", "orders.place-order");
  sql = sqlOf(unit);
});

afterEach(async () => {
  await transaction.rollback();
  await store.close();
});

const put = (handle: SqlHandle, key: string): Promise<unknown> =>
  handle.execute("INSERT INTO orders_row VALUES (?, '')", [key]);
const thrown = (what: string) => async (): Promise<never> => {
  throw new Error(what);
};

async function committed(): Promise<string[]> {
  unit.end();
  await transaction.commit();
  const { rows } = await inSession(store, (read) => read.execute("SELECT key FROM orders_row ORDER BY key"));
  return rows.map(({ key }) => String(key));
}

test("an inner transaction that throws undoes its own rows, and the body goes on", async () => {
  await put(sql, "before");
  const failing = sql.savepoint(async (inner) => {
    await put(inner, "undone");
    throw new Error("changed my mind");
  });
  await expect(failing).rejects.toThrow("changed my mind");
  expect(await sql.savepoint(async (inner) => (await put(inner, "kept"), 7))).toBe(7);
  await put(sql, "after");
  expect(await committed()).toEqual(["after", "before", "kept"]);
});

test("inner transactions nest", async () => {
  await sql.savepoint(async (one) => {
    await put(one, "1");
    await expect(
      one.savepoint(async (two) => {
        await two.savepoint((three) => put(three, "3"));
        await put(two, "2");
        throw new Error("two and with it three");
      }),
    ).rejects.toThrow("two and with it three");
    await one.savepoint((two) => put(two, "2 again"));
  });
  expect(await committed()).toEqual(["1", "2 again"]);
});

test("side by side is refused: each would end with the other", async () => {
  const first = sql.savepoint(async (inner) => {
    await put(inner, "a");
    await put(inner, "b");
  });
  const others = [sql.savepoint((inner) => put(inner, "c")), put(sql, "d")];
  expect(await Promise.allSettled([first, ...others])).toMatchObject([
    { status: "fulfilled" },
    { reason: { code: "savepoint-open", message: /"orders.place-order" was used while/ } },
    { reason: { code: "savepoint-open" } },
  ]);
  expect(await committed()).toEqual(["a", "b"]);
});

test("after its end an inner transaction is dead, and says which it was", async () => {
  let leaked: SqlHandle = sql;
  await sql.savepoint(async (inner) => void (leaked = inner));
  const dead = { code: "handle-dead", message: /"an inner transaction of orders.place-order"/ };
  await expect(put(leaked, "a")).rejects.toMatchObject(dead);
  await expect(leaked.savepoint((inner) => put(inner, "a"))).rejects.toMatchObject(dead);
  await sql
    .savepoint(async (inner) => void (leaked = inner))
    .then(thrown("x"))
    .catch(() => {});
  await expect(put(leaked, "a")).rejects.toMatchObject(dead);
  expect(await committed()).toEqual([]);
});

test("a unit that ends within an inner transaction fails, and what is left of it reaches no other unit", async () => {
  let goOn = (): void => {};
  const floating = sql.savepoint(async (inner) => {
    await put(inner, "a");
    await new Promise<void>((resolve) => (goOn = resolve));
  });
  await Promise.resolve();
  expect(() => unit.end()).toThrow(expect.objectContaining({ code: "query-floating" }));
  const next = sqlOf(transaction.unit("orders", "orders.next"));
  await next.savepoint(async (inner) => {
    goOn();
    await expect(floating).rejects.toMatchObject({ code: "handle-dead" });
    await put(inner, "of the next");
  });
  await transaction.rollback();
});

test("what an inner transaction left open is not committed, and rolled back without a word", async () => {
  let goOn = (): void => {};
  const floating = sql.savepoint(async (inner) => {
    await put(inner, "a");
    await new Promise<void>((resolve) => (goOn = resolve));
  });
  await expect(transaction.commit()).rejects.toMatchObject({ code: "query-floating" });
  await transaction.rollback();
  goOn();
  await expect(floating).rejects.toMatchObject({ code: "handle-dead" });
  const again = await store.begin();
  const half = sqlOf(again.unit("orders", "orders.half")).savepoint(() => new Promise<void>(() => {}));
  await again.rollback();
  expect(half).toBeInstanceOf(Promise);
  const { rows } = await inSession(store, (read) => read.execute("SELECT key FROM orders_row"));
  expect(rows).toEqual([]);
});

test("an inner transaction cannot outlive the one around it", async () => {
  let goOn = (): void => {};
  let nested: Promise<unknown> = Promise.resolve();
  const outer = sql.savepoint(async (inner) => {
    nested = inner.savepoint(() => new Promise<void>((resolve) => (goOn = resolve)));
    nested.catch(() => {});
  });
  await expect(outer).rejects.toMatchObject({ code: "savepoint-open" });
  goOn();
  await nested;
  expect(() => unit.end()).toThrow(expect.objectContaining({ code: "query-floating" }));
});

test("a transaction that is gone cannot be saved by undoing a part of it", async () => {
  await put(sql, "taken");
  const failing = sql.savepoint((inner) =>
    inner.execute("INSERT OR ROLLBACK INTO orders_row VALUES ('taken', '')").then(thrown("not reached")),
  );
  await expect(failing).rejects.toMatchObject({ code: "statement-failed", message: /UNIQUE/ });
  unit.end();
  await expect(transaction.commit()).rejects.toMatchObject({ code: "statement-failed" });
});

test("a body's own text still begins and ends nothing", async () => {
  await sql.savepoint(async (inner) => {
    for (const text of ["SAVEPOINT a", "RELEASE banyan_inner", "ROLLBACK TO banyan_inner", "COMMIT"])
      await expect(inner.execute(text)).rejects.toMatchObject({ code: "transaction-statement" });
  });
});

const JOIN = "SELECT a.key, b.key FROM orders_row AS a JOIN orders_row AS b ON a.key < b.key";

test.for(["folder", "memory"] as const)("values keep columns of one name apart, rows do not (%s)", async (where) => {
  using folder = temporaryFolder();
  await using opened = await openStore(where === "folder" ? { path: folder.path } : { memory: true });
  const writing = await opened.store.begin();
  const tx = sqlOf(writing.unit("orders", "orders.place-order"));
  await put(tx, "a");
  const returned = await tx.execute("INSERT INTO orders_row VALUES ('b', '') RETURNING key, value", [], "values");
  expect(returned).toEqual({ rows: [], values: [["b", ""]], changes: 1, insertId: undefined });
  const both = async (handle: SqlHandle): Promise<void> => {
    expect((await handle.execute(JOIN, [], "values")).values).toEqual([["a", "b"]]);
    expect((await handle.execute(JOIN)).rows).toEqual([{ key: "b" }]);
    expect((await handle.execute(JOIN, [], "values")).values).toEqual([["a", "b"]]);
  };
  await both(tx);
  await writing.commit();
  await inSession(opened.store, async (read) => {
    await both(read);
    await expect(read.savepoint(async () => 1)).rejects.toMatchObject({ code: "not-in-unit" });
  });
});

import { expect, test } from "vitest";
import { entry, inSession, inUnit, openStore, planOf, sqlOf, temporaryFolder } from "./fixture.ts";
import { FolderHome } from "./folder-home.ts";
import { commitError, statementError } from "./sqlite-error.ts";
import { SqliteStore } from "./store.ts";

test("after OR ROLLBACK nothing more is written and nothing can be committed", async () => {
  await using opened = await openStore({ memory: true });
  const { store } = opened;
  await inUnit(store, (sql) => sql.execute("INSERT INTO orders_row VALUES ('taken', '')"));
  const transaction = await store.begin();
  const sql = sqlOf(transaction.unit("orders", "orders.place-order"));
  await sql.execute("INSERT INTO orders_row VALUES ('a', '')");
  await expect(sql.execute("INSERT OR ROLLBACK INTO orders_row VALUES ('taken', '')")).rejects.toMatchObject({
    code: "statement-failed",
  });
  await expect(sql.execute("INSERT INTO orders_row VALUES ('b', '')")).rejects.toMatchObject({
    code: "statement-failed",
  });
  await expect(transaction.append("orders", [entry("a")])).rejects.toMatchObject({ code: "statement-failed" });
  await expect(transaction.commit()).rejects.toMatchObject({ code: "statement-failed", retry: "never" });
  await transaction.rollback();
  const { rows } = await inSession(store, (read) => read.execute("SELECT key FROM orders_row"));
  expect(rows.map(({ key }) => key)).toEqual(["taken"]);
});

test("a constraint that is checked at COMMIT is the body's mistake, and keeps nothing", async () => {
  await using opened = await openStore({ memory: true });
  const { store } = opened;
  const transaction = await store.begin();
  await transaction.append("orders", [entry("a")]);
  await sqlOf(transaction.unit("orders", "orders.place-order")).execute("INSERT INTO orders_line VALUES ('nobody')");
  await expect(transaction.commit()).rejects.toMatchObject({
    code: "statement-failed",
    retry: "never",
    message: /FOREIGN KEY/,
  });
  await transaction.rollback();
  expect((await store.fetch({ source: "orders", after: 0, limit: 9, types: ["orders.placed"] })).through).toBe(0);
  await inUnit(store, (sql) => sql.execute("INSERT INTO orders_row VALUES ('a', '')"));
});

test("a failed statement leaves what its unit did before; the body may go on", async () => {
  await using opened = await openStore({ memory: true });
  const rows = await inUnit(opened.store, async (sql) => {
    await sql.execute("INSERT INTO orders_row VALUES ('a', '1')");
    await expect(sql.execute("INSERT INTO orders_row VALUES ('a', '2')")).rejects.toMatchObject({
      code: "statement-failed",
    });
    await sql.execute("UPDATE orders_row SET value = '3'");
    return (await sql.execute("SELECT value FROM orders_row")).rows;
  });
  expect(rows.map(({ value }) => value)).toEqual(["3"]);
});

test("values SQLite cannot hold are refused by name, not stored as something else", async () => {
  await using opened = await openStore({ memory: true });
  for (const value of [true, undefined, new Date(0), {}, [], Number.NaN, Symbol.iterator, () => 1]) {
    const running = inUnit(opened.store, (sql) =>
      sql.execute("INSERT INTO orders_row VALUES ('a', ?)", [value as never]),
    );
    await expect(running).rejects.toMatchObject({ code: "statement-failed", message: /parameter \(number 1\)/ });
  }
});

test("one transaction is open at a time, and asking for two at once harms nothing", async () => {
  using folder = temporaryFolder();
  await using opened = await openStore({ path: folder.path });
  const both = await Promise.allSettled([opened.store.begin(), opened.store.begin()]);
  expect(both).toMatchObject([{ status: "fulfilled" }, { reason: { code: "internal" } }]);
  if (both[0].status === "fulfilled") await both[0].value.rollback();
  const transaction = await opened.store.begin();
  await expect(opened.store.begin()).rejects.toMatchObject({ code: "internal" });
  await transaction.rollback();
  await (await opened.store.begin()).rollback();
});

test("errors of SQLite say whether to ask again, give up, or believe nothing more", () => {
  const sqlite = (errcode: number): Error => Object.assign(new Error("words of SQLite"), { errcode });
  const commit = (errcode: number): string =>
    `${commitError(sqlite(errcode)).code} ${commitError(sqlite(errcode)).retry}`;
  expect([13, 5, 787, 10, 1034, 778, 11, 1].map(commit)).toEqual([
    "disk-full later", // FULL
    "commit-failed later", // BUSY
    "statement-failed never", // CONSTRAINT_FOREIGNKEY
    "store-failed later", // IOERR
    "store-failed later", // IOERR_FSYNC
    "store-failed later", // IOERR_WRITE
    "database-corrupt later", // CORRUPT
    "store-failed later", // anything unforeseen
  ]);
  const statement = (errcode: number): string =>
    `${statementError(sqlite(errcode), "a").code} ${statementError(sqlite(errcode), "a").retry}`;
  expect([13, 1, 2067, 10, 26].map(statement)).toEqual([
    "disk-full later",
    "statement-failed never",
    "statement-failed never",
    "store-failed later",
    "database-corrupt later", // NOTADB
  ]);
});

test("where SQLite rolls back by itself for lack of room, whoever goes on is told so, and the next transaction has room again", async () => {
  using folder = temporaryFolder();
  const home = new FolderHome({ path: folder.path });
  const store = new SqliteStore(true, () => home);
  await store.open(planOf());
  const transaction = await store.begin();
  const sql = sqlOf(transaction.unit("orders", "orders.place-order"));
  await sql.execute("INSERT INTO orders_row VALUES ('a', '')");
  home.db.exec("PRAGMA max_page_count = 1");
  const noRoom = { code: "disk-full", retry: "later", retryAfterMs: 1_000 };
  await expect(sql.execute("INSERT INTO orders_row VALUES ('b', hex(zeroblob(100000)))")).rejects.toMatchObject(noRoom);
  expect(home.db.isTransaction).toBe(false);
  await expect(sql.execute("INSERT INTO orders_row VALUES ('c', '')")).rejects.toMatchObject(noRoom);
  await expect(transaction.commit()).rejects.toMatchObject(noRoom);
  await transaction.rollback();
  home.db.exec("PRAGMA max_page_count = 10000");
  await inUnit(store, (again) => again.execute("INSERT INTO orders_row VALUES ('d', '')"));
  const { rows } = await inSession(store, (read) => read.execute("SELECT key FROM orders_row"));
  expect(rows.map(({ key }) => key)).toEqual(["d"]);
  await store.close();
});

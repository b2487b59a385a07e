import { expect, test } from "vitest";
import { inSession, inUnit, openStore, sqlOf, temporaryFolder } from "./fixture.ts";

/** Takes seconds, and ends by itself: SQLite cannot be stopped. */
const LONG = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000000) SELECT count(*) FROM n";
const count = (n: number): string =>
  `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ${n}) SELECT i FROM n`;

test("a read that takes too long frees its caller, and the next read has another thread", async () => {
  using folder = temporaryFolder();
  await using opened = await openStore({ path: folder.path, readLimitMs: 1_000 });
  const { store } = opened;
  await inSession(store, (sql) => sql.execute("SELECT 1"));
  const began = performance.now();
  const bystander = await store.session("orders");
  await sqlOf(bystander).execute("SELECT 1");
  const slow = await store.session("orders");
  const long = sqlOf(slow).execute(LONG);
  const behind = sqlOf(bystander).execute("SELECT 1");
  await expect(long).rejects.toMatchObject({ code: "read-timeout", retry: "later", message: /took longer/ });
  await expect(behind).rejects.toMatchObject({ code: "read-timeout", retry: "later", message: /make way/ });
  expect(performance.now() - began).toBeLessThan(5_000);
  await expect(sqlOf(bystander).execute("SELECT 1")).rejects.toMatchObject({ code: "read-timeout" });
  await Promise.all([bystander.end(), slow.end()]);
  await inUnit(store, (sql) => sql.execute("INSERT INTO orders_row VALUES ('a', 'b')"));
  const { rows } = await inSession(store, (sql) => sql.execute("SELECT value FROM orders_row"));
  expect(rows.map(({ value }) => value)).toEqual(["b"]);
});

test("a read within another does not stand in line behind those who wait for it", async () => {
  using folder = temporaryFolder();
  await using opened = await openStore({ path: folder.path, readSessions: 1, readLimitMs: 2_000 });
  const outer = await opened.store.session("orders");
  await sqlOf(outer).execute("SELECT 1");
  const inLine = await opened.store.session("orders");
  let served = false;
  const waiting = sqlOf(inLine)
    .execute("SELECT 1")
    .then(() => (served = true));
  const inner = await opened.store.session("orders", undefined, true);
  expect((await sqlOf(inner).execute("SELECT 2 AS two")).rows).toEqual([{ two: 2 }]);
  expect(served).toBe(false);
  await inner.end();
  await outer.end();
  await waiting;
  await inLine.end();
});

test.for(["folder", "memory"] as const)("a read of too many rows or bytes is refused (%s)", async (where) => {
  using folder = temporaryFolder();
  const caps = { readRows: 100, readBytes: 10_000 };
  await using opened = await openStore(where === "folder" ? { path: folder.path, ...caps } : { memory: true, ...caps });
  await inSession(opened.store, async (sql) => {
    expect((await sql.execute(count(100))).rows.length).toBe(100);
    await expect(sql.execute(count(101))).rejects.toMatchObject({
      code: "read-too-large",
      message: /more than 100 rows/,
    });
    await expect(sql.execute("SELECT printf('%.*c', 10001, 'x') AS text")).rejects.toMatchObject({
      code: "read-too-large",
    });
    // the session goes on
    expect((await sql.execute(count(1))).rows).toEqual([{ i: 1 }]);
  });
});

test.for(["folder", "memory"] as const)("a read refuses what it may not do, by code (%s)", async (where) => {
  using folder = temporaryFolder();
  await using opened = await openStore(where === "folder" ? { path: folder.path } : { memory: true });
  const codes = {
    "INSERT INTO orders_row VALUES ('a', 'b')": "not-in-unit",
    "DELETE FROM orders_row": "not-in-unit",
    "UPDATE orders_row SET value = 1 RETURNING *": "not-in-unit",
    "CREATE TABLE orders_x (y)": "not-in-unit",
    COMMIT: "transaction-statement",
    "SELECT * FROM billing_row": "table-foreign",
    "PRAGMA query_only = 0": "statement-failed",
    "SELECT nothing": "statement-failed",
    "SELECT 1; SELECT 2": "statement-failed",
  };
  await inSession(opened.store, async (sql) => {
    const got: Record<string, unknown> = {};
    for (const statement of Object.keys(codes)) {
      const { code, message } = await sql.execute(statement).then(String, (error) => error);
      got[statement] = code;
      expect(message).toContain("a read of orders");
    }
    expect(got).toEqual(codes);
    await expect(sql.execute("SELECT ?", [(() => 1) as never])).rejects.toMatchObject({ code: "statement-failed" });
    await expect(sql.execute("SELECT ?", [true as never])).rejects.toMatchObject({ code: "statement-failed" });
    expect((await sql.execute("SELECT count(*) AS n FROM orders_row")).rows).toEqual([{ n: 0 }]);
  });
});

test("more sessions than connections wait in line, and not for ever", async () => {
  using folder = temporaryFolder();
  await using opened = await openStore({ path: folder.path, readSessions: 2, readLimitMs: 300 });
  const { store } = opened;
  const open = await Promise.all([store.session("orders"), store.session("orders")]);
  for (const session of open) await sqlOf(session).execute("SELECT 1");
  await expect(inSession(store, (sql) => sql.execute("SELECT 1"))).rejects.toMatchObject({
    code: "overloaded",
    retry: "later",
  });
  const waiting = inSession(store, (sql) => sql.execute("SELECT 2 AS n"));
  await open[0].end();
  expect((await waiting).rows).toEqual([{ n: 2 }]);
  await open[1].end();
});

test("statements of one session are answered in the order they were asked, of one view", async () => {
  using folder = temporaryFolder();
  await using opened = await openStore({ path: folder.path });
  const session = await opened.store.session("orders");
  const asked = Array.from({ length: 200 }, (_, i) =>
    sqlOf(session).execute("SELECT ? AS n, (SELECT count(*) FROM orders_row) AS rows", [i]),
  );
  await inUnit(opened.store, (sql) => sql.execute("INSERT INTO orders_row VALUES ('a', 'b')"));
  const answers = (await Promise.all(asked)).map(({ rows }) => rows[0]);
  expect(answers.map((row) => row?.["n"])).toEqual(Array.from({ length: 200 }, (_, i) => i));
  expect(new Set(answers.map((row) => row?.["rows"])).size).toBe(1);
  await session.end();
});

test("closing frees who still reads or waits in line", async () => {
  using folder = temporaryFolder();
  const { store } = await openStore({ path: folder.path, readSessions: 1 });
  const session = await store.session("orders");
  await sqlOf(session).execute("SELECT 1");
  const inLine = inSession(store, (sql) => sql.execute("SELECT 1"));
  const reading = sqlOf(session).execute("SELECT 1");
  const refused = Promise.allSettled([inLine, reading]);
  await store.close();
  const draining = { status: "rejected", reason: { code: "draining" } };
  expect(await refused).toMatchObject([draining, draining]);
});

import { memoryDisk } from "@banyan/core";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BILLING, inSession, openStore, ORDERS, planOf, temporaryFolder } from "./fixture.ts";

const later = {
  name: "002-note.sql",
  sql: "ALTER TABLE orders_row ADD COLUMN note TEXT;\r\nCREATE INDEX orders_row_note ON orders_row (note);",
};

test("migrations are applied once, in the order of their names", async () => {
  const memory = memoryDisk();
  await openStore({ memory }, planOf({ orders: [later, ORDERS] }));
  const again = await openStore({ memory }, planOf({ orders: [later, ORDERS] }));
  expect(again.state.warnings).toEqual([]);
  const { rows } = await inSession(again.store, (sql) =>
    sql.execute("SELECT context, name FROM banyan_migration ORDER BY 1, 2"),
  );
  expect(rows.map((row) => Object.values(row).join("/"))).toEqual([
    "billing/001-row.sql",
    "orders/001-row.sql",
    "orders/002-note.sql",
  ]);
});

test("line ends are no change of a migration; a changed text is, and everything wrong is reported together", async () => {
  const memory = memoryDisk();
  await openStore({ memory }, planOf({ orders: [ORDERS, later] }));
  await openStore({ memory }, planOf({ orders: [ORDERS, { ...later, sql: later.sql.replaceAll("\r\n", "\n") }] }));
  const changed = { ...later, sql: `${later.sql} -- now` };
  await expect(openStore({ memory }, planOf({ orders: [ORDERS, changed] }))).rejects.toMatchObject({
    code: "migration-changed",
    message: expect.stringContaining("002-note.sql"),
  });
  const wrong = planOf({
    orders: [ORDERS, changed, { name: "3.sql", sql: "" }],
    billing: [{ ...BILLING, sql: "SELECT 1" }],
  });
  await expect(openStore({ memory }, wrong)).rejects.toMatchObject({
    code: "registration-refused",
    details: {
      violations: [{ code: "migration-changed" }, { code: "migration-invalid" }, { code: "migration-changed" }],
    },
  });
});

test("a migration that the code does not have, and one that comes late, are warnings", async () => {
  const memory = memoryDisk();
  await openStore({ memory }, planOf({ orders: [ORDERS, later] }));
  const { state } = await openStore(
    { memory },
    planOf({ orders: [ORDERS, { name: "001-z.sql", sql: "CREATE TABLE orders_z (x)" }] }),
  );
  expect(state.warnings).toEqual([
    'The database has the migration "002-note.sql" of "orders", which this code does not have.',
    'The migration "001-z.sql" of "orders" was applied after "002-note.sql".',
  ]);
});

test.each([
  ["nonsense here;", "migration-failed", "nonsense here;"],
  ["INSERT INTO orders_none VALUES (1);", "migration-failed", "INSERT INTO orders_none"],
  ["CREATE TABLE others (x);", "migration-invalid", "CREATE TABLE others"],
  ["INSERT INTO orders_half VALUES (?);", "migration-invalid", "INSERT INTO orders_half"],
])("a statement of a file that fails is named with file and line: %s", async (statement, code, words) => {
  const sql = `CREATE TABLE orders_half (x);\n\n-- the second\n${statement}\n`;
  const failing = { name: "002-fail.sql", sql, file: "/app/orders/002-fail.sql" };
  await expect(openStore({ memory: memoryDisk() }, planOf({ orders: [ORDERS, failing] }))).rejects.toMatchObject({
    code,
    message: expect.stringContaining(`at: /app/orders/002-fail.sql:4: ${words}`),
  });
});

test("a failing migration leaves nothing, names its statement, and does not hide what fails in another context", async () => {
  const memory = memoryDisk();
  const failing = {
    name: "002-fail.sql",
    sql: "CREATE TABLE orders_half (x);\n-- the second\nINSERT INTO orders_none VALUES (1);\n",
  };
  const opening = openStore(
    { memory },
    planOf({ orders: [ORDERS, failing], billing: [{ ...BILLING, sql: "nonsense here" }] }),
  );
  await expect(opening).rejects.toMatchObject({
    code: "registration-refused",
    message: expect.stringMatching(
      /002-fail\.sql.*orders_none.*at: INSERT INTO orders_none[^]*001-row\.sql.*at: nonsense here/,
    ),
  });
  const alone = openStore({ memory }, planOf({ orders: [ORDERS, failing] }));
  await expect(alone).rejects.toMatchObject({ code: "migration-failed" });
  const { store } = await openStore({ memory }, planOf({ orders: [ORDERS] }));
  const { rows } = await inSession(store, (sql) =>
    sql.execute("SELECT name FROM sqlite_schema WHERE name LIKE 'orders_half'"),
  );
  expect(rows).toEqual([]);
});

test.for([
  ["RAISE (ABORT, 'it''s not to be')", /failed: it's not to be, at: INSERT/],
  [
    "RAISE (ABORT, 'no ' || NEW.x)",
    /failed: a trigger refused a row, in words that it makes from the data, at: INSERT/,
  ],
] as const)("what a trigger says of a row is told where it names none: %s", async ([raise, told]) => {
  const trigger = `CREATE TRIGGER orders_no BEFORE INSERT ON orders_half BEGIN SELECT ${raise}; END;`;
  const sql = `CREATE TABLE orders_half (x); ${trigger}\nINSERT INTO orders_half SELECT 'can' || 'ary';\n`;
  const failed = await openStore(
    { memory: memoryDisk() },
    planOf({ orders: [ORDERS, { name: "002-no.sql", sql }] }),
  ).then(
    () => "opened",
    ({ message }: Error) => message,
  );
  expect(failed).toMatch(told);
  expect(failed).not.toContain("canary");
});

test.for([
  ["CREATE TABLE elsewhere (x)", "elsewhere"],
  ["CREATE TABLE billing_more (x)", "billing_more"],
  ["CREATE TABLE orders_x (y); CREATE INDEX billing_i ON orders_x (y)", "billing_i"],
  ["CREATE TABLE orders_x (y); DROP TABLE billing_row", "billing_row"],
  ["CREATE TABLE orders_x AS SELECT * FROM billing_row", "billing_row"],
  ["CREATE TABLE orders_x (y REFERENCES billing_row (key))", "foreign key"],
  ["ALTER TABLE billing_row ADD COLUMN x", "billing_row"],
  ["DELETE FROM banyan_cursor", "banyan_cursor"],
  ["CREATE TABLE orders_x (y); COMMIT", "begins, commits"],
  ["PRAGMA journal_mode = DELETE", "journal_mode"],
] as const)("a migration of orders may not: %s", async ([sql, named]) => {
  const memory = memoryDisk();
  await openStore({ memory });
  const opening = openStore({ memory }, planOf({ orders: [ORDERS, { name: "002-x.sql", sql }] }));
  await expect(opening).rejects.toMatchObject({ code: "migration-invalid", message: expect.stringContaining(named) });
  const { state, store } = await openStore({ memory });
  expect(state.warnings).toEqual([]);
  const { rows } = await inSession(store, (read) =>
    read.execute("SELECT name FROM sqlite_schema WHERE name LIKE 'orders_x%'"),
  );
  expect(rows).toEqual([]);
});

test("a migration may use all of a schema: keys, indexes, triggers, views, full text, table rebuilds", async () => {
  const sql = `
    CREATE TABLE orders_a (id INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT UNIQUE, c TEXT GENERATED ALWAYS AS (upper(b)) STORED) STRICT;
    CREATE UNIQUE INDEX orders_a_c ON orders_a (c);
    CREATE TABLE orders_b (a INTEGER REFERENCES orders_a (id) ON DELETE CASCADE);
    CREATE VIEW orders_v AS SELECT * FROM orders_a;
    CREATE TRIGGER orders_t AFTER INSERT ON orders_a BEGIN INSERT INTO orders_b VALUES (new.id); END;
    CREATE VIRTUAL TABLE orders_f USING fts5 (body);
    INSERT INTO orders_a (b) VALUES ('x'); INSERT INTO orders_f VALUES ('some words');
    CREATE TABLE orders_new (id INTEGER PRIMARY KEY, b TEXT);
    INSERT INTO orders_new SELECT id, b FROM orders_a;
    DROP TRIGGER orders_t; DROP VIEW orders_v; DROP TABLE orders_b; DROP TABLE orders_a;
    ALTER TABLE orders_new RENAME TO orders_a;
    ALTER TABLE orders_a RENAME COLUMN b TO bb; ALTER TABLE orders_a DROP COLUMN bb;
    ANALYZE orders_a;`;
  const { store } = await openStore({ memory: true }, planOf({ orders: [ORDERS, { name: "002-all.sql", sql }] }));
  const { rows } = await inSession(store, (read) =>
    read.execute("SELECT count(*) AS n FROM orders_f WHERE orders_f MATCH 'words'"),
  );
  expect(rows[0]).toEqual({ n: 1 });
});

test("data of a newer format is refused and left as it is", async () => {
  using folder = temporaryFolder();
  const { store } = await openStore({ path: folder.path });
  await store.close();
  const db = new DatabaseSync(join(folder.path, "banyan.db"));
  db.exec("UPDATE banyan_meta SET value = '99' WHERE name = 'format'");
  db.close();
  await expect(openStore({ path: folder.path })).rejects.toMatchObject({ code: "format-newer" });
});

test("a context cannot take the runtime's prefix", async () => {
  const plan = { contexts: [{ name: "banyan", prefix: "banyan_", migrations: [] }], now: () => 0, newId: () => "id" };
  await expect(openStore({ memory: true }, plan)).rejects.toMatchObject({ code: "prefix-collision" });
});

import { constants, DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { Guard, judge, type Policy } from "./authorizer.ts";
import { inSession, inUnit, openStore } from "./fixture.ts";
import { isBlank, Statements } from "./statements.ts";

const VIEWS = [
  {
    name: "001-row.sql",
    sql: "CREATE TABLE orders_row (key TEXT PRIMARY KEY, value TEXT); CREATE VIEW orders_all AS SELECT * FROM orders_row;",
  },
  { name: "002-peek.sql", sql: "CREATE VIEW orders_peek AS SELECT * FROM billing_row;" },
  {
    name: "003-reach.sql",
    sql: "CREATE TABLE orders_reach (x); CREATE TRIGGER orders_reach_out AFTER INSERT ON orders_reach BEGIN DELETE FROM billing_row; END;",
  },
];

const REFUSED: Readonly<Record<string, readonly string[]>> = {
  "transaction-statement": ["BEGIN", "COMMIT", "ROLLBACK", "END", "SAVEPOINT a", "RELEASE a", "begin immediate"],
  "table-foreign": [
    "SELECT * FROM billing_row",
    "SELECT count(*) FROM Billing_Row",
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM billing_row)",
    "WITH a AS (SELECT key FROM billing_row) SELECT * FROM a",
    "SELECT * FROM orders_peek",
    "INSERT INTO orders_reach VALUES (1)",
    "INSERT INTO orders_row SELECT key, value FROM billing_row",
    "UPDATE billing_row SET value = 1",
    "DELETE FROM billing_row",
    "DELETE FROM banyan_cursor",
    "UPDATE banyan_log_orders SET body = ''",
    "INSERT INTO banyan_meta VALUES ('a', 'b')",
  ],
  "statement-failed": [
    "ATTACH ':memory:' AS other",
    "PRAGMA synchronous = OFF",
    "PRAGMA foreign_keys = OFF",
    "CREATE TABLE orders_new (x)",
    "CREATE TABLE elsewhere (x)",
    "CREATE TEMP TABLE orders_temp (x)",
    "DROP TABLE orders_row",
    "ALTER TABLE orders_row ADD COLUMN more",
    "UPDATE sqlite_sequence SET seq = 0",
    "VACUUM",
    "SELECT 1; SELECT 2",
    "INSERT INTO orders_row VALUES ('a', 'b'); DELETE FROM orders_row",
    "SELECT * FROM orders_none",
    "nonsense",
    "",
    "-- nothing",
  ],
};

for (const [code, statements] of Object.entries(REFUSED)) {
  test.for(statements)(`${code}: %s`, async (statement) => {
    await using opened = await openStore({ memory: true }, withViews());
    const running = inUnit(opened.store, async (sql) => {
      await sql.execute("INSERT INTO orders_row VALUES ('kept', '')");
      await sql.execute(statement);
    });
    await expect(running).rejects.toMatchObject({ code, message: expect.stringContaining("orders.place-order") });
    const { rows } = await inSession(opened.store, (sql) => sql.execute("SELECT * FROM orders_row"));
    expect(rows).toEqual([]);
  });
}

const ALLOWED = [
  "SELECT * FROM orders_row AS o JOIN orders_row USING (key)",
  "SELECT * FROM orders_all",
  "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3) SELECT count(*) FROM n",
  "SELECT value ->> 'a' FROM json_each('[{\"a\":1}]')",
  "SELECT count(*) FROM json_each('[]')",
  "SELECT name FROM sqlite_schema",
  "SELECT count(*) FROM banyan_log_orders",
  "PRAGMA table_info(orders_row)",
  "PRAGMA defer_foreign_keys = ON",
  "INSERT INTO orders_row VALUES ('a', random()) ON CONFLICT DO UPDATE SET value = datetime('now') RETURNING *",
  "SELECT 1; -- and no more\n /* than this */ ;",
];

test.for(ALLOWED)("allowed: %s", async (statement) => {
  await using opened = await openStore({ memory: true }, withViews());
  await expect(inUnit(opened.store, (sql) => sql.execute(statement))).resolves.toBeDefined();
});

test("a text is judged for each context by itself, although another one has prepared it", async () => {
  await using opened = await openStore({ memory: true });
  const transaction = await opened.store.begin();
  const own = transaction.unit("billing", "billing.charge");
  const other = transaction.unit("orders", "orders.place-order");
  const text = "INSERT INTO billing_row VALUES ('a', 'b')";
  await Reflect.get(own.raw, "execute")(text);
  await expect(Reflect.get(other.raw, "execute")(text)).rejects.toMatchObject({ code: "table-foreign" });
  await transaction.commit();
});

test("rights are checked again when SQLite prepares a cached statement again", () => {
  const db = new DatabaseSync(":memory:");
  db.exec(
    "CREATE TABLE orders_row (key, value); CREATE TABLE billing_row (key, value); CREATE VIEW orders_all AS SELECT * FROM orders_row",
  );
  const guard = new Guard(db);
  guard.learn(db);
  const policy: Policy = { context: "orders", prefix: "orders_", may: "write" };
  const statements = new Statements(db, guard, policy);
  statements.execute({ sql: "SELECT * FROM orders_all", parameters: [] });
  db.exec("DROP VIEW orders_all; CREATE VIEW orders_all AS SELECT * FROM billing_row");
  expect(() => statements.execute({ sql: "SELECT * FROM orders_all", parameters: [] })).toThrow(
    expect.objectContaining({ code: "table-foreign" }),
  );
});

test("changes and ids are those of the statement, not of an earlier one", async () => {
  await using opened = await openStore({ memory: true });
  const outcomes = await inUnit(opened.store, async (sql) => {
    const insert = await sql.execute("INSERT INTO orders_row VALUES ('a', '1'), ('b', '2')");
    const select = await sql.execute("SELECT * FROM orders_row");
    const pragma = await sql.execute("PRAGMA defer_foreign_keys = ON");
    const update = await sql.execute("UPDATE orders_row SET value = '3' RETURNING key");
    const remove = await sql.execute("DELETE FROM orders_row WHERE key = 'none'");
    return [insert, select, pragma, update, remove].map(({ changes, insertId }) => [changes, insertId]);
  });
  expect(outcomes).toEqual([
    [2, 2],
    [0, undefined],
    [0, undefined],
    [2, undefined],
    [0, undefined],
  ]);
});

test("comments, spaces and semicolons are no statement; anything else is", () => {
  expect(["", " \n;;", "-- a", "-- a\n/* b\n */;", "/* never closed"].filter((text) => !isBlank(text))).toEqual([]);
  expect(["x", "-- a\nx", "/* */ x", "'--'"].filter(isBlank)).toEqual([]);
});

function withViews(): Parameters<typeof openStore>[1] {
  const contexts = [
    {
      name: "billing",
      prefix: "billing_",
      migrations: [{ name: "001-row.sql", sql: "CREATE TABLE billing_row (key TEXT, value TEXT)" }],
    },
    { name: "orders", prefix: "orders_", migrations: VIEWS },
  ];
  return { contexts, now: () => 0, newId: () => "id" };
}

test.each(["sqlite_dbpage", "SQLITE_STAT4"])(
  "what shows rows of any table is refused, where a build has it: %s",
  (table) => {
    const policy: Policy = { context: "orders", prefix: "orders_", may: "read" };
    const action = { code: constants.SQLITE_READ, first: table, second: "data", database: "main", within: null };
    expect(judge(policy, new Set(), action)).toMatchObject({ code: "table-foreign" });
  },
);

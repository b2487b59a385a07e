import { DatabaseSync, type StatementSync } from "node:sqlite";
import { expect, test } from "vitest";
import { Guard } from "./authorizer.ts";
import { Statements } from "./statements.ts";

class Counting extends DatabaseSync {
  prepared = 0;
  override prepare(sql: string): StatementSync {
    this.prepared++;
    return super.prepare(sql);
  }
}

/** How often a statement is prepared that runs twice. */
function preparedFor(sql: string): number {
  using db = new Counting(":memory:");
  db.exec("CREATE TABLE orders_row (n)");
  const statements = new Statements(db, new Guard(db), { context: "orders", prefix: "orders_", may: "write" });
  for (const parameters of [[], []]) statements.execute({ sql, parameters });
  return db.prepared;
}

test.each(["SELECT * FROM orders_row", "INSERT INTO orders_row VALUES (1)", "SELECT 'explain'"])(
  "a statement is prepared once and kept: %s",
  (sql) => expect(preparedFor(sql)).toBe(1),
);

// A kept one read memory that was gone, and ended the process: the schema had been read anew, which it does not look for.
test.each([
  "EXPLAIN UPDATE orders_row SET n = 1",
  "explain query plan SELECT * FROM orders_row",
  "; -- what it would do\n/* ; */ EXPLAIN DELETE FROM orders_row",
])("what a statement would do is asked anew each time: %s", (sql) => expect(preparedFor(sql)).toBe(2));

test("a statement that is kept is given as many values as it takes, each time", () => {
  using db = new DatabaseSync(":memory:");
  db.exec("CREATE TABLE orders_row (n)");
  const statements = new Statements(db, new Guard(db), { context: "orders", prefix: "orders_", may: "write" });
  const sql = "INSERT INTO orders_row VALUES (?)";
  for (const given of [1, 2]) {
    statements.execute({ sql, parameters: [given] });
    expect(() => statements.execute({ sql, parameters: [] })).toThrow("takes 1 value and was given 0");
    expect(() => statements.execute({ sql, parameters: [3, 4] })).toThrow("takes 1 value and was given 2");
  }
  expect(db.prepare("SELECT n FROM orders_row").all()).toEqual([{ n: 1 }, { n: 2 }]);
});

test("an integer that SQL made and no number holds is refused with the way to read it", () => {
  using db = new DatabaseSync(":memory:");
  const statements = new Statements(db, new Guard(db), { context: "orders", prefix: "orders_", may: "read" });
  const parameters: [] = [];
  expect(() => statements.execute({ sql: "SELECT 1 << 60 AS n", parameters })).toThrow("CAST(the_column AS TEXT)");
  expect(statements.execute({ sql: "SELECT CAST(1 << 60 AS TEXT) AS n", parameters }).rows).toEqual([
    { n: "1152921504606846976" },
  ]);
});

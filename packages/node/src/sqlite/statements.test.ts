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

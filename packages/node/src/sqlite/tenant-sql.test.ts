import { describe, expect, test } from "vitest";
import { guardedSql } from "./tenant-sql.ts";

const guarded = {
  tables: new Set(["shop_order", "shop_line"]),
  shadowed: new Set(["shop_order", "shop_line", "shop_open"]),
};
const OWN = "banyan_tenant() COLLATE BINARY";
const spaced = (text: string): string => text.replaceAll(/\s+/g, " ").trim();
const of = (sql: string): string => spaced(guardedSql(sql, guarded, false).text);

describe("a statement of a tenant", () => {
  test.each([
    "SELECT 1",
    "SELECT * FROM shop_order",
    'SELECT "shop_order"."id" FROM "shop_order" JOIN shop_open USING (id)',
    "WITH a AS (SELECT * FROM shop_order) SELECT * FROM a",
    "INSERT INTO shop_other SELECT * FROM shop_order",
    "UPDATE shop_other SET n = (SELECT count(*) FROM shop_order)",
    "SELECT 'UPDATE shop_order SET x = 1'",
    "SELECT 1 -- shop_order\n",
  ])("that writes to nothing guarded stays as it is: %s", (sql) => {
    expect(of(sql)).toBe(spaced(sql));
  });

  test.each([
    ["INSERT INTO shop_order (id) VALUES (1)", "INSERT INTO main.shop_order (id) VALUES (1)"],
    ["insert or ignore into `Shop_Order` values (?)", "insert or ignore into main.`Shop_Order` values (?)"],
    ["REPLACE INTO [shop_order] VALUES (1)", "REPLACE INTO main.[shop_order] VALUES (1)"],
    [
      "INSERT INTO shop_order AS o SELECT * FROM shop_order WHERE true ON CONFLICT DO UPDATE SET n = o.n WHERE o.n > 1",
      "INSERT INTO main.shop_order AS o SELECT * FROM shop_order WHERE true ON CONFLICT DO UPDATE SET n = o.n WHERE o.n > 1",
    ],
    ["UPDATE shop_order SET n = 1", `UPDATE main.shop_order SET n = 1 WHERE shop_order.tenant = ${OWN}`],
    [
      "UPDATE OR FAIL shop_order AS o SET n = 1 WHERE id = ? OR id = ?;",
      `UPDATE OR FAIL main.shop_order AS o SET n = 1 WHERE o.tenant = ${OWN} AND ( id = ? OR id = ?) ;`,
    ],
    [
      'UPDATE "shop_order" SET n = (SELECT max(n) FROM shop_order WHERE n > 1) RETURNING *',
      `UPDATE main."shop_order" SET n = (SELECT max(n) FROM shop_order WHERE n > 1) WHERE "shop_order".tenant = ${OWN} RETURNING *`,
    ],
    [
      "DELETE FROM shop_order WHERE id IN (SELECT id FROM shop_line) -- all of them",
      `DELETE FROM main.shop_order WHERE shop_order.tenant = ${OWN} AND ( id IN (SELECT id FROM shop_line)) -- all of them`,
    ],
    [
      "WITH gone AS (DELETE_NOT), replace AS (SELECT 1) DELETE FROM shop_line",
      `WITH gone AS (DELETE_NOT), replace AS (SELECT 1) DELETE FROM main.shop_line WHERE shop_line.tenant = ${OWN}`,
    ],
    ["DELETE FROM shop_order /* WHERE */ ", `DELETE FROM main.shop_order WHERE shop_order.tenant = ${OWN} /* WHERE */`],
  ])("writes to its own rows: %s", (sql, text) => {
    expect(of(sql)).toBe(text);
  });

  test.each([
    "SELECT * FROM main.shop_order",
    "SELECT * FROM 'main' . [shop_order]",
    'DELETE FROM "MAIN"/* */."SHOP_ORDER"',
    "SELECT * FROM main.shop_open",
    "WITH shop_order AS (SELECT 1) SELECT * FROM shop_order",
    "WITH RECURSIVE shop_order (n) AS (SELECT 1) SELECT * FROM shop_order",
    "WITH a AS (SELECT 1), shop_order AS NOT MATERIALIZED (SELECT 1) SELECT 1",
    "REPLACE INTO shop_order (rowid, id) VALUES (1, 1)",
    "INSERT INTO shop_order (`OID`) VALUES (1)",
    "DELETE FROM shop_order WHERE 1) OR (1",
    "SELECT $a(') FROM main.shop_order --')",
  ])("past the guard is refused: %s", (sql) => {
    expect(() => of(sql)).toThrow(expect.objectContaining({ code: "tenant-guarded" }));
  });
});

test("across tenants the tables themselves are named, where a table can stand", () => {
  const across = (sql: string): string => guardedSql(sql, guarded, true).text;
  expect(across('SELECT "shop_order".id, o.shop_order FROM "shop_order", shop_line AS o')).toBe(
    'SELECT "shop_order".id, o.shop_order FROM main."shop_order", main.shop_line AS o',
  );
  expect(across("UPDATE OR IGNORE shop_order SET n = 1 WHERE id IN shop_line")).toBe(
    "UPDATE OR IGNORE main.shop_order SET n = 1 WHERE id IN main.shop_line",
  );
  expect(across("DELETE FROM shop_order")).toBe("DELETE FROM main.shop_order");
  expect(across("SELECT * FROM (shop_open JOIN shop_other)")).toBe("SELECT * FROM (main.shop_open JOIN shop_other)");
});

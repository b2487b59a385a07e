import { isBanyanError } from "@banyan/core";
import { TENANTS } from "./tenant-fixture.ts";

// What the tests of tables of tenants ask for, and how they judge what they get.

/** Ways to ask for rows; each has something to show of one's own. */
export const READS: readonly string[] = [
  "SELECT * FROM shop_order",
  "SELECT note FROM shop_order WHERE id = '1' OR 1 = 1",
  "SELECT group_concat(note) AS notes FROM shop_order",
  "SELECT o.note, l.note AS line_note FROM shop_order AS o JOIN shop_line AS l ON l.order_id = o.id",
  "SELECT * FROM shop_order NATURAL JOIN shop_line",
  "SELECT o.*, l.note AS line_note FROM shop_order o LEFT JOIN shop_line l ON l.line > 0",
  "SELECT o.*, l.note AS line_note FROM shop_order o FULL OUTER JOIN shop_line l ON l.line > 5",
  "SELECT (SELECT group_concat(note) FROM shop_line) AS notes",
  "SELECT note FROM shop_order WHERE EXISTS (SELECT 1 FROM shop_line l WHERE l.note = shop_order.note)",
  "SELECT note FROM shop_order WHERE id IN (SELECT order_id FROM shop_line)",
  "WITH mine AS (SELECT * FROM shop_order) SELECT * FROM mine",
  "WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 3) SELECT note FROM up, shop_order",
  "SELECT note FROM shop_order UNION ALL SELECT note FROM shop_line",
  "SELECT note FROM shop_order EXCEPT SELECT 'nothing'",
  "SELECT note, row_number() OVER (ORDER BY note) AS place FROM shop_order",
  "SELECT json_group_array(json_object('note', note)) AS notes FROM shop_order",
  "SELECT note FROM (SELECT * FROM (SELECT * FROM shop_order))",
  "SELECT note FROM temp.shop_order",
  'SELECT "SHOP_ORDER"."note" FROM [Shop_Order]',
  "SELECT * FROM shop_busy",
  "SELECT note FROM shop_busy WHERE tenant <> banyan_tenant() OR true",
  "SELECT note FROM shop_order WHERE tenant IN ('acme', 'beta', 'gamma')",
  "VALUES ((SELECT max(note) FROM shop_order))",
];

/** Ways to get at what is not one's own; some are refused, and none gets it. */
export const TRICKS: readonly string[] = [
  "SELECT * FROM shop_past",
  "SELECT body FROM banyan_log_shop",
  "SELECT (SELECT group_concat(body) FROM banyan_log_shop)",
  "SELECT note FROM shop_order INDEXED BY sqlite_autoindex_shop_order_1",
  "SELECT * FROM main.shop_order",
  "SELECT * FROM main.shop_busy",
  "SELECT * FROM 'main'.'shop_order'",
  "WITH shop_order AS (SELECT * FROM main.shop_order) SELECT * FROM shop_order",
  "WITH shop_order AS (SELECT * FROM shop_order) SELECT * FROM shop_order",
  "SELECT rowid, * FROM shop_order",
  "SELECT * FROM sqlite_schema",
  "SELECT * FROM sqlite_temp_schema",
  "SELECT * FROM sqlite_stat1",
  "SELECT * FROM pragma_table_info('shop_order')",
  "SELECT * FROM dbstat",
  "SELECT * FROM sqlite_dbpage",
  "PRAGMA table_info(shop_order)",
  "PRAGMA writable_schema = 1",
  "PRAGMA foreign_key_check",
  "PRAGMA quick_check",
  "ATTACH ':memory:' AS other",
  "CREATE TEMP TABLE mine AS SELECT * FROM main.shop_order",
  "CREATE TEMP VIEW mine AS SELECT * FROM main.shop_order",
  "DROP VIEW temp.shop_order",
  "DROP TRIGGER temp.banyan_tenant_update_shop_order",
  "VACUUM INTO '/dev/null'",
  "SELECT banyan_tenant(), banyan_foreign('beta')",
  "EXPLAIN SELECT * FROM shop_order",
  "EXPLAIN UPDATE shop_order SET n = 1",
];

/** Ways to write, with `:own` for the tenant at work and `:other` for another. */
export const WRITES: readonly string[] = [
  "INSERT INTO shop_order (id, note) VALUES ('3', 'of :own')",
  "INSERT INTO shop_order (tenant, id, note) VALUES (':own', '3', 'of :own') RETURNING *",
  "INSERT INTO shop_order (tenant, id, note) VALUES (':other', '3', 'of :own')",
  "INSERT OR IGNORE INTO shop_order (tenant, id, note) VALUES (':other', '3', 'of :own')",
  "INSERT INTO shop_order (id, note) VALUES ('1', 'of :own') ON CONFLICT (tenant, id) DO UPDATE SET n = n + excluded.n RETURNING *",
  "INSERT INTO shop_order (tenant, id, note) VALUES (':other', '1', 'x') ON CONFLICT DO UPDATE SET note = excluded.note",
  "INSERT INTO shop_order (id, note) VALUES ('1', 'of :own') ON CONFLICT DO NOTHING",
  "INSERT INTO shop_order (id, note) SELECT id || 'x', note FROM shop_order",
  "INSERT INTO shop_order (tenant, id, note) SELECT ':other', id, note FROM shop_order",
  "REPLACE INTO shop_order (id, note) VALUES ('1', 'of :own')",
  "REPLACE INTO shop_order (tenant, id, note) VALUES (':other', '1', 'x')",
  "REPLACE INTO shop_order (rowid, id, note) VALUES (1, '9', 'x'), (2, '8', 'x'), (3, '7', 'x'), (4, '6', 'x')",
  "UPDATE shop_order SET n = n + 1",
  "UPDATE shop_order SET n = n + 1 WHERE id = '1' OR 1 = 1 RETURNING *",
  "UPDATE shop_order AS o SET n = (SELECT count(*) FROM shop_line l WHERE l.order_id = o.id) RETURNING note, n",
  "UPDATE shop_order SET note = (SELECT group_concat(note) FROM shop_order)",
  "UPDATE shop_order SET note = l.note FROM shop_line AS l WHERE l.order_id = shop_order.id",
  "UPDATE shop_order SET tenant = ':other'",
  "UPDATE OR REPLACE shop_order SET tenant = ':other'",
  "UPDATE OR REPLACE shop_order SET rowid = rowid + 1",
  "UPDATE shop_order SET n = 1 WHERE tenant = ':other'",
  "UPDATE main.shop_order SET n = 1",
  "UPDATE shop_line SET note = 'of :own' WHERE order_id IN (SELECT id FROM shop_order)",
  "WITH l AS (SELECT * FROM shop_line) UPDATE shop_order SET n = (SELECT count(*) FROM l)",
  "WITH l AS (SELECT * FROM shop_line) DELETE FROM shop_order WHERE id IN (SELECT order_id FROM l) RETURNING note",
  "DELETE FROM shop_order",
  "DELETE FROM shop_order WHERE tenant = ':other'",
  "DELETE FROM shop_line WHERE 1 = 1 OR order_id = '1' RETURNING *",
  "DELETE FROM shop_order WHERE (SELECT 1)) OR (1",
  "DELETE FROM shop_busy",
  "INSERT INTO shop_line (tenant, order_id, line, note) VALUES (':other', '1', 3, 'of :own')",
  "INSERT INTO shop_line (order_id, line, note) VALUES ('1', 3, 'of :own')",
  "INSERT INTO shop_price (sku, cents) SELECT note, n FROM shop_order",
];

/** What was answered, as text; the words of a refusal, where one of our own or the database's was the answer. */
export async function answerOf(work: Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await work, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
  } catch (error) {
    if (isBanyanError(error)) return error.message;
    throw error;
  }
}

export const mentions = (answer: string, tenants: readonly string[]): string[] =>
  tenants.filter((tenant) => answer.includes(`of ${tenant}`));

export const others = (tenant: string): string[] => TENANTS.filter((other) => other !== tenant);
export const filledIn = (sql: string, own: string, other: string): string =>
  sql.replaceAll(":own", own).replaceAll(":other", other);

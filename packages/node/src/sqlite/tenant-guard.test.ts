import { isBanyanError, type Store, type StoreTransaction } from "@banyan/core";
import { join } from "node:path";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { openStore, sqlOf, temporaryFolder } from "./fixture.ts";
import type { SqliteOptions } from "./options.ts";
import { restoreBackup } from "./restore.ts";
import { sqlite } from "./sqlite.ts";
import {
  ask,
  asTenant,
  fillTenants,
  othersIn,
  othersThan,
  readAs,
  TABLES,
  tenantPlan,
  TENANTS,
} from "./tenant-fixture.ts";

/** Ways to ask for rows; each has something to show of one's own. */
const READS: readonly string[] = [
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
const TRICKS: readonly string[] = [
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
const WRITES: readonly string[] = [
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
async function answerOf(work: Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await work, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
  } catch (error) {
    if (isBanyanError(error)) return error.message;
    throw error;
  }
}

const mentions = (answer: string, tenants: readonly string[]): string[] =>
  tenants.filter((tenant) => answer.includes(`of ${tenant}`));

/** What was shown to a tenant of others, or not shown of its own. */
async function shownWrong(store: Store): Promise<readonly string[]> {
  const found: string[] = [];
  for (const tenant of TENANTS)
    for (const sql of [...READS, ...TRICKS])
      for (const way of [asTenant, readAs]) {
        const answer = await answerOf(way(store, tenant, ask(sql)));
        const foreign = mentions(answer, others(tenant));
        if (foreign.length > 0) found.push(`${sql} showed ${foreign.join()} to ${tenant}`);
        if (READS.includes(sql) && mentions(answer, [tenant]).length === 0) found.push(`${sql}: ${answer}`);
      }
  return found;
}

/** What was changed or shown of others by writing for a tenant; each write is tried, rolled back, and then kept. */
async function changedWrong(store: Store): Promise<readonly string[]> {
  const found: string[] = [];
  for (const tenant of TENANTS) {
    const before = await othersThan(store, tenant);
    for (const sql of WRITES.flatMap((write) => others(tenant).map((other) => filledIn(write, tenant, other)))) {
      const transaction = await store.begin();
      const answer = await answerOf(sqlOf(transaction.unit("shop", "shop.write", tenant)).execute(sql));
      const within = await othersIn(sqlOf(transaction.unit("shop", "shop.look", "*")), tenant);
      await transaction.rollback();
      await asTenant(store, tenant, ask(sql)).catch(() => {});
      const foreign = mentions(answer, others(tenant));
      if (foreign.length > 0) found.push(`${sql} showed ${foreign.join()}`);
      if (within !== before) found.push(`${sql} changed rows of others`);
      if ((await othersThan(store, tenant)) !== before) return [...found, `${sql} was kept among the rows of others`];
    }
  }
  return found;
}

const others = (tenant: string): string[] => TENANTS.filter((other) => other !== tenant);
const filledIn = (sql: string, own: string, other: string): string =>
  sql.replaceAll(":own", own).replaceAll(":other", other);

describe.each([
  ["in memory", () => ({ memory: true })],
  ["in a folder", ({ path }: { readonly path: string }) => ({ path })],
])("whatever is asked of tables of tenants, %s", (_, options) => {
  let store: Store;
  beforeEach(async () => {
    const folder = temporaryFolder();
    ({ store } = await openStore(options(folder) as SqliteOptions, tenantPlan()));
    await fillTenants(store);
    return async () => {
      await store.close();
      folder[Symbol.dispose]();
    };
  });

  test("shows one's own rows and none of others, in bodies and in reads", async () => {
    expect(await shownWrong(store)).toEqual([]);
  });

  test("changes one's own rows and none of others", async () => {
    expect(await changedWrong(store)).toEqual([]);
  });
});

describe("the matrix finds a store that", () => {
  const fault: Record<string, (store: Store) => Partial<Store>> = {
    "has no guard": (store) => ({
      session: (context) => store.session(context, "*"),
      begin: async () => withUnits(await store.begin(), () => "*"),
    }),
    "keeps to the first tenant it worked for": (store) => {
      let first: string | undefined;
      const always = (tenant: string): string => (tenant === "*" ? tenant : (first ??= tenant));
      return {
        session: (context, tenant = "") => store.session(context, always(tenant)),
        begin: async () => withUnits(await store.begin(), always),
      };
    },
  };
  test.each(Object.keys(fault))("%s", async (name) => {
    const { store } = await openStore({ memory: true }, tenantPlan());
    await fillTenants(store);
    const broken = altered(store, fault[name]?.(store) ?? {});
    expect((await shownWrong(broken)).length).toBeGreaterThan(0);
    expect((await changedWrong(broken)).length).toBeGreaterThan(0);
    await store.close();
  });
});

function altered<T extends object>(target: T, changes: Partial<T>): T {
  const get = (_: T, name: string | symbol): unknown => {
    if (Object.hasOwn(changes, name)) return Reflect.get(changes, name);
    const value: unknown = Reflect.get(target, name, target);
    return typeof value === "function" ? value.bind(target) : value;
  };
  return new Proxy(target, { get });
}

function withUnits(transaction: StoreTransaction, tenantOf: (tenant: string) => string): StoreTransaction {
  return altered(transaction, {
    unit: (context, name, tenant = "") => transaction.unit(context, name, tenantOf(tenant)),
  });
}

test("a view that names a table with its schema, and the runtime's tables, are read across tenants only", async () => {
  const { store } = await openStore({ memory: true }, tenantPlan());
  await fillTenants(store);
  for (const sql of ["SELECT * FROM shop_past", "SELECT * FROM banyan_log_shop", "SELECT * FROM banyan_command"]) {
    await expect(readAs(store, "acme", ask(sql))).rejects.toMatchObject({ code: "tenant-guarded" });
    await expect(readAs(store, "*", ask(sql))).resolves.toBeDefined();
  }
  await store.close();
});

describe("a body on tables of tenants", () => {
  let store: Store;
  beforeEach(async () => {
    ({ store } = await openStore({ memory: true }, tenantPlan()));
    await fillTenants(store);
    return () => store.close();
  });

  test("learns what it changed, inserted and what the defaults were", async () => {
    await asTenant(store, "acme", async (tx) => {
      const added = await tx.execute("INSERT INTO shop_order (id, note) VALUES ('3', '') RETURNING tenant, id, n");
      expect(added.rows).toEqual([{ tenant: "acme", id: "3", n: 7 }]);
      const plain = await tx.execute("INSERT INTO shop_order (id, note) VALUES ('4', '')");
      expect([plain.changes, typeof plain.insertId]).toEqual([1, "number"]);
      expect(await tx.execute("UPDATE shop_order SET n = 1")).toMatchObject({ changes: 4 });
      expect(await tx.execute("DELETE FROM shop_order WHERE id > '1'")).toMatchObject({ changes: 3 });
      expect((await tx.execute("SELECT count(*) AS n FROM shop_line")).rows).toEqual([{ n: 2 }]);
    });
  });

  test.each([
    [
      "INSERT INTO shop_order (tenant, id, note) VALUES ('beta', '3', '')",
      'writes a row of another tenant than "acme"',
    ],
    ["UPDATE shop_order SET tenant = 'beta'", 'writes a row of another tenant than "acme"'],
    ["SELECT * FROM main.shop_order", "with its schema, past the guard"],
  ])("is told what it did wrong: %s", async (sql, words) => {
    await expect(asTenant(store, "acme", ask(sql))).rejects.toMatchObject({
      code: "tenant-guarded",
      message: expect.stringContaining(words),
      remedy: expect.any(String),
    });
  });

  test("finds its rows by an index that begins with the tenant", async () => {
    const plans: [string, string][] = [
      ["SELECT * FROM shop_order WHERE id = '1'", "(tenant=? AND id=?)"],
      ["SELECT count(*) FROM shop_order", "(tenant=?)"],
      ["SELECT * FROM shop_order o JOIN shop_line l ON l.order_id = o.id", "(tenant=? AND id=?)"],
      ["SELECT * FROM shop_busy WHERE id = '1'", "(tenant=? AND id=?)"],
    ];
    for (const [sql, index] of plans) {
      const { rows } = await readAs(store, "acme", ask(`EXPLAIN QUERY PLAN ${sql}`));
      const steps = rows.map(({ detail }) => String(detail));
      const slow = steps.filter((step) => !/^SEARCH .* USING (?:COVERING )?(?:INDEX|PRIMARY KEY)/.test(step));
      expect({ sql, slow, found: steps.join("\n") }).toEqual({ sql, slow: [], found: expect.stringContaining(index) });
    }
  });

  test("keeps its tenant in inner transactions, also after one has failed", async () => {
    await asTenant(store, "acme", async (tx) => {
      const inner = tx.savepoint(async (part) => {
        await part.execute("UPDATE shop_order SET n = 1");
        await part.savepoint((innermost) => innermost.execute("DELETE FROM shop_order"));
        await part.execute("INSERT INTO shop_order (tenant, id, note) VALUES ('beta', '3', '')");
      });
      await expect(inner).rejects.toMatchObject({ code: "tenant-guarded" });
      await tx.savepoint((part) => part.execute("UPDATE shop_order SET note = 'kept'"));
    });
    const { rows } = await readAs(store, "*", ask("SELECT tenant, note, n FROM shop_order ORDER BY 1"));
    expect(rows).toEqual([
      ...["kept", "kept"].map((note) => ({ tenant: "acme", note, n: 7 })),
      ...["of beta", "of beta"].map((note) => ({ tenant: "beta", note, n: 7 })),
      ...["of gamma", "of gamma"].map((note) => ({ tenant: "gamma", note, n: 7 })),
    ]);
  });

  test("across tenants writes for the tenant it names, and for none by default", async () => {
    const own = "INSERT INTO shop_order (id, note) VALUES ('3', '')";
    await expect(asTenant(store, "*", ask(own))).rejects.toMatchObject({ code: "tenant-guarded" });
    await asTenant(store, "*", async (tx) => {
      await tx.execute("INSERT INTO shop_order (tenant, id, note) VALUES ('delta', '3', 'of delta')");
      expect(await tx.execute("UPDATE shop_order SET n = 9 WHERE id = '1'")).toMatchObject({ changes: 3 });
      expect((await tx.execute("SELECT count(*) AS n FROM shop_busy")).rows).toEqual([{ n: 12 }]);
    });
    const { rows } = await readAs(store, "delta", ask("SELECT * FROM shop_order"));
    expect(rows).toEqual([{ tenant: "delta", id: "3", note: "of delta", n: 7 }]);
  });
});

test("sessions of several tenants, however their statements fall between each other, each show one tenant's rows", async () => {
  using folder = temporaryFolder();
  await using opened = await openStore({ path: folder.path, readSessions: 3 }, tenantPlan());
  await fillTenants(opened.store);
  const asked = fc.record({
    tenant: fc.constantFrom(...TENANTS),
    reads: fc.array(fc.constantFrom(...READS), { maxLength: 4 }),
  });
  const mixes = fc.asyncProperty(fc.array(asked, { minLength: 2, maxLength: 12 }), async (sessions) => {
    const answers = sessions.map(({ tenant, reads }) =>
      readAs(opened.store, tenant, async (read) => {
        const rows = await Promise.all(reads.map((sql) => read.execute(sql)));
        return mentions(JSON.stringify(rows), others(tenant));
      }),
    );
    return (await Promise.all(answers)).flat().length === 0;
  });
  expect(await fc.check(mixes, { numRuns: 60 })).toMatchObject({ failed: false });
});

describe("at start", () => {
  const refused = async (sql: string, tables: readonly string[] = ["shop_order"]): Promise<unknown> => {
    const opening = openStore({ memory: true }, tenantPlan({ sql, tables }));
    return opening.then(
      ({ store }) => store.close(),
      (error: unknown) => error,
    );
  };
  test.each([
    ["CREATE TABLE shop_other (id TEXT)", "which no migration makes."],
    ["CREATE VIEW shop_order AS SELECT 1 AS tenant", "which is no table."],
    ["CREATE TABLE shop_order (id TEXT)", 'which has no column "tenant".'],
    [
      "CREATE TABLE shop_order (tenant INTEGER, id TEXT, PRIMARY KEY (tenant, id))",
      'whose column "tenant" is not TEXT.',
    ],
    ["CREATE TABLE shop_order (tenant TEXT, id INTEGER PRIMARY KEY)", "whose unique key (id) is one for all of them"],
    ["CREATE TABLE shop_order (tenant TEXT, id TEXT PRIMARY KEY)", "whose unique key (id) is one for all of them"],
    [
      "CREATE TABLE shop_order (tenant TEXT COLLATE NOCASE, id TEXT UNIQUE)",
      "whose unique key (id) is one for all of them",
    ],
    [
      "CREATE TABLE shop_order (tenant TEXT, id TEXT); CREATE UNIQUE INDEX shop_order_key ON shop_order (lower(id))",
      "whose unique key (an expression) is one for all of them",
    ],
    [
      "CREATE TABLE shop_order (tenant TEXT COLLATE NOCASE, id TEXT, PRIMARY KEY (tenant, id))",
      "whose unique key (tenant, id) is one for all of them",
    ],
    [
      `${TABLES} CREATE TRIGGER shop_count AFTER INSERT ON shop_price BEGIN UPDATE shop_order SET n = 0; END;`,
      'which the trigger "shop_count" names',
    ],
  ])("%s is refused", async (sql, words) => {
    expect(await refused(sql)).toMatchObject({
      code: "tenant-table-invalid",
      message: expect.stringContaining(words),
      remedy: expect.any(String),
    });
  });

  test("everything that is wrong is said at once", async () => {
    const error = await refused("CREATE TABLE shop_order (id TEXT)", ["shop_order", "shop_line"]);
    expect(error).toMatchObject({ details: { violations: [{}, {}] } });
  });

  test("a table whose indexes do not begin with the tenant is warned of", async () => {
    const sql =
      "CREATE TABLE shop_order (tenant TEXT NOT NULL, id TEXT); CREATE INDEX shop_by_id ON shop_order (id, tenant)";
    const opened = await openStore({ memory: true }, tenantPlan({ sql, tables: ["shop_order"] }));
    expect(opened.state.warnings).toEqual([expect.stringContaining('No index of "shop_order" begins with "tenant"')]);
    await opened.store.close();
  });

  test("migrations reach the tables themselves, and the next start guards what they made", async () => {
    using folder = temporaryFolder();
    const first = await openStore({ path: folder.path }, tenantPlan());
    await fillTenants(first.store);
    await first.store.close();
    const [context] = tenantPlan().contexts;
    const more = {
      name: "002-more.sql",
      sql: "ALTER TABLE shop_order ADD COLUMN more TEXT; UPDATE shop_order SET more = note;",
    };
    const plan = { ...tenantPlan(), contexts: [{ ...context!, migrations: [...context!.migrations, more] }] };
    await using again = await openStore({ path: folder.path }, plan);
    const { rows } = await readAs(again.store, "beta", ask("SELECT tenant, more FROM shop_order"));
    expect(rows).toEqual([1, 2].map(() => ({ tenant: "beta", more: "of beta" })));
  });
});

test("a backup has the rows of all, and restored keeps them apart", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "copy.db");
  const source = sqlite({ path: join(folder.path, "data") });
  await source.open(tenantPlan());
  await fillTenants(source);
  await source.backup(file);
  await source.close();
  restoreBackup(file, join(folder.path, "restored"), { name: "ann", why: "a drill" });
  await using restored = await openStore({ path: join(folder.path, "restored") }, tenantPlan());
  expect(await shownWrong(restored.store)).toEqual([]);
  await asTenant(restored.store, "beta", ask("INSERT INTO shop_order (id, note) VALUES ('3', 'of beta')"));
  const { rows } = await readAs(restored.store, "*", ask("SELECT tenant, count(*) AS n FROM shop_order GROUP BY 1"));
  expect(rows).toEqual([2, 3, 2].map((n, i) => ({ tenant: TENANTS[i], n })));
});

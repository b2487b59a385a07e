import { memoryDisk, type Store, type StoreTransaction } from "@banyan/core";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
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
import { answerOf, filledIn, mentions, others, READS, TRICKS, WRITES } from "./tenant-statements-fixture.ts";

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

/** A statement in another spelling: names in other quotes and cases, comments and line ends for spaces. */
function spelled(sql: string, dice: readonly number[]): string {
  let at = 0;
  const roll = (sides: number): number => (dice[at++ % dice.length] ?? 0) % sides;
  const name = (table: string): string => {
    const cased = roll(2) === 0 ? table : table.toUpperCase();
    return [cased, `"${cased}"`, `[${cased}]`, `\`${cased}\``][roll(4)] ?? cased;
  };
  const blank = (): string =>
    [" ", "\n", " /* ' \" ` [ */ ", " -- shop_order ' (\n", "\t\f\r\n", "/**/ "][roll(6)] ?? " ";
  return sql
    .split(/('[^']*')/)
    .map((part, i) =>
      i % 2 === 1
        ? part
        : part
            .replaceAll(/["[`]?\b(shop_(?:order|line|busy|past))\b["\]`]?/gi, (_, table: string) => name(table))
            .replaceAll(" ", blank),
    )
    .join("");
}

test("however a statement is spelled, it shows and changes no row of another tenant", async () => {
  const { store } = await openStore({ memory: true }, tenantPlan());
  await fillTenants(store);
  const all = [...READS, ...TRICKS, ...WRITES];
  const one = fc.record({
    template: fc.constantFrom(...all),
    own: fc.constantFrom(...TENANTS),
    dice: fc.array(fc.nat(1_000), { minLength: 5, maxLength: 12 }),
  });
  const holds = fc.asyncProperty(one, async ({ template, own, dice }) => {
    const sql = spelled(filledIn(template, own, others(own)[0] ?? ""), dice);
    const before = await othersThan(store, own);
    const transaction = await store.begin();
    const answer = await answerOf(sqlOf(transaction.unit("shop", "shop.spelled", own)).execute(sql));
    const after = await othersIn(sqlOf(transaction.unit("shop", "shop.look", "*")), own);
    await transaction.rollback();
    const shown = READS.includes(template) ? mentions(answer, TENANTS) : [own, ...mentions(answer, others(own))];
    expect({ shown, after }).toEqual({ shown: [own], after: before });
  });
  await fc.assert(holds, { numRuns: 1_500 });
  await store.close();
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

  test("is never answered by a statement that was kept for work across tenants, whatever its text is", async () => {
    const sql = "SELECT tenant, id FROM shop_order";
    await asTenant(store, "*", ask(sql));
    await readAs(store, "*", ask(sql));
    for (const way of [asTenant, readAs])
      for (const text of [`* ${sql}`, `*${sql}`, `\0${sql}`])
        await expect(way(store, "acme", ask(text))).rejects.toMatchObject({ code: "statement-failed" });
    for (const way of [asTenant, readAs])
      expect((await way(store, "acme", ask(sql))).rows).toEqual(["1", "2"].map((id) => ({ tenant: "acme", id })));
    expect((await readAs(store, "*", ask(sql))).rows).toHaveLength(6);
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
    ...["content='shop_order'", 'CONTENT = "Shop_Order", content_rowid=rowid', "content=shop_busy"].map((content) => [
      `${TABLES} CREATE VIRTUAL TABLE shop_text USING fts5(note, ${content})`,
      'which the virtual table "shop_text" has for its content',
    ]),
  ])("%s is refused", async (sql, words) => {
    expect(await refused(sql)).toMatchObject({
      code: "tenant-table-invalid",
      message: expect.stringContaining(words),
      remedy: expect.any(String),
    });
  });

  test("a full-text index with a content of its own, with none, or on what is everybody's is taken", async () => {
    const sql = `${TABLES} CREATE TABLE shop_page (id INTEGER PRIMARY KEY, note TEXT);
      CREATE VIRTUAL TABLE shop_text USING fts5(tenant UNINDEXED, note); CREATE VIRTUAL TABLE shop_words USING fts5(note, content='');
      CREATE VIRTUAL TABLE shop_pages USING fts5(note, content='shop_page', content_rowid='id');`;
    expect(await refused(sql)).toBeUndefined();
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

  test("a table whose key begins with the tenant is warned of at no start", async () => {
    using folder = temporaryFolder();
    for (const options of [{ memory: true as const }, { path: folder.path }, { path: folder.path }]) {
      const opened = await openStore(options, tenantPlan());
      expect(opened.state.warnings).toEqual([]);
      await opened.store.close();
    }
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

describe("a table that calls what only the runtime has", () => {
  const made = (rest: string): string =>
    `CREATE TABLE shop_order (tenant TEXT NOT NULL DEFAULT (banyan_tenant()), id TEXT NOT NULL, note TEXT ${rest}`;
  const KEY = ", PRIMARY KEY (tenant, id))";
  test.each([
    [made(`CHECK (tenant = banyan_tenant())${KEY}`), 'table "shop_order"'],
    [made(`${KEY.slice(0, -1)}, CHECK (tenant = "Banyan_Tenant" ()))`), 'table "shop_order"'],
    [made(`CHECK (NOT banyan_foreign(tenant))${KEY}`), 'table "shop_order"'],
    [made(`, mine TEXT AS (lower(banyan_tenant())) STORED${KEY}`), 'table "shop_order"'],
    [`${made(KEY)}; CREATE INDEX shop_mine ON shop_order (tenant) WHERE tenant = banyan_tenant()`, 'index "shop_mine"'],
    [`${made(KEY)}; ALTER TABLE shop_order ADD COLUMN more TEXT CHECK (more = banyan_tenant())`, 'table "shop_order"'],
  ])("is refused, and nothing of its migration is kept: %s", async (sql, words) => {
    const memory = memoryDisk();
    await expect(openStore({ memory }, tenantPlan({ sql, tables: ["shop_order"] }))).rejects.toMatchObject({
      code: "migration-invalid",
      message: expect.stringContaining(words),
      remedy: expect.stringContaining("DEFAULT"),
    });
    const { store } = await openStore({ memory }, tenantPlan({ sql: made(KEY), tables: ["shop_order"] }));
    await store.close();
  });

  test("may do so in a DEFAULT, and name it in texts, and is backed up", async () => {
    using folder = temporaryFolder();
    const sql = made(
      `DEFAULT (lower(coalesce(banyan_tenant(), ''))) CHECK (note <> 'banyan_tenant()' /* banyan_tenant() */)${KEY}`,
    );
    const store = sqlite({ path: join(folder.path, "data") });
    await store.open(tenantPlan({ sql, tables: ["shop_order"] }));
    await asTenant(store, "acme", ask("INSERT INTO shop_order (id) VALUES ('1')"));
    expect(await store.backup(join(folder.path, "copy.db"))).toMatchObject({ contexts: [{ name: "shop" }] });
    await store.close();
  });

  test("that an earlier version has made stops the start, until a migration makes it anew", async () => {
    using folder = temporaryFolder();
    const plan = tenantPlan({ sql: made(KEY), tables: ["shop_order"] });
    await (await openStore({ path: folder.path }, plan)).store.close();
    const db = new DatabaseSync(join(folder.path, "banyan.db"));
    db.function("banyan_tenant", () => "acme");
    db.exec(`DROP TABLE shop_order; ${made(`CHECK (tenant = banyan_tenant())${KEY}`)}`);
    db.close();
    await expect(openStore({ path: folder.path }, plan)).rejects.toMatchObject({
      code: "migration-invalid",
      message: expect.stringContaining("Add a migration that makes it anew"),
    });
    const [context] = plan.contexts;
    const more = { name: "002-anew.sql", sql: `DROP TABLE shop_order; ${made(KEY)}` };
    const mended = { ...plan, contexts: [{ ...context!, migrations: [...context!.migrations, more] }] };
    await (await openStore({ path: folder.path }, mended)).store.close();
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

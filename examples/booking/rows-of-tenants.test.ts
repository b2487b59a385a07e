import { sqlite, type RawHandle, type Store } from "banyan";
import { drizzle, type DrizzleDatabase } from "@banyan/drizzle";
import { kysely } from "@banyan/kysely";
import { and, count, eq, inArray, ne, sql as drizzleSql } from "drizzle-orm";
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { sql as kyselySql, type Generated, type Kysely } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

// The statements that query builders make of the same wishes: each is asked for by every tenant, and none shows or changes a row of another.

const TENANTS = ["acme", "beta"] as const;
const SCHEMA = `
  CREATE TABLE desk_order (
    tenant TEXT NOT NULL DEFAULT (banyan_tenant()), id TEXT NOT NULL, note TEXT NOT NULL, n INTEGER NOT NULL DEFAULT 7,
    PRIMARY KEY (tenant, id)
  ) STRICT;
  CREATE TABLE desk_line (
    tenant TEXT NOT NULL DEFAULT (banyan_tenant()), order_id TEXT NOT NULL, line INTEGER NOT NULL, note TEXT NOT NULL,
    PRIMARY KEY (tenant, order_id, line)
  ) STRICT;`;

interface Db {
  desk_order: { tenant: Generated<string>; id: string; note: string; n: Generated<number> };
  desk_line: { tenant: Generated<string>; order_id: string; line: number; note: string };
}
const orders = sqliteTable(
  "desk_order",
  {
    tenant: text()
      .notNull()
      .default(drizzleSql`(banyan_tenant())`),
    id: text().notNull(),
    note: text().notNull(),
    n: integer().notNull().default(7),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.id] })],
);
const lines = sqliteTable("desk_line", {
  tenant: text()
    .notNull()
    .default(drizzleSql`(banyan_tenant())`),
  orderId: text("order_id").notNull(),
  line: integer().notNull(),
  note: text().notNull(),
});
const schema = { orders, lines };

type Ask<Handle> = (db: Handle, tenants: { own: string; other: string }) => Promise<unknown>;

const KYSELY_READS: Readonly<Record<string, Ask<Kysely<Db>>>> = {
  select: (db) => db.selectFrom("desk_order").selectAll().execute(),
  aliased: (db) => db.selectFrom("desk_order as o").select("o.note").where("o.n", ">", 0).execute(),
  foreign: (db, { other }) =>
    db
      .selectFrom("desk_order")
      .selectAll()
      .where((eb) => eb.or([eb("tenant", "=", other), eb.lit(true)]))
      .execute(),
  join: (db) =>
    db
      .selectFrom("desk_order")
      .innerJoin("desk_line", "desk_line.order_id", "desk_order.id")
      .select(["desk_order.note", "desk_line.note as line_note"])
      .execute(),
  left: (db) =>
    db
      .selectFrom("desk_order as o")
      .leftJoin("desk_line as l", (on) => on.onTrue())
      .select(["o.note", "l.note as line_note"])
      .execute(),
  subquery: (db) =>
    db
      .selectFrom("desk_order")
      .select("note")
      .where("id", "in", (eb) => eb.selectFrom("desk_line").select("order_id"))
      .execute(),
  with: (db) =>
    db
      .with("mine", (inner) => inner.selectFrom("desk_order").selectAll())
      .selectFrom("mine")
      .selectAll()
      .execute(),
  union: (db) =>
    db.selectFrom("desk_order").select("note").unionAll(db.selectFrom("desk_line").select("note")).execute(),
  raw: (db) => kyselySql`SELECT group_concat(note) AS notes FROM ${kyselySql.table("desk_order")}`.execute(db),
};
const KYSELY_WRITES: Readonly<Record<string, Ask<Kysely<Db>>>> = {
  insert: (db, { own }) =>
    db
      .insertInto("desk_order")
      .values({ id: "9", note: `of ${own}` })
      .returningAll()
      .execute(),
  "insert elsewhere": (db, { other }) =>
    db.insertInto("desk_order").values({ tenant: other, id: "9", note: "x" }).execute(),
  upsert: (db, { own }) =>
    db
      .insertInto("desk_order")
      .values({ id: "1", note: `of ${own}` })
      .onConflict((on) => on.columns(["tenant", "id"]).doUpdateSet({ n: (eb) => eb("desk_order.n", "+", 1) }))
      .returning("n")
      .execute(),
  "insert from": (db) =>
    db
      .insertInto("desk_line")
      .columns(["order_id", "line", "note"])
      .expression((eb) => eb.selectFrom("desk_order").select(["id", eb.lit(9).as("line"), "note"]))
      .execute(),
  update: (db) => db.updateTable("desk_order").set({ n: 1 }).returningAll().execute(),
  "update elsewhere": (db, { other }) =>
    db.updateTable("desk_order").set({ n: 1 }).where("tenant", "=", other).execute(),
  "update from": (db) =>
    db
      .updateTable("desk_order as o")
      .from("desk_line as l")
      .set({ n: 2 })
      .whereRef("l.order_id", "=", "o.id")
      .execute(),
  move: (db, { other }) => db.updateTable("desk_order").set({ tenant: other }).execute(),
  delete: (db) =>
    db
      .deleteFrom("desk_order")
      .where((eb) => eb.or([eb("id", "=", "1"), eb.lit(true)]))
      .returning("note")
      .execute(),
  replace: (db, { own }) =>
    db
      .replaceInto("desk_order")
      .values({ id: "1", note: `of ${own}` })
      .execute(),
};

type Drizzle = DrizzleDatabase<typeof schema>;
const DRIZZLE_READS: Readonly<Record<string, Ask<Drizzle>>> = {
  select: async (db) => db.select().from(orders),
  foreign: async (db, { own }) =>
    db
      .select()
      .from(orders)
      .where(and(ne(orders.n, 0), inArray(orders.tenant, ["acme", "beta"]), ne(orders.note, `x${own}`))),
  join: async (db) => db.select().from(orders).innerJoin(lines, eq(lines.orderId, orders.id)),
  left: async (db) =>
    db
      .select()
      .from(orders)
      .leftJoin(lines, drizzleSql`true`),
  subquery: async (db) =>
    db
      .select()
      .from(orders)
      .where(inArray(orders.id, db.select({ id: lines.orderId }).from(lines))),
  with: async (db) => {
    const mine = db.$with("mine").as(db.select().from(orders));
    return db.with(mine).select().from(mine);
  },
  union: async (db) =>
    db
      .select({ note: orders.note })
      .from(orders)
      .unionAll(db.select({ note: lines.note }).from(lines)),
  relational: async (db) => db.query.orders.findMany(),
  raw: async (db) => db.all(drizzleSql`SELECT group_concat(note) AS notes FROM ${orders}`),
};
const DRIZZLE_WRITES: Readonly<Record<string, Ask<Drizzle>>> = {
  insert: async (db, { own }) =>
    db
      .insert(orders)
      .values({ id: "9", note: `of ${own}` })
      .returning(),
  "insert elsewhere": async (db, { other }) => db.insert(orders).values({ tenant: other, id: "9", note: "x" }),
  upsert: async (db, { own }) =>
    db
      .insert(orders)
      .values({ id: "1", note: `of ${own}` })
      .onConflictDoUpdate({ target: [orders.tenant, orders.id], set: { n: drizzleSql`${orders.n} + 1` } })
      .returning(),
  ignore: async (db, { own }) =>
    db
      .insert(orders)
      .values({ id: "1", note: `of ${own}` })
      .onConflictDoNothing(),
  update: async (db) => db.update(orders).set({ n: 1 }).returning(),
  "update elsewhere": async (db, { other }) => db.update(orders).set({ n: 1 }).where(eq(orders.tenant, other)),
  "update from": async (db) => db.update(orders).set({ n: 2 }).from(lines).where(eq(lines.orderId, orders.id)),
  move: async (db, { other }) => db.update(orders).set({ tenant: other }),
  delete: async (db) => db.delete(orders).returning(),
  "delete by": async (db) => db.delete(lines).where(inArray(lines.orderId, db.select({ id: orders.id }).from(orders))),
};

let store: Store;

beforeEach(async () => {
  store = sqlite({ memory: true });
  const context = {
    name: "desk",
    prefix: "desk_",
    migrations: [{ name: "001-desk.sql", sql: SCHEMA }],
    tenantTables: ["desk_order", "desk_line"],
  };
  await store.open({ contexts: [context], now: () => 0, newId: () => "id" });
  for (const tenant of TENANTS)
    await inUnit(tenant, async (raw) => {
      const db = kysely<Db>().bind(raw);
      await db
        .insertInto("desk_order")
        .values(["1", "2"].map((id) => ({ id, note: `of ${tenant}` })))
        .execute();
      await db
        .insertInto("desk_line")
        .values(["1", "2"].map((id) => ({ order_id: id, line: 1, note: `of ${tenant}` })))
        .execute();
    });
});
afterEach(() => store.close());

async function inUnit<T>(tenant: string, work: (raw: RawHandle) => Promise<T>): Promise<T> {
  const transaction = await store.begin();
  try {
    const answer = await work(transaction.unit("desk", `desk.for-${tenant}`, tenant).raw);
    await transaction.commit();
    return answer;
  } finally {
    await transaction.rollback();
  }
}

async function inSession<T>(tenant: string, work: (raw: RawHandle) => Promise<T>): Promise<T> {
  const session = await store.session("desk", tenant);
  try {
    return await work(session.raw);
  } finally {
    await session.end();
  }
}

/** Answers as text: builders give bigints, and errors their words. */
function textOf(answer: unknown): string {
  if (answer instanceof Error) return `${answer.message} ${String(answer.cause)}`;
  return JSON.stringify(answer, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
}

/** What is wrong with what one tenant was shown: rows of the other, or none of its own. */
function wrong(answer: unknown, { own, other }: { own: string; other: string }): readonly string[] {
  const text = textOf(answer);
  return [...(text.includes(`of ${other}`) ? ["another's"] : []), ...(text.includes(`of ${own}`) ? [] : ["nothing"])];
}

const all = (): Promise<unknown> =>
  inSession("*", (raw) =>
    kysely<Db>().bind(raw).selectFrom("desk_order as o").selectAll().orderBy("tenant").orderBy("id").execute(),
  );
const ofOther = async (other: string): Promise<unknown[]> =>
  ((await all()) as { tenant: string }[]).filter(({ tenant }) => tenant === other);

const pairs = [
  { own: "acme", other: "beta" },
  { own: "beta", other: "acme" },
];

describe.each([
  ["Kysely", (raw: RawHandle) => kysely<Db>().bind(raw) as never, { reads: KYSELY_READS, writes: KYSELY_WRITES }],
  ["Drizzle", (raw: RawHandle) => drizzle(schema).bind(raw) as never, { reads: DRIZZLE_READS, writes: DRIZZLE_WRITES }],
] as const)("%s", (_, bind, { reads, writes }) => {
  test.each(Object.keys(reads))("%s shows one's own rows only, in bodies and reads", async (name) => {
    for (const tenants of pairs)
      for (const within of [inUnit, inSession]) {
        const answer = await within(tenants.own, async (raw) => reads[name]?.(bind(raw), tenants));
        expect(wrong(answer, tenants)).toEqual([]);
      }
  });

  test.each(Object.keys(writes))("%s changes one's own rows only", async (name) => {
    for (const tenants of pairs) {
      const before = await ofOther(tenants.other);
      const answer = await inUnit(tenants.own, async (raw) => writes[name]?.(bind(raw), tenants)).catch(
        (error: Error) => error,
      );
      expect(textOf(answer)).not.toContain(`of ${tenants.other}`);
      expect(await ofOther(tenants.other)).toEqual(before);
      const refused = name.includes("insert elsewhere") || name === "move";
      expect({ name, refused: answer instanceof Error }).toEqual({ name, refused });
    }
  });
});

test("what builders are told of changed rows is of the statement, not of the guard", async () => {
  const { updated, deleted, upserted } = await inUnit("acme", async (raw) => {
    const db = kysely<Db>().bind(raw);
    const updated = await db.updateTable("desk_order").set({ n: 3 }).executeTakeFirst();
    const upserted = await KYSELY_WRITES["upsert"]?.(db, { own: "acme", other: "beta" });
    const deleted = await db.deleteFrom("desk_order").where("id", "=", "2").executeTakeFirst();
    return { updated, deleted, upserted };
  });
  expect([updated.numUpdatedRows, deleted.numDeletedRows, upserted]).toEqual([2n, 1n, [{ n: 4 }]]);
  const left = await inSession("acme", async (raw) => drizzle(schema).bind(raw).select({ n: count() }).from(orders));
  expect(left).toEqual([{ n: 1 }]);
});

import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { expect, test } from "vitest";
import { entry, openSqlite, temporaryFolder } from "./fixture.ts";
import { insertInto, rowOf } from "./log-rows.ts";

const all = { source: "orders", after: 0, limit: 5_000, types: ["orders.placed"] };

interface Host extends Disposable {
  readonly db: DatabaseSync;
  readonly append: (...ids: readonly string[]) => void;
}

/** A connection of somebody else's. */
function hostOf(path: string): Host {
  const db = new DatabaseSync(join(path, "banyan.db"), { timeout: 0 });
  const append = (...ids: readonly string[]): void => {
    for (const id of ids) db.prepare(insertInto("banyan_log_orders")).run(...rowOf(entry(id)));
  };
  return { db, append, [Symbol.dispose]: () => db.close() };
}

test("what others append is seen by a look, whole, and what they roll back never was there", async () => {
  using folder = temporaryFolder();
  await using opened = await openSqlite(folder.path);
  const { store } = opened;
  using host = hostOf(folder.path);
  expect(await store.appendedElsewhere?.()).toEqual([]);
  host.db.exec("BEGIN IMMEDIATE");
  host.append("a", "b");
  expect([await store.appendedElsewhere?.(), (await store.fetch(all)).entries]).toEqual([[], []]);
  host.db.exec("ROLLBACK; BEGIN IMMEDIATE");
  host.append("c", "d");
  host.db.exec("COMMIT");
  expect(await store.appendedElsewhere?.()).toEqual(["orders"]);
  expect(await store.appendedElsewhere?.()).toEqual([]);
  expect((await store.fetch(all)).entries.map(({ id, position }) => `${id}${position}`)).toEqual(["c1", "d2"]);
});

test("a transaction appends behind what others have appended, and a reader sees both or neither", async () => {
  using folder = temporaryFolder();
  await using opened = await openSqlite(folder.path);
  const { store } = opened;
  using host = hostOf(folder.path);
  host.append("a");
  const transaction = await store.begin();
  await transaction.append("orders", [entry("b")]);
  // the one from elsewhere is committed, the other is not
  expect((await store.fetch(all)).entries.map(({ id }) => id)).toEqual(["a"]);
  expect(() => host.append("c")).toThrow("locked");
  expect(await store.appendedElsewhere?.()).toEqual(["orders"]);
  await transaction.commit();
  host.append("c");
  const again = await store.begin();
  await again.append("orders", [entry("lost")]);
  await again.rollback();
  const { entries } = await store.fetch(all);
  expect(entries.map(({ id, position }) => `${id}${position}`)).toEqual(["a1", "b2", "c3"]);
});

test("how much there is of a log is exact, counted or not, in this block and the next", async () => {
  using folder = temporaryFolder();
  const first = await openSqlite(folder.path);
  using host = hostOf(folder.path);
  const ids = Array.from({ length: 1_500 }, (_, i) => `h${i}`);
  host.db.exec("BEGIN");
  host.append(...ids);
  host.db.exec("COMMIT");
  const { store } = first;
  const volumes = async (): Promise<readonly number[]> => {
    await store.appendedElsewhere?.();
    const after = (place: number): Promise<number> =>
      store.volume({ source: "orders", after: place }).then(({ entries }) => entries);
    return Promise.all([after(0), after(1_000), after(1_200)]);
  };
  expect(await volumes()).toEqual([1_500, 500, 300]);
  const undone = await store.begin();
  await undone.append("orders", [entry("x")]);
  await undone.rollback();
  expect(await volumes()).toEqual([1_500, 500, 300]);
  const transaction = await store.begin();
  await transaction.append("orders", [entry("y"), entry("z")]);
  await transaction.commit();
  expect(await volumes()).toEqual([1_502, 502, 302]);
  host.append("last");
  expect(await volumes()).toEqual([1_503, 503, 303]);
  await first.store.close();
  await using second = await openSqlite(folder.path);
  expect((await second.store.volume({ source: "orders", after: 0 })).entries).toBe(1_503);
});

test("a transaction waits for that of another connection, and gives up in the end", async () => {
  using folder = temporaryFolder();
  await using opened = await openSqlite(folder.path);
  const { store } = opened;
  using host = hostOf(folder.path);
  host.db.exec("BEGIN IMMEDIATE");
  host.append("a");
  const begun = store.begin();
  await new Promise((resolve) => setImmediate(resolve));
  host.db.exec("COMMIT");
  const transaction = await begun;
  await transaction.append("orders", [entry("b")]);
  await transaction.commit();
  expect((await store.fetch(all)).entries.map(({ id }) => id)).toEqual(["a", "b"]);
  host.db.exec("BEGIN IMMEDIATE");
  await expect(store.begin()).rejects.toMatchObject({ code: "commit-failed" });
  host.db.exec("ROLLBACK");
  await (await store.begin()).rollback();
});

import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { expect, test } from "vitest";
import { entry, openStore, temporaryFolder } from "./fixture.ts";

const fetchAll = { source: "orders", after: 0, limit: 10, types: ["orders.placed"] };

test("a row with garbage in it does not keep the others from being read", async () => {
  using folder = temporaryFolder();
  const first = await openStore({ path: folder.path });
  const transaction = await first.store.begin();
  await transaction.append("orders", [entry("a"), entry("b"), entry("c")]);
  await transaction.commit();
  await first.store.close();
  const db = new DatabaseSync(join(folder.path, "banyan.db"));
  db.exec("UPDATE banyan_log_orders SET body = CAST(x'ff00fe' AS TEXT), at = 9007199254740993 WHERE position = 2");
  db.close();
  await using opened = await openStore({ path: folder.path });
  const { entries } = await opened.store.fetch(fetchAll);
  expect(entries.map(({ id, position }) => `${id}${position}`)).toEqual(["a1", "b2", "c3"]);
  expect(entries.map(({ at }) => typeof at)).toEqual(["number", "number", "number"]);
});

test("a log whose beginning was cut off is read from where it begins, and its positions go on", async () => {
  using folder = temporaryFolder();
  const first = await openStore({ path: folder.path });
  await first.store.close();
  const db = new DatabaseSync(join(folder.path, "banyan.db"));
  db.exec("UPDATE sqlite_sequence SET seq = 0; INSERT INTO sqlite_sequence SELECT 'banyan_log_orders', 1000000");
  db.close();
  await using opened = await openStore({ path: folder.path });
  const { store } = opened;
  expect(await store.fetch(fetchAll)).toEqual({ entries: [], through: 1_000_000 });
  const transaction = await store.begin();
  await transaction.append("orders", [entry("a")]);
  await transaction.commit();
  const { entries, through } = await store.fetch(fetchAll);
  expect([entries.length, entries[0]?.position, through]).toEqual([1, 1_000_001, 1_000_001]);
});

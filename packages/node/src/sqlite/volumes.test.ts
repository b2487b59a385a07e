import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { expect, test } from "vitest";
import { entry, openStore, temporaryFolder } from "./fixture.ts";

const all = { source: "orders", after: 0 };

test.each([
  ["a database from before logs were counted", "DROP TABLE banyan_volume"],
  [
    "what code that did not count has appended",
    `INSERT INTO banyan_log_orders SELECT NULL, 'd', type, version, key, slot, at, form, body, tenant, principal, correlation, causation, traceparent
     FROM banyan_log_orders WHERE position = 1`,
  ],
])("%s is counted at the next start", async (_, sql) => {
  using folder = temporaryFolder();
  const first = await openStore({ path: folder.path });
  const transaction = await first.store.begin();
  await transaction.append("orders", [entry("a"), entry("b"), entry("c")]);
  await transaction.commit();
  const { bytes } = await first.store.volume(all);
  await first.store.close();
  const db = new DatabaseSync(join(folder.path, "banyan.db"));
  db.exec(sql);
  const count = Number(db.prepare("SELECT count(*) AS n FROM banyan_log_orders").get()?.["n"]);
  db.close();
  await using opened = await openStore({ path: folder.path });
  expect(await opened.store.volume(all)).toEqual({ entries: count, bytes: (bytes / 3) * count });
});

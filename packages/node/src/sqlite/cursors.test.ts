import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { openStore, temporaryFolder } from "./fixture.ts";

const CURSOR = { subscription: "billing.charge", source: "orders", lane: "0-255" };

test("cursors from before subscriptions could be renamed have the name they have as their first", async () => {
  using folder = temporaryFolder();
  const first = await openStore({ path: folder.path });
  const claiming = await first.store.begin();
  await claiming.claim(CURSOR, "start");
  await claiming.commit();
  await first.store.close();
  const db = new DatabaseSync(join(folder.path, "banyan.db"));
  db.exec("ALTER TABLE banyan_cursor DROP COLUMN first_name");
  db.close();

  const second = await openStore({ path: folder.path });
  expect(second.state.cursors).toMatchObject([{ ...CURSOR, firstName: "billing.charge", fence: 1 }]);
  const renaming = await second.store.begin();
  await renaming.rename("billing.charge", "billing.charge-card");
  await renaming.commit();
  await second.store.close();
  await using third = await openStore({ path: folder.path });
  expect(third.state.cursors).toMatchObject([{ subscription: "billing.charge-card", firstName: "billing.charge" }]);
});

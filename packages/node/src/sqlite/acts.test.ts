import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { openStore, temporaryFolder } from "./fixture.ts";

const ACT = {
  key: "key-1",
  subscription: "billing.charge",
  source: "orders",
  position: 7,
  name: "charge",
  state: "intent",
  outcome: "",
  at: 1,
} as const;

test("what a file of format 1 knows of acts outside is still known, and older code refuses the file from then on", async () => {
  using folder = temporaryFolder();
  const first = await openStore({ path: folder.path });
  const acting = await first.store.begin();
  await acting.recordAct(ACT);
  await acting.commit();
  await first.store.close();
  const db = new DatabaseSync(join(folder.path, "banyan.db"));
  db.exec(`ALTER TABLE banyan_act RENAME TO banyan_effect; DROP INDEX banyan_act_place;
    CREATE INDEX banyan_effect_place ON banyan_effect (subscription, source, position);
    UPDATE banyan_meta SET value = '1' WHERE name = 'format'`);
  db.close();

  const second = await openStore({ path: folder.path });
  expect(await second.store.actOf(ACT.key)).toEqual(ACT);
  await second.store.close();
  using after = new DatabaseSync(join(folder.path, "banyan.db"));
  expect(after.prepare("SELECT value FROM banyan_meta WHERE name = 'format'").get()).toEqual({ value: "2" });
  expect(after.prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'banyan_effect%'").all()).toEqual([]);
});

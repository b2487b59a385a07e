import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { TORN, type NewEntry, type ParkRow, type Scheduled } from "@banyan/core";
import { expect, test } from "vitest";
import { openStore, temporaryFolder } from "./fixture.ts";

// Rows as an earlier version could write them: a time that a number cannot hold, a text that is no JSON.

const ENTRY: NewEntry = {
  id: "id-1",
  type: "orders.placed",
  version: 1,
  key: "order-1",
  slot: 7,
  at: 1_700_000_000_000,
  form: "json",
  body: "{}",
  tenant: "default",
  principal: "guest",
  correlation: "c",
  causation: "c",
  traceparent: undefined,
};
const late = (id: string, due: number): Scheduled => ({ context: "orders", due, entry: { ...ENTRY, id } });
const parked = (position: number): ParkRow => ({
  subscription: "billing.charge",
  source: "orders",
  position,
  incarnation: "i",
  slot: 7,
  key: `order-${position}`,
  state: "retrying",
  attempts: 1,
  due: 5,
  errors: [{ at: 4, code: "x", message: "y" }],
  entry: { ...ENTRY, source: "orders", position },
});

function spoiled(path: string, ...statements: readonly string[]): void {
  const db = new DatabaseSync(join(path, "banyan.db"));
  for (const statement of statements) db.exec(statement);
  db.close();
}

test("a scheduled row that cannot be read is in no other's way, and is counted", async () => {
  using folder = temporaryFolder();
  const first = await openStore({ path: folder.path });
  const writing = await first.store.begin();
  for (const one of [late("huge", 10), late("torn", 1), late("sound", 20)]) await writing.schedule(one);
  await writing.commit();
  await first.store.close();
  spoiled(
    folder.path,
    "UPDATE banyan_schedule SET due = 1152921504606846976 WHERE id = 'huge'",
    "UPDATE banyan_schedule SET entry = '{' WHERE id = 'torn'",
  );
  await using second = await openStore({ path: folder.path });
  expect(await second.store.scheduled("orders", 10)).toEqual([late("sound", 20), late("huge", 8.64e15)]);
  expect(await second.store.scheduled("orders", 1)).toEqual([late("sound", 20)]);
  expect(await second.store.schedules(20)).toEqual([{ context: "orders", entries: 3, overdue: 2, first: 1 }]);
});

test("a scheduled row that is JSON but no entry is in no other's way, and is counted", async () => {
  const cut = (field: string): string => `json_remove(entry, '$.${field}')`;
  const set = (field: string, value: string): string => `json_set(entry, '$.${field}', ${value})`;
  const fields = Object.keys(ENTRY).filter((field) => field !== "traceparent");
  const spoils = [
    "'null'",
    "'{}'",
    "'[]'",
    "'7'",
    "''",
    ...fields.map(cut),
    ...fields.map((field) => set(field, "json('[]')")),
    set("id", "'other'"),
    set("form", "'torn'"),
    set("version", "1.5"),
    set("version", "json('9223372036854775808')"),
    set("slot", "'7'"),
    set("traceparent", "7"),
  ];
  using folder = temporaryFolder();
  const first = await openStore({ path: folder.path });
  const writing = await first.store.begin();
  for (let i = 0; i < spoils.length; i++) await writing.schedule(late(`odd-${i}`, i));
  await writing.schedule({ ...late("sound", 1_000), entry: { ...ENTRY, id: "sound", traceparent: "00-a-b-01" } });
  await writing.commit();
  await first.store.close();
  spoiled(
    folder.path,
    ...spoils.map((value, i) => `UPDATE banyan_schedule SET entry = ${value} WHERE id = 'odd-${i}'`),
  );
  await using second = await openStore({ path: folder.path });
  const shown = await second.store.scheduled("orders", 100);
  expect(shown.map(({ entry }) => entry.id)).toEqual(["sound"]);
  const [counted] = await second.store.schedules(2_000);
  expect(counted).toMatchObject({ entries: spoils.length + 1, overdue: spoils.length + 1 });
  const entering = await second.store.begin();
  expect(await entering.unschedule(shown[0]!)).toBe(true);
  await entering.append("orders", [shown[0]!.entry]);
  await entering.commit();
});

test("a parked row with a number that is too large is read with the nearest that is none, and stops no start", async () => {
  using folder = temporaryFolder();
  const first = await openStore({ path: folder.path });
  const writing = await first.store.begin();
  for (const position of [1, 2, 3]) await writing.park(parked(position));
  await writing.commit();
  await first.store.close();
  spoiled(
    folder.path,
    "UPDATE banyan_park SET due = 1152921504606846976 WHERE position = 1",
    "UPDATE banyan_park SET errors = 'no errors' WHERE position = 2",
  );
  await using second = await openStore({ path: folder.path });
  expect(second.state.parked.map(({ due, failedAt }) => [due, failedAt])).toEqual([
    [8.64e15, 4],
    [5, 0],
    [5, 4],
  ]);
  expect(await second.store.parkedEntry(parked(1))).toEqual({ ...parked(1), due: 8.64e15 });
  expect(await second.store.parkedEntry(parked(2))).toEqual({ ...parked(2), errors: [] });
});

test("a parked row whose entry cannot be read is listed and stops no start", async () => {
  using folder = temporaryFolder();
  const first = await openStore({ path: folder.path });
  const writing = await first.store.begin();
  for (const position of [1, 2]) await writing.park(parked(position));
  await writing.commit();
  await first.store.close();
  spoiled(folder.path, "UPDATE banyan_park SET entry = '{torn' WHERE position = 1");
  await using second = await openStore({ path: folder.path });
  const rows = await second.store.parkedRows();
  expect(rows.map(({ position, bytes }) => [position, bytes])).toEqual([
    [1, 5],
    [2, 2],
  ]);
  const torn = await second.store.parkedEntry(parked(1));
  expect(torn?.entry).toMatchObject({
    form: TORN,
    body: "{torn",
    source: "orders",
    position: 1,
    key: "order-1",
    slot: 7,
  });
  const again = await second.store.begin();
  await again.park({ ...(torn as ParkRow), state: "dead" });
  await again.commit();
  expect(await second.store.parkedEntry(parked(1))).toEqual({ ...torn, state: "dead" });
  expect(await second.store.parkedEntry(parked(2))).toEqual(parked(2));
});

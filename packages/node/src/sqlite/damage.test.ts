import { openSync, readFileSync, readdirSync, closeSync, writeSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inSession, openSqlite, otherProcess, outputOf, placeRow, temporaryFolder } from "./fixture.ts";

const PAGE = 4_096;

/** Data of many pages, closed, or left by a process that was killed. */
async function written(path: string): Promise<string> {
  const { store } = await openSqlite(path);
  for (let i = 0; i < 300; i++) await placeRow(store, `order-${i}`, 500);
  await store.close();
  return join(path, "banyan.db");
}

function overwrite(file: string, from: number, to = readFileSync(file).length / PAGE): Buffer {
  const handle = openSync(file, "r+");
  for (let page = from; page < to; page++) writeSync(handle, Buffer.alloc(PAGE, 0x5a), 0, PAGE, page * PAGE);
  closeSync(handle);
  return readFileSync(file);
}

const CORRUPT = { code: "database-corrupt", remedy: /banyan restore/ };

test("a database whose first page is damaged is refused at the start, and is left as it is", async () => {
  using folder = temporaryFolder();
  const file = await written(folder.path);
  const damaged = overwrite(file, 0, 1);
  for (const _ of [1, 2])
    await expect(openSqlite(folder.path)).rejects.toMatchObject({ ...CORRUPT, message: /banyan\.db is damaged/ });
  expect(readFileSync(file).equals(damaged)).toBe(true);
  expect(readdirSync(folder.path).sort()).toEqual(["banyan.db", "banyan.lock"]);
});

test("damage that a start does not meet is found at first use: by a read, and then nothing is written any more", async () => {
  using folder = temporaryFolder();
  const file = await written(folder.path);
  // the tables themselves are of the first pages, their rows of the later ones
  const damaged = overwrite(file, 60);
  await using opened = await openSqlite(folder.path);
  const { store } = opened;
  const reading = inSession(store, (sql) => sql.execute("SELECT sum(length(value)) FROM orders_row"));
  await expect(reading).rejects.toMatchObject(CORRUPT);
  await expect(store.begin()).rejects.toMatchObject(CORRUPT);
  await expect(store.fetch({ source: "orders", after: 0, limit: 1, types: [] })).rejects.toMatchObject(CORRUPT);
  expect(readFileSync(join(file)).equals(damaged)).toBe(true);
});

test("damage that a write meets ends the store", async () => {
  using folder = temporaryFolder();
  const file = await written(folder.path);
  overwrite(file, 60);
  await using opened = await openSqlite(folder.path);
  await expect(placeRow(opened.store, "order-new")).rejects.toMatchObject(CORRUPT);
  await expect(opened.store.begin()).rejects.toMatchObject(CORRUPT);
});

test("after a crash the whole database is looked through, log and all, before anything is written", async () => {
  using folder = temporaryFolder();
  const file = await written(folder.path);
  const child = otherProcess(`
    const { store } = await fixture.openStore({ path: ${JSON.stringify(folder.path)} });
    const transaction = await store.begin();
    await transaction.append("billing", [fixture.entry("a")]);
    await transaction.commit();
    process.kill(process.pid, "SIGKILL");`);
  await outputOf(child);
  const sound = readFileSync(file);
  const log = readFileSync(`${file}-wal`);
  expect(log.length).toBeGreaterThan(0);
  const damaged = overwrite(file, 60);
  await expect(openSqlite(folder.path)).rejects.toMatchObject({ ...CORRUPT, message: /banyan\.db is damaged/ });
  expect(readFileSync(file).equals(damaged)).toBe(true);
  expect(readFileSync(`${file}-wal`).equals(log)).toBe(true);
  writeFileSync(file, sound);
  await using opened = await openSqlite(folder.path);
  const { entries } = await opened.store.fetch({ source: "billing", after: 0, limit: 9, types: ["orders.placed"] });
  expect(entries.map(({ id }) => id)).toEqual(["a"]);
});

test("a backup of a damaged database is refused by the same name, and nothing is left of it", async () => {
  using folder = temporaryFolder();
  overwrite(await written(folder.path), 60);
  await using opened = await openSqlite(folder.path);
  await expect(opened.store.backup(join(folder.path, "copy.db"))).rejects.toMatchObject(CORRUPT);
  expect(readdirSync(folder.path).filter((name) => name.startsWith("copy"))).toEqual([]);
});

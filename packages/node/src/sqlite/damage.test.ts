import { openSync, readFileSync, readdirSync, closeSync, truncateSync, writeSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  BILLING,
  inSession,
  inUnit,
  openSqlite,
  ORDERS,
  otherProcess,
  outputOf,
  placeRow,
  planOf,
  temporaryFolder,
} from "./fixture.ts";
import { sqlite } from "./sqlite.ts";

const PAGE = 4_096;

/** Data of many pages, closed, or left by a process that was killed. */
async function written(path: string): Promise<string> {
  const { store } = await openSqlite(path);
  for (let i = 0; i < 300; i++) await placeRow(store, `order-${i}`, 500);
  await store.close();
  return join(path, "banyan.db");
}

function rootOf(file: string, table: string): number {
  using db = new DatabaseSync(file, { readOnly: true });
  return Number(db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?").get(table)?.["rootpage"]);
}

function write(file: string, at: number, bytes: Buffer): void {
  const handle = openSync(file, "r+");
  writeSync(handle, bytes, 0, bytes.length, at);
  closeSync(handle);
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

test("a file that is cut short is refused at the start, and left as it is", async () => {
  using folder = temporaryFolder();
  const file = await written(folder.path);
  truncateSync(file, readFileSync(file).length - 3 * PAGE);
  const damaged = readFileSync(file);
  await expect(openSqlite(folder.path)).rejects.toMatchObject(CORRUPT);
  expect(readFileSync(file).equals(damaged)).toBe(true);
});

test.each(["banyan_cursor", "banyan_park", "banyan_context"])(
  "damage in %s is found at the start of a database that was closed, and the file is left as it is",
  async (table) => {
    using folder = temporaryFolder();
    const file = await written(folder.path);
    // the cells of its page begin where there is nothing, which a start that reads this row does not notice
    const page = rootOf(file, table) - 1;
    const header = readFileSync(file).subarray(page * PAGE, page * PAGE + 8);
    header.writeUInt16BE(1, 1);
    write(file, page * PAGE, header);
    const damaged = readFileSync(file);
    await expect(openSqlite(folder.path)).rejects.toMatchObject({ ...CORRUPT, message: /banyan\.db is damaged/ });
    expect(readFileSync(file).equals(damaged)).toBe(true);
  },
);

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

test("a store that has found damage writes nothing to the file any more, closing it included, and leaves its log to the next start", async () => {
  using folder = temporaryFolder();
  const file = await written(folder.path);
  const opened = await openSqlite(folder.path);
  const sound = readFileSync(file);
  // rows all over the file are in the log, and would be copied over the damage by a checkpoint
  await inUnit(opened.store, (sql) => sql.execute("UPDATE orders_row SET value = 'new'"));
  for (let i = 0; i < 5; i++) await placeRow(opened.store, `late-${i}`, 5_000);
  const damaged = overwrite(file, 60);
  expect(damaged.equals(sound)).toBe(false);
  const reading = inSession(opened.store, (sql) =>
    sql.execute("SELECT count(*) FROM banyan_log_orders WHERE body > ''"),
  );
  await expect(reading).rejects.toMatchObject(CORRUPT);
  await opened.store.close();
  expect(readFileSync(file).equals(damaged)).toBe(true);
  expect(readFileSync(`${file}-wal`).length).toBeGreaterThan(0);
  await expect(openSqlite(folder.path)).rejects.toMatchObject(CORRUPT);
  expect(readFileSync(file).equals(damaged)).toBe(true);
});

test("a backup of a damaged database is refused by the same name, and nothing is left of it", async () => {
  using folder = temporaryFolder();
  overwrite(await written(folder.path), 60);
  await using opened = await openSqlite(folder.path);
  await expect(opened.store.backup(join(folder.path, "copy.db"))).rejects.toMatchObject(CORRUPT);
  expect(readdirSync(folder.path).filter((name) => name.startsWith("copy"))).toEqual([]);
});

test("damage that a backup finds ends the store: nothing is written to the file any more", async () => {
  using folder = temporaryFolder();
  const file = await written(folder.path);
  const damaged = overwrite(file, 60);
  const { store } = await openSqlite(folder.path);
  await expect(store.backup(join(folder.path, "copy.db"))).rejects.toMatchObject(CORRUPT);
  await expect(store.begin()).rejects.toMatchObject(CORRUPT);
  await store.close();
  expect(readFileSync(file).equals(damaged)).toBe(true);
});

test("a backup that has no place to be written to is no trouble of the store", async () => {
  using folder = temporaryFolder();
  await written(folder.path);
  await using opened = await openSqlite(folder.path);
  await expect(opened.store.backup(join(folder.path, "none", "copy.db"))).rejects.toMatchObject({
    code: "backup-failed",
  });
  await placeRow(opened.store, "order-new");
});

test("damage that a migration meets is told as damage, and the file is left as it is", async () => {
  using folder = temporaryFolder();
  const file = await written(folder.path);
  const damaged = overwrite(file, 60);
  const more = { name: "002-more.sql", sql: "CREATE INDEX orders_by_value ON orders_row (value);" };
  const opening = sqlite({ path: folder.path }).open(planOf({ orders: [ORDERS, more], billing: [BILLING] }));
  await expect(opening).rejects.toMatchObject(CORRUPT);
  expect(readFileSync(file).equals(damaged)).toBe(true);
});

test("a write of a migration that the disk refuses is told as trouble of the disk", async () => {
  using folder = temporaryFolder();
  await written(folder.path);
  const code = `
    import { sqlite } from ${JSON.stringify(new URL("sqlite.ts", import.meta.url).href)};
    const more = { name: "002-more.sql", sql: "UPDATE orders_row SET value = hex(zeroblob(30000));" };
    const store = sqlite({ path: ${JSON.stringify(folder.path)} });
    const plan = fixture.planOf({ orders: [fixture.ORDERS, more], billing: [fixture.BILLING] });
    await store.open(plan).catch((error) => console.log(error.code));`;
  expect(await outputOf(otherProcess(code, "ulimit -f 1000"))).toMatch(/^(store-failed|disk-full)\n$/);
  await using opened = await openSqlite(folder.path);
  await placeRow(opened.store, "order-new");
});

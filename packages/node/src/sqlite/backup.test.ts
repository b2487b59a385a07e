import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { backupFolder } from "./backup-folder.ts";
import { inUnit, openSqlite, openStore, otherProcess, placeRow, planOf, temporaryFolder } from "./fixture.ts";
import { sqlite } from "./sqlite.ts";

function count(file: string): { entries: number; rows: number; last: string } {
  const db = new DatabaseSync(file, { readOnly: true });
  const one = (sql: string): number => Number(db.prepare(sql).get()?.["n"]);
  const said = {
    entries: one("SELECT count(*) AS n FROM banyan_log_orders"),
    rows: one("SELECT count(*) AS n FROM orders_row"),
    last: String(db.prepare("SELECT id FROM banyan_log_orders ORDER BY position DESC LIMIT 1").get()?.["id"]),
  };
  db.close();
  return said;
}

test(
  "a backup has every commit from before it, is of one moment, and commits go on meanwhile",
  { timeout: 60_000 },
  async () => {
    using folder = temporaryFolder();
    await using opened = await openSqlite(folder.path);
    const { store } = opened;
    await inUnit(store, async (sql) => {
      for (let i = 0; i < 3_200; i++)
        await sql.execute("INSERT INTO orders_row VALUES (?, hex(zeroblob(5000)))", [`filling-${i}`]);
    });
    for (let i = 0; i < 20; i++) await placeRow(store, `before-${i}`);
    const file = join(folder.path, "copy.db");
    let done = false;
    let during = 0;
    let longest = 0;
    const asked = performance.now();
    const backup = store.backup(file).finally(() => (done = true));
    while (!done) {
      const began = performance.now();
      await placeRow(store, `during-${during++}`);
      await new Promise(setImmediate);
      longest = Math.max(longest, performance.now() - began);
    }
    const tookMs = performance.now() - asked;
    const { bytes, contexts } = await backup;
    const copied = count(file);
    expect(bytes).toBeGreaterThan(30_000_000);
    // one that ran on this thread would be one long stall
    expect(during).toBeGreaterThan(5);
    expect(longest).toBeLessThan(tookMs / 2);
    expect(copied.entries).toBeGreaterThanOrEqual(20);
    expect(copied.rows - 3_200).toBe(copied.entries);
    expect(contexts).toEqual([
      { name: "billing", incarnation: opened.state.incarnations.get("billing"), position: 0 },
      { name: "orders", incarnation: opened.state.incarnations.get("orders"), position: copied.entries },
    ]);
    expect(readdirSync(folder.path).filter((name) => name.startsWith("copy"))).toEqual(["copy.db"]);
  },
);

test("a backup does not overwrite, and one that fails leaves nothing", async () => {
  using folder = temporaryFolder();
  await using opened = await openSqlite(join(folder.path, "data"));
  const { store } = opened;
  await placeRow(store, "a");
  const file = join(folder.path, "copy.db");
  await store.backup(file);
  await expect(store.backup(file)).rejects.toMatchObject({ code: "backup-exists" });
  expect(count(file)).toEqual({ entries: 1, rows: 1, last: "a" });
  await expect(store.backup(join(folder.path, "none", "copy.db"))).rejects.toMatchObject({ code: "backup-failed" });
  const other = join(folder.path, "other.db");
  writeFileSync(`${other}.partial`, "");
  await expect(store.backup(other)).rejects.toMatchObject({ code: "backup-exists" });
  expect(existsSync(`${other}.partial`)).toBe(true);
  const [first, second] = await Promise.allSettled([1, 2].map(() => store.backup(join(folder.path, "twice.db"))));
  expect([first?.status, second?.status].sort()).toEqual(["fulfilled", "rejected"]);
  expect(readdirSync(folder.path).sort()).toEqual(["copy.db", "data", "other.db.partial", "twice.db"]);
});

test("a store that closes ends the backup it is making, and nothing is left of it", async () => {
  using folder = temporaryFolder();
  const { store } = await openSqlite(join(folder.path, "data"));
  await placeRow(store, "a", 1_000_000);
  const [backup] = await Promise.allSettled([store.backup(join(folder.path, "copy.db")), store.close()]);
  expect(backup).toMatchObject({ status: "rejected", reason: { code: "draining" } });
  expect(readdirSync(folder.path)).toEqual(["data"]);
});

test("the lock of the folder outlives backups", async () => {
  using folder = temporaryFolder();
  await using opened = await openSqlite(join(folder.path, "data"));
  await opened.store.backup(join(folder.path, "copy.db"));
  const child = otherProcess(
    `await fixture.openStore({ path: ${JSON.stringify(join(folder.path, "data"))} }).catch(({ code }) => console.log(code));`,
  );
  let said = "";
  for await (const piece of child.stdout!) said += String(piece);
  expect(said.trim()).toBe("data-locked");
});

test("a folder without a process is backed up by itself, with what its last process had only logged", async () => {
  using folder = temporaryFolder();
  const data = join(folder.path, "data");
  const child = otherProcess(`
    const { store } = await fixture.openStore({ path: ${JSON.stringify(data)} });
    const transaction = await store.begin();
    await transaction.append("orders", [fixture.entry("a")]);
    await transaction.unit("orders", "x").raw.execute("INSERT INTO orders_row VALUES ('a', '')");
    await transaction.commit();
    process.kill(process.pid, "SIGKILL");`);
  await new Promise((resolve) => child.on("exit", resolve));
  const file = join(folder.path, "copy.db");
  expect(await backupFolder(data, file)).toMatchObject({ file, contexts: [{ position: 0 }, { position: 1 }] });
  expect(count(file)).toEqual({ entries: 1, rows: 1, last: "a" });
  await using opened = await openStore({ path: data });
  await expect(backupFolder(data, join(folder.path, "b.db"))).rejects.toMatchObject({ code: "data-locked" });
  expect(opened.state.warnings).toEqual([]);
  await expect(backupFolder(join(folder.path, "nowhere"), file)).rejects.toMatchObject({ code: "backup-failed" });
  expect(existsSync(join(folder.path, "nowhere"))).toBe(false);
});

test("a database in memory has no backups, and says so", async () => {
  using folder = temporaryFolder();
  const store = sqlite({ memory: true });
  await store.open(planOf());
  await expect(store.backup(join(folder.path, "copy.db"))).rejects.toMatchObject({ code: "backup-failed" });
  expect(readdirSync(folder.path)).toEqual([]);
});

test("a copy that does not pass its check is no backup", async () => {
  using folder = temporaryFolder();
  const data = join(folder.path, "data");
  await (await openSqlite(data)).store.close();
  // SQLite copies a row that breaks the rules of its table without a word
  const db = new DatabaseSync(join(data, "banyan.db"), { defensive: false });
  db.exec("INSERT INTO orders_row (value) VALUES (NULL); PRAGMA writable_schema = 1");
  db.exec("UPDATE sqlite_schema SET sql = replace(sql, 'value TEXT', 'value TEXT NOT NULL') WHERE name = 'orders_row'");
  db.close();
  await expect(backupFolder(data, join(folder.path, "copy.db"))).rejects.toMatchObject({
    code: "backup-failed",
    message: /not sound: NULL value in orders_row\.value/,
  });
  expect(readdirSync(folder.path)).toEqual(["data"]);
});

test("a database that is there and cannot be read is not called none", async () => {
  using folder = temporaryFolder();
  const data = join(folder.path, "data");
  mkdirSync(data);
  // it leads to itself: as with a file of another user, to look at it fails
  symlinkSync("banyan.db", join(data, "banyan.db"));
  await expect(backupFolder(data, join(folder.path, "b.db"))).rejects.toMatchObject({
    code: "backup-failed",
    message: `${join(data, "banyan.db")} cannot be read by this user (ELOOP).`,
  });
});

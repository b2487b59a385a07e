import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { StorePlan } from "@banyan/core";
import { expect, test } from "vitest";
import { type Folder, openSqlite, openStore, placeRow, planOf, temporaryFolder } from "./fixture.ts";
import { restoreBackup } from "./restore.ts";

const ANN = { name: "ann", why: "the disk died" };
const CURSOR = { subscription: "billing.charge", source: "orders", lane: "0-255" };

/** Two placed orders, the first of them settled by a subscription and the second one open, in a backup; then a third. */
async function backedUp(folder: Folder): Promise<{ file: string; incarnation: string }> {
  await using opened = await openSqlite(join(folder.path, "data"));
  const { store, state } = opened;
  await placeRow(store, "a");
  await placeRow(store, "b");
  const transaction = await store.begin();
  const { fence } = await transaction.claim(CURSOR, "start");
  await transaction.settle({ ...CURSOR, fence, pos: 2, open: [2] });
  await transaction.commit();
  const file = join(folder.path, "copy.db");
  await store.backup(file);
  await placeRow(store, "of-later");
  return { file, incarnation: state.incarnations.get("orders") ?? "" };
}

function change(file: string, sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}

test("a restored log has what the backup has, a new incarnation, and readers where they were", async () => {
  using folder = temporaryFolder();
  const { file, incarnation } = await backedUp(folder);
  const before = readFileSync(file);
  const data = join(folder.path, "elsewhere");
  const restored = restoreBackup(file, data, ANN);
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(readdirSync(data).sort()).toEqual(["banyan.db", "banyan.lock"]);
  await using opened = await openSqlite(data);
  const { store, state } = opened;
  const renewed = state.incarnations.get("orders") ?? "";
  expect(renewed).not.toBe(incarnation);
  expect(restored.contexts).toContainEqual({ name: "orders", incarnation: renewed, position: 2 });
  expect(state.eras.get("orders")).toEqual([
    { incarnation, after: 0 },
    { incarnation: renewed, after: 2 },
  ]);
  expect(state.cursors).toMatchObject([{ ...CURSOR, incarnation: renewed, pos: 2, open: [2] }]);
  await placeRow(store, "c");
  const { entries } = await store.fetch({ source: "orders", after: 0, limit: 9, types: ["orders.placed"] });
  expect(entries.map(({ id, position }) => [id, position])).toEqual([
    ["a", 1],
    ["b", 2],
    ["c", 3],
  ]);
  const transaction = await store.begin();
  expect(await transaction.claim(CURSOR, "start")).toMatchObject({ incarnation: renewed, pos: 2, open: [2], fence: 2 });
  await transaction.rollback();
});

test("a file that is not there, or is none, is told by the name that was given", async () => {
  using folder = temporaryFolder();
  const data = join(folder.path, "elsewhere");
  const none = join(folder.path, "nofile");
  expect(() => restoreBackup(none, data, ANN)).toThrow(`${none} cannot be restored: there is no such file.`);
  // not by the name of the copy that is made of it
  expect(() => restoreBackup(folder.path, data, ANN)).toThrow(/^(?!.*partial).* cannot be restored: /);
  expect(() => restoreBackup(folder.path, data, ANN)).toThrow(`${folder.path} cannot be restored: `);
});

test("who restored and why is in the data, before what operators do later", async () => {
  using folder = temporaryFolder();
  const { file } = await backedUp(folder);
  // from before there were audits
  change(file, "DROP TABLE banyan_audit");
  const data = join(folder.path, "elsewhere");
  restoreBackup(file, data, ANN);
  await using opened = await openSqlite(data);
  expect(await opened.store.audits(10)).toMatchObject([
    { operator: "ann", why: "the disk died", action: "restore", subject: { file } },
  ]);
});

test("a folder that had to be made is gone with all above it when the restore fails, one that was there stays", async () => {
  using folder = temporaryFolder();
  const { file } = await backedUp(folder);
  const found = readdirSync(folder.path).sort();
  const none = join(folder.path, "none.db");
  const failing = (data: string): void =>
    expect(() => restoreBackup(none, data, ANN)).toThrow(expect.objectContaining({ code: "backup-invalid" }));
  failing(join(folder.path, "a", "b", "c"));
  expect(readdirSync(folder.path).sort()).toEqual(found);
  const there = join(folder.path, "there");
  mkdirSync(there);
  failing(there);
  expect(readdirSync(there)).toEqual(["banyan.lock"]);
  expect(restoreBackup(file, join(folder.path, "a", "b", "c"), ANN).data).toBe(join(folder.path, "a", "b", "c"));
  expect(() => restoreBackup(file, join(file, "data"), ANN)).toThrow(
    expect.objectContaining({ code: "data-unusable" }),
  );
});

test("the next start says that the data was restored, once", async () => {
  using folder = temporaryFolder();
  const { file } = await backedUp(folder);
  const data = join(folder.path, "elsewhere");
  restoreBackup(file, data, ANN);
  // an operator who looks is not the start
  await (await openStore({ path: data }, { ...planOf(), contexts: [], stored: true })).store.close();
  for (const warnings of [[expect.stringContaining(`restored from ${file}`)], []]) {
    await using opened = await openSqlite(data);
    expect(opened.state.warnings).toEqual(warnings);
  }
});

test("a backup of restored data, restored, has the eras of both", async () => {
  using folder = temporaryFolder();
  const { file, incarnation } = await backedUp(folder);
  const data = join(folder.path, "elsewhere");
  restoreBackup(file, data, ANN);
  const again = join(folder.path, "again.db");
  {
    await using opened = await openSqlite(data);
    await placeRow(opened.store, "c");
    await opened.store.backup(again);
  }
  const third = join(folder.path, "third");
  restoreBackup(again, third, ANN);
  await using opened = await openSqlite(third);
  const eras = opened.state.eras.get("orders") ?? [];
  expect(eras.map(({ after }) => after)).toEqual([0, 2, 3]);
  expect(eras[0]?.incarnation).toBe(incarnation);
  expect(new Set(eras.map((era) => era.incarnation)).size).toBe(3);
});

test("data from before eras has one, also when it comes from a backup", async () => {
  using folder = temporaryFolder();
  const { file, incarnation } = await backedUp(folder);
  change(file, "DROP TABLE banyan_era");
  const old = join(folder.path, "old");
  mkdirSync(old);
  copyFileSync(file, join(old, "banyan.db"));
  {
    await using opened = await openSqlite(old);
    expect(opened.state.eras.get("orders")).toEqual([{ incarnation, after: 0 }]);
  }
  const data = join(folder.path, "elsewhere");
  restoreBackup(file, data, ANN);
  await using opened = await openSqlite(data);
  expect(opened.state.eras.get("orders")).toMatchObject([{ incarnation, after: 0 }, { after: 2 }]);
});

test("a cursor of another incarnation than the log's is refused", async () => {
  using folder = temporaryFolder();
  await backedUp(folder);
  const data = join(folder.path, "data");
  change(join(data, "banyan.db"), "UPDATE banyan_cursor SET incarnation = 'of-another-log'");
  await using opened = await openSqlite(data);
  const transaction = await opened.store.begin();
  await expect(transaction.claim(CURSOR, "start")).rejects.toMatchObject({
    code: "cursor-incarnation",
    message: /of-another-log/,
  });
  await transaction.rollback();
});

test("a folder that has a database, or a process, is left as it is", async () => {
  using folder = temporaryFolder();
  const { file } = await backedUp(folder);
  const data = join(folder.path, "data");
  expect(() => restoreBackup(file, data, ANN)).toThrow(expect.objectContaining({ code: "restore-target-used" }));
  await using opened = await openStore({ path: data });
  expect(() => restoreBackup(file, data, ANN)).toThrow(expect.objectContaining({ code: "data-locked" }));
  expect((await opened.store.fetch({ source: "orders", after: 0, limit: 9, types: [] })).through).toBe(3);
});

test("what is no sound backup is refused by name, and nothing is left of it", async () => {
  using folder = temporaryFolder();
  const { file } = await backedUp(folder);
  const data = join(folder.path, "elsewhere");
  const broken = join(folder.path, "broken.db");
  const tried = (bytes: Buffer): unknown => {
    writeFileSync(broken, bytes);
    try {
      return restoreBackup(broken, data, ANN);
    } catch (error) {
      return error;
    } finally {
      expect(readdirSync(folder.path).filter((name) => name.startsWith("elsewhere"))).toEqual([]);
    }
  };
  const sound = readFileSync(file);
  // whichever page it is, used by the restore itself or not
  for (let at = 0; at < sound.length; at += 4_096)
    expect(tried(Buffer.from(sound).fill(0xff, at, at + 4_096))).toMatchObject({ code: "backup-invalid" });
  expect(tried(sound.subarray(0, sound.length - 4_096))).toMatchObject({ code: "backup-invalid" });
  expect(tried(Buffer.from("no database at all, but a text that is long enough".repeat(40)))).toMatchObject({
    code: "backup-invalid",
  });
  change(file, "UPDATE banyan_meta SET value = '99' WHERE name = 'format'");
  expect(tried(readFileSync(file))).toMatchObject({ code: "format-newer" });
  change(file, "DROP TABLE banyan_meta");
  expect(tried(readFileSync(file))).toMatchObject({ code: "backup-invalid", message: /none of the tables/ });
  writeFileSync(`${broken}-wal`, "commits that the file lacks");
  expect(tried(sound)).toMatchObject({ code: "backup-invalid", message: /broken\.db-wal/ });
  expect(() => restoreBackup(join(folder.path, "none.db"), data, ANN)).toThrow(
    expect.objectContaining({ code: "backup-invalid", message: expect.stringContaining("none.db") }),
  );
});

test("what a restore that was cut off has left is in nobody's way", async () => {
  using folder = temporaryFolder();
  const { file } = await backedUp(folder);
  const data = join(folder.path, "elsewhere");
  mkdirSync(data);
  writeFileSync(join(data, "banyan.db.partial"), "half");
  expect(restoreBackup(file, data, ANN).contexts.map(({ name }) => name)).toEqual(["billing", "orders"]);
});

test("contexts that the code does not have any more are renewed too", async () => {
  using folder = temporaryFolder();
  const { file } = await backedUp(folder);
  const data = join(folder.path, "elsewhere");
  const renewed = restoreBackup(file, data, ANN).contexts.map(({ incarnation }) => incarnation);
  const plan = planOf();
  const without: StorePlan = { ...plan, contexts: plan.contexts.filter(({ name }) => name === "orders") };
  await (await openStore({ path: data }, without)).store.close();
  const { state } = await openStore({ path: data }, plan).then(async (opened) => (await opened.store.close(), opened));
  expect([...state.incarnations.values()].sort()).toEqual(renewed.sort());
});

import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSqlite, otherProcess, placeRow, temporaryFolder } from "./fixture.ts";
import { resetData } from "./reset.ts";

test("the database goes aside whole, what is others' stays, and the next start begins afresh", async () => {
  using folder = temporaryFolder();
  const data = join(folder.path, "data");
  {
    await using opened = await openSqlite(data);
    await placeRow(opened.store, "a");
  }
  mkdirSync(join(data, "provider"));
  writeFileSync(join(data, "dev-token"), "of-the-developer");
  const aside = resetData(data) ?? "";
  expect(aside).toMatch(/\/data\/reset-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z$/);
  expect(readdirSync(aside)).toEqual(["banyan.db"]);
  expect(readdirSync(data).sort()).toEqual(["banyan.lock", "dev-token", "provider", aside.slice(data.length + 1)]);
  {
    await using opened = await openSqlite(data);
    expect(await opened.store.extent("orders")).toMatchObject({ last: 0 });
  }
  expect(resetData(data)).not.toBe(aside);
  renameSync(join(aside, "banyan.db"), join(data, "banyan.db"));
  await using opened = await openSqlite(data);
  expect(await opened.store.extent("orders")).toMatchObject({ last: 1 });
});

test("what a killed process had only in its log goes with it", async () => {
  using folder = temporaryFolder();
  const data = join(folder.path, "data");
  const killed = otherProcess(`
    const { store } = await fixture.openSqlite(${JSON.stringify(data)});
    await fixture.placeRow(store, "a");
    process.kill(process.pid, "SIGKILL");`);
  await once(killed, "close");
  expect(statSync(join(data, "banyan.db-wal")).size).toBeGreaterThan(0);
  const aside = resetData(data) ?? "";
  expect(readdirSync(data).filter((name) => name.startsWith("banyan.db"))).toEqual([]);
  await using again = await openSqlite(aside);
  expect(await again.store.extent("orders")).toMatchObject({ last: 1 });
});

test("what is damaged goes aside as it is", () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "banyan.db"), "no database");
  writeFileSync(join(folder.path, "banyan.db-wal"), "no log");
  expect(readdirSync(resetData(folder.path) ?? "").sort()).toEqual(["banyan.db", "banyan.db-wal"]);
});

test("a folder that a process runs on is left as it is, and one without a database is not even made", async () => {
  using folder = temporaryFolder();
  const data = join(folder.path, "data");
  expect(resetData(data)).toBeUndefined();
  expect(existsSync(data)).toBe(false);
  await using opened = await openSqlite(data);
  expect(() => resetData(data)).toThrow(
    expect.objectContaining({ code: "data-locked", message: expect.stringContaining(`pid ${process.pid}`) }),
  );
  await placeRow(opened.store, "a");
  expect(await opened.store.extent("orders")).toMatchObject({ last: 1 });
});

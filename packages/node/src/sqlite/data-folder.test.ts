import { mkdtempSync, statSync, writeFileSync } from "node:fs";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inUnit, openStore, otherProcess, outputOf, temporaryFolder } from "./fixture.ts";

const opening = (path: string): string => `
  await fixture.openStore({ path: ${JSON.stringify(path)} }).then(
    async ({ store }) => { console.log("opened"); await store.close(); },
    ({ code, message }) => console.log(code, message),
  );`;

test("a second process is refused, with the name and pid of the owner", async () => {
  using folder = temporaryFolder();
  await using opened = await openStore({ path: folder.path, process: "shop" });
  const said = await outputOf(otherProcess(opening(folder.path)));
  expect(said).toMatch(`data-locked The data folder ${folder.path} is owned by process "shop" (pid ${process.pid})`);
  await inUnit(opened.store, (sql) => sql.execute("INSERT INTO orders_row VALUES ('a', 'b')"));
});

test("a second store of the same process is refused too, and leaves the first one's lock alone", async () => {
  using folder = temporaryFolder();
  await using first = await openStore({ path: folder.path });
  await expect(openStore({ path: folder.path })).rejects.toMatchObject({
    code: "data-locked",
    details: { pid: process.pid },
  });
  expect(await outputOf(otherProcess(opening(folder.path)))).toContain("data-locked");
  expect(first.state.warnings).toEqual([]);
});

test("a closed folder is free for the next process, and says nothing of an owner", async () => {
  using folder = temporaryFolder();
  const { store } = await openStore({ path: folder.path });
  await store.close();
  expect(existsSync(join(folder.path, "owner.json"))).toBe(false);
  expect(await outputOf(otherProcess(opening(folder.path)))).toBe("opened\n");
});

test.skipIf(process.platform === "win32")("a new folder is for its user only", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "deep", "data");
  await using _ = await openStore({ path });
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(statSync(join(path, "owner.json")).mode & 0o777).toBe(0o600);
});

test("what cannot be a data folder is refused with the reason", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "file");
  writeFileSync(file, "");
  await expect(openStore({ path: file })).rejects.toMatchObject({ code: "data-unusable" });
  const path = mkdtempSync(join(folder.path, "data-"));
  writeFileSync(join(path, "banyan.db"), "this is no database, whatever its name says".repeat(100));
  await expect(openStore({ path })).rejects.toMatchObject({
    code: "database-corrupt",
    message: expect.stringContaining("banyan.db"),
  });
  // the lock was given back
  await expect(openStore({ path })).rejects.toMatchObject({ code: "database-corrupt" });
});

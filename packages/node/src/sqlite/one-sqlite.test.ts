import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore, temporaryFolder } from "./fixture.ts";
import { sayOtherSqlite } from "./one-sqlite.ts";

// one test, because what is said holds until this thread ends
test("another copy of SQLite that begins to emit while a store is being opened is seen, and the folder given back", async () => {
  using folder = temporaryFolder();
  const opening = openStore({ path: folder.path });
  sayOtherSqlite();
  await expect(opening).rejects.toMatchObject({ code: "emit-unsafe" });
  // it was not yet so when it was asked for the first time
  expect(existsSync(join(folder.path, "banyan.db"))).toBe(true);
  expect(existsSync(join(folder.path, "owner.json"))).toBe(false);
  await expect(openStore({ path: join(folder.path, "next") })).rejects.toMatchObject({ code: "emit-unsafe" });
  expect(existsSync(join(folder.path, "next"))).toBe(false);
});

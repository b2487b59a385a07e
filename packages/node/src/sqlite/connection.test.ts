import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { expect, test } from "vitest";
import { assertVersion, openDatabase } from "./connection.ts";
import { temporaryFolder } from "./fixture.ts";

test("what durability stands on is set and read back", () => {
  using folder = temporaryFolder();
  const db = openDatabase(join(folder.path, "x.db"));
  const read = (name: string): unknown => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  expect(["journal_mode", "synchronous", "foreign_keys", "mmap_size", "wal_autocheckpoint"].map(read)).toEqual([
    "wal",
    2,
    1,
    0,
    0,
  ]);
  db.exec("CREATE TABLE a (x)");
  expect(() => db.exec("DELETE FROM sqlite_schema")).toThrow(/may not be modified/);
  db.close();
});

test("a setting that SQLite does not take is refused by name", () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "x.db");
  const holder = new DatabaseSync(file);
  holder.exec("CREATE TABLE a (x); BEGIN; SELECT * FROM a");
  // a reader of the old journal keeps the file from becoming a write-ahead log
  expect(() => openDatabase(file)).toThrow(/locked|journal_mode is delete, not wal/);
  holder.close();
});

test("versions with known faults are refused, newer ones are not", () => {
  for (const old of ["3.51.2", "3.50.9", "3.9.99", "2.99.99"]) {
    const refused = { code: "sqlite-unsafe", message: expect.stringContaining(old) };
    expect(() => assertVersion(old)).toThrow(expect.objectContaining(refused));
  }
  for (const sound of ["3.51.3", "3.51.10", "3.52.0", "4.0.0"]) assertVersion(sound);
});

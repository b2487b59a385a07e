import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { temporaryFolder } from "./fixture.ts";
import { sqlFiles } from "./sql-files.ts";

test("the files of a folder in order of name, with or without a slash behind it", () => {
  using folder = temporaryFolder();
  for (const name of ["010-b.sql", "002-a-and-b.sql", ".hidden"]) writeFileSync(join(folder.path, name), `-- ${name}`);
  const expected = [
    { name: "002-a-and-b.sql", sql: "-- 002-a-and-b.sql", file: join(folder.path, "002-a-and-b.sql") },
    { name: "010-b.sql", sql: "-- 010-b.sql", file: join(folder.path, "010-b.sql") },
  ];
  expect(sqlFiles(pathToFileURL(`${folder.path}/`))).toEqual(expected);
  expect(sqlFiles(pathToFileURL(folder.path))).toEqual(expected);
});

test("a misnamed file, a folder in between and a folder that is not there are refused by name", () => {
  using folder = temporaryFolder();
  for (const name of ["1-a.sql", "001-a.txt", "001_A.sql"]) writeFileSync(join(folder.path, name), "");
  mkdirSync(join(folder.path, "old"));
  const wrong = {
    code: "registration-refused",
    message: expect.stringMatching(/001-a\.txt[^]*001_A\.sql[^]*1-a\.sql[^]*"old"/),
  };
  expect(() => sqlFiles(pathToFileURL(folder.path))).toThrow(expect.objectContaining(wrong));
  const missing = pathToFileURL(join(folder.path, "none"));
  expect(() => sqlFiles(missing)).toThrow(
    expect.objectContaining({ code: "migration-invalid", remedy: expect.stringContaining("Create the folder") }),
  );
});

import { expect, test } from "vitest";
import { SQLITE, statementError } from "./sqlite-error.ts";

const failed = (errcode: number): Error => Object.assign(new Error("said by SQLite"), { errcode });

test.each([
  ["busy", SQLITE.busy, { code: "statement-failed", retry: "later" }],
  ["a table that is locked", SQLITE.locked, { code: "statement-failed", retry: "later" }],
  ["no memory", SQLITE.noMemory, { code: "statement-failed", retry: "later" }],
  ["no file descriptor for another connection", SQLITE.cannotOpen, { code: "statement-failed", retry: "later" }],
  ["a constraint", SQLITE.constraint, { code: "statement-failed", retry: "never" }],
  ["no room", SQLITE.full, { code: "disk-full", retry: "later" }],
  ["an I/O error", SQLITE.ioError, { code: "store-failed", retry: "later" }],
  ["damage", SQLITE.corrupt, { code: "database-corrupt", retry: "later" }],
])("of %s it says what it means, and whether to ask again; extended codes mean what theirs do", (_, code, said) => {
  for (const errcode of [code, code | 0x0100])
    expect(statementError(failed(errcode), "orders.place")).toMatchObject(said);
});

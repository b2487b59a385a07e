import { expect, test } from "vitest";
import { SQLITE, statementError } from "./sqlite-error.ts";

const failed = (errcode: number): Error => Object.assign(new Error("said by SQLite"), { errcode });

test.each([
  ["busy", SQLITE.busy, "statement-failed", "later"],
  ["a table that is locked", SQLITE.locked, "statement-failed", "later"],
  ["no memory", SQLITE.noMemory, "statement-failed", "later"],
  ["no file descriptor for another connection", SQLITE.cannotOpen, "statement-failed", "later"],
  ["a constraint", SQLITE.constraint, "statement-failed", "never"],
  ["no room", SQLITE.full, "disk-full", "later"],
  ["an I/O error", SQLITE.ioError, "store-failed", "later"],
  ["damage", SQLITE.corrupt, "database-corrupt", "later"],
])(
  "of %s it says what it means, and whether to ask again; extended codes mean what theirs do",
  (_, code, says, retry) => {
    for (const errcode of [code, code | 0x0100])
      expect(statementError(failed(errcode), "orders.place")).toMatchObject({ code: says, retry });
  },
);

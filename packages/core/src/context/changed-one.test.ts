import { expect, test } from "vitest";
import { changedOne, type Written } from "./changed-one.ts";

const order = { what: "order 42", version: 7 };

const one: readonly Written[] = [
  { changes: 1 },
  { changes: 1n },
  { numUpdatedRows: 1n },
  { numDeletedRows: 1n },
  { count: 1 },
  [{ numUpdatedRows: 1n }],
  [{ id: 42 }],
  [{ id: 42, count: 3 }],
];
const none: readonly Written[] = [{ changes: 0 }, { numUpdatedRows: 0n }, [{ numDeletedRows: 0n }], { count: 0 }, []];
const several: readonly Written[] = [
  { changes: 2 },
  { count: 2 },
  { numDeletedRows: 2n },
  [{ numUpdatedRows: 2n }],
  [{}, {}],
];

test.each(one)("%o is one row", async (written) => {
  await expect(changedOne(Promise.resolve(written), order)).resolves.toBeUndefined();
});

test.each(none)("%o is a conflict, which says what was expected", async (written) => {
  await expect(changedOne(written, order)).rejects.toMatchObject({
    code: "version-conflict",
    kind: "conflict",
    retry: "never",
    message: "There is no order 42 at version 7 any more.",
    details: { expected: 7 },
  });
});

test("where the present version is asked for, what is there is said, and what is not there is told apart", async () => {
  await expect(changedOne({ changes: 0 }, { ...order, present: () => 9n })).rejects.toMatchObject({
    code: "version-conflict",
    message: "Version 7 of order 42 was expected, and it is at 9.",
    details: { expected: 7, found: "9" },
  });
  await expect(changedOne({ changes: 0 }, { ...order, present: async () => undefined })).rejects.toMatchObject({
    code: "not-found",
    message: "There is no order 42.",
  });
});

test.each(several)("%o is a mistake in the statement", async (written) => {
  await expect(changedOne(written, order)).rejects.toMatchObject({ code: "guard-loose", kind: "internal" });
});

test("what the statement threw is thrown", async () => {
  await expect(changedOne(Promise.reject(new Error("no such table")), order)).rejects.toThrow("no such table");
});

import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { expect, test } from "vitest";
import { assertCount, assertHolds, parametersOf } from "./parameters.ts";

/** Columns of a SELECT that have a parameter, and that only look like it. */
const COLUMNS = [
  "?",
  "?1",
  "?3",
  "( ?+?2)",
  "'it''s ?'",
  "''",
  "x'3f'",
  '1 AS "a ? ""? b"',
  "1 AS [b '?]",
  "1 AS `c ``?`",
  "/* ' ? */ 1",
  "1 -- it's ? \n",
  "1 AS a$b",
  "1 AS ü$ü",
  "'{}'->>'$.a'",
  "1-?",
  "1/?",
  "CASE WHEN?THEN 1 END",
];

/** What SQLite says: it takes so many and not one more. Nothing is executed before an iterator is asked. */
function taken(db: DatabaseSync, sql: string): number {
  const nulls: null[] = [];
  for (;;) {
    try {
      db.prepare(sql).iterate(...nulls, null);
    } catch {
      return nulls.length;
    }
    nulls.push(null);
  }
}

test("parameters are counted as SQLite counts them", () => {
  using db = new DatabaseSync(":memory:");
  const columns = fc.array(fc.constantFrom(...COLUMNS), { minLength: 1, maxLength: 6 });
  const counted = fc.property(columns, (some) => {
    const sql = `\ufeffSELECT ${some.join(", ")} /* ?`;
    expect(parametersOf(sql)).toBe(taken(db, sql));
  });
  fc.assert(counted, { numRuns: 500 });
});

test.each([":id", "@id", "$id"])("one by name is refused, as no value would reach it: %s", (named) => {
  const sql = `SELECT ':none', 1 AS a$b, CASE WHEN ${named} THEN 1 END`;
  expect(() => parametersOf(sql)).toThrow(`has the parameter ${named}; values are given in order, so write "?"`);
});

test("a text of megabytes is counted past, however it is quoted", () => {
  const plain = `'${"? ".repeat(10_000_000)}'`;
  expect(parametersOf(`SELECT ? ${plain}`)).toBe(1);
  const long = "'?".repeat(10_000);
  for (const text of [`'${long.replaceAll("'", "''")}'`, `"${long}"`, `/*${long}*/`, `--${long}`])
    expect(parametersOf(`SELECT ? ${text}`)).toBe(1);
});

test("a sign of a name needs no space before it, but a word may have a dollar in it", () => {
  expect(() => parametersOf("SELECT:id")).toThrow("has the parameter :id");
  expect(parametersOf("SELECT ? AS id$id")).toBe(1);
});

test("too few and too many are refused with the figures", () => {
  expect(() => assertCount(1, 2)).toThrow('takes 2 values and was given 1; give one for each "?"');
  expect(() => assertCount(2, 1)).toThrow("takes 1 value and was given 2");
  assertCount(2, 2);
});

test("a bigint that no read could give back is refused, and the last one that can is held", () => {
  const last = BigInt(Number.MAX_SAFE_INTEGER);
  for (const beyond of [last + 1n, -last - 1n, 2n ** 60n])
    expect(() => assertHolds(beyond, 1)).toThrow("(number 2) that is beyond ±(2^53 - 1)");
  for (const held of [last, -last, 0n, 2 ** 60, null, "", new Uint8Array()]) assertHolds(held, 0);
});

test.each([undefined, {}, Number.NaN, true])("what SQLite does not hold is refused: %s", (value) =>
  expect(() => assertHolds(value, 0)).toThrow("has a parameter (number 1) that is"),
);

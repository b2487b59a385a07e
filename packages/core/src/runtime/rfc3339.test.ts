import fc from "fast-check";
import { expect, test } from "vitest";
import { rfc3339 } from "./rfc3339.ts";

const FIRST = Date.parse("0000-01-01T00:00:00.000Z");
const LAST = Date.parse("9999-12-31T23:59:59.999Z");

test("it writes what Date writes, for every millisecond of the years 0 to 9999", () => {
  fc.assert(
    fc.property(fc.integer({ min: FIRST, max: LAST }), (ms) => {
      expect(rfc3339(ms)).toBe(new Date(ms).toISOString());
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  "1970-01-01T00:00:00.000Z",
  "1969-12-31T23:59:59.999Z",
  "2000-02-29T12:00:00.000Z",
  "1900-02-28T23:59:59.999Z",
  "1900-03-01T00:00:00.000Z",
  "2024-02-29T00:00:00.001Z",
  "2026-11-24T05:22:00.000Z",
  "0000-01-01T00:00:00.000Z",
  "9999-12-31T23:59:59.999Z",
])("%s", (text) => {
  expect(rfc3339(Date.parse(text))).toBe(text);
});

import { expect, test } from "vitest";
import { ERROR_CODES, type ErrorKind } from "./codes.ts";

const KINDS: readonly ErrorKind[] = [
  "invalid",
  "unprocessable",
  "unauthenticated",
  "forbidden",
  "not-found",
  "conflict",
  "too-large",
  "unavailable",
  "internal",
  "configuration",
];

test.each(Object.entries(ERROR_CODES))("%s says what it means and what to do, in sentences", (code, entry) => {
  expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
  expect(KINDS).toContain(entry.kind);
  for (const sentence of [entry.meaning, entry.remedy]) {
    expect(sentence).toMatch(/^[A-Z`].*\.$/s);
  }
});

test("no two codes mean the same", () => {
  const meanings = Object.values(ERROR_CODES).map((entry) => entry.meaning);
  expect(new Set(meanings).size).toBe(meanings.length);
});

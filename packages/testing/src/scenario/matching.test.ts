import { expect, test } from "vitest";
import { differences } from "./matching.ts";

test("what is left out may be anything, at every depth", () => {
  const actual = { id: "1", buyer: { name: "Ada", age: 36 }, lines: [{ sku: "mug", quantity: 2 }] };
  expect(differences({}, actual)).toEqual([]);
  expect(differences({ buyer: { name: "Ada" }, lines: [{ sku: "mug" }] }, actual)).toEqual([]);
});

test("each place that differs is named", () => {
  const actual = { id: "1", buyer: null, lines: [{ sku: "mug" }, { sku: "cup" }], at: undefined };
  expect(differences({ id: 1, buyer: { name: "Ada" }, lines: [{ sku: "mug" }, { sku: "cap" }] }, actual)).toEqual([
    "id: expected 1, got '1'",
    "buyer: expected { name: 'Ada' }, got null",
    "lines.1.sku: expected 'cap', got 'cup'",
  ]);
  expect(differences({ lines: [{ sku: "mug" }] }, actual)).toEqual([
    "lines: expected [ { sku: 'mug' } ], got [ { sku: 'mug' }, { sku: 'cup' } ]",
  ]);
  expect(differences({ gone: 1 }, actual)).toEqual(["gone: expected 1, got undefined"]);
});

test("matchers of test frameworks decide for themselves", () => {
  expect(differences({ id: expect.any(String) }, { id: "1" })).toEqual([]);
  expect(differences({ id: expect.any(Number) }, { id: "1" })).toHaveLength(1);
});

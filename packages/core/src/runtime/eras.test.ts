import { expect, test } from "vitest";
import { incarnationAt } from "./eras.ts";

test("an entry keeps the incarnation it was appended under; what is written after a restore has the new one", () => {
  const eras = [
    { incarnation: "first", after: 0 },
    { incarnation: "restored", after: 7 },
  ];
  expect([1, 7, 8, 9].map((position) => incarnationAt(eras, position))).toEqual([
    "first",
    "first",
    "restored",
    "restored",
  ]);
});

test("of two restores with nothing appended in between the later one holds", () => {
  const eras = [
    { incarnation: "first", after: 0 },
    { incarnation: "once", after: 7 },
    { incarnation: "twice", after: 7 },
  ];
  expect([7, 8].map((position) => incarnationAt(eras, position))).toEqual(["first", "twice"]);
});

import { expect, test } from "vitest";
import { personalValues } from "./personal-values.ts";

test("what stands in personal fields, in lists and whole objects too", () => {
  const data = {
    email: "a@b.c",
    homes: [{ street: "Elm" }, { street: "Oak", city: "Ulm" }],
    card: { no: 4111, cvc: 12 },
  };
  expect(personalValues(data, ["email", "homes.street", "card"])).toEqual(["a@b.c", "Elm", "Oak", "4111"]);
});

test("nothing of what is too short, erased or not there", () => {
  const data = { a: "no", b: 123, c: { erased: true }, d: null, e: true };
  expect(personalValues(data, ["a", "b", "c", "d.x", "e", "f.g"])).toEqual([]);
  expect(personalValues(undefined, ["a"])).toEqual([]);
});

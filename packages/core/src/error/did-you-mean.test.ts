import { expect, test } from "vitest";
import { didYouMean } from "./did-you-mean.ts";

const KNOWN = ["allow", "before", "unstored", "orders.order-placed"];

test.each([
  ["alow", "allow"],
  ["befor", "before"],
  ["un-stored", "unstored"],
  ["orders.order-place", "orders.order-placed"],
  ["order.orders-placed", "orders.order-placed"],
])("%s is near %s", (given, meant) => {
  expect(didYouMean(given, KNOWN)).toBe(` Did you mean "${meant}"?`);
});

test.each(["", "xyz", "somewhere-else"])("%j is near none", (given) => {
  expect(didYouMean(given, KNOWN)).toBe("");
});

test("the nearest wins, whatever the order", () => {
  expect(didYouMean("prise", ["price", "prize", "prise-it"])).toBe(' Did you mean "price"?');
  expect(didYouMean("orders", ["order", "borders-x", "orderz"])).toBe(' Did you mean "order"?');
});

test("it never suggests what was given", () => {
  expect(didYouMean("allow", KNOWN)).toBe("");
});

import { expect, test } from "vitest";
import { priced } from "./place.ts";

test("lines of one SKU are summed and priced", () => {
  const lines = [1, 2].map((quantity) => ({ sku: "mug", quantity }));
  expect(priced(lines, [{ sku: "mug", priceCents: 1_250 }])).toEqual([{ sku: "mug", quantity: 3, priceCents: 1_250 }]);
});

test("lines of one SKU that are too many together are refused, though none of them is alone", () => {
  const mug = [{ sku: "mug", priceCents: 1 }];
  const twice = [1_000_000, 1].map((quantity) => ({ sku: "mug", quantity }));
  expect(() => priced(twice, mug)).toThrow(expect.objectContaining({ code: "order-too-large" }));
  expect(priced(twice.slice(0, 1), mug)).toHaveLength(1);
});

test("an unknown SKU and an order beyond what can be charged are refused with a code", () => {
  expect(() => priced([{ sku: "cup", quantity: 1 }], [])).toThrow(expect.objectContaining({ code: "sku-unknown" }));
  const dear = [{ sku: "gold", priceCents: 100_000_000 }];
  expect(() => priced([{ sku: "gold", quantity: 1_001 }], dear)).toThrow(
    expect.objectContaining({ code: "order-too-large" }),
  );
  expect(priced([{ sku: "gold", quantity: 1_000 }], dear)).toHaveLength(1);
});

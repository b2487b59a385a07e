import { expect, test } from "vitest";
import { priced } from "./place.ts";

test("lines of one SKU are summed and priced", () => {
  const lines = [1, 2].map((quantity) => ({ sku: "mug", quantity }));
  expect(priced(lines, [{ sku: "mug", priceCents: 1_250 }])).toEqual([{ sku: "mug", quantity: 3, priceCents: 1_250 }]);
});

test("an unknown SKU and an order beyond what can be charged are refused with a code", () => {
  expect(() => priced([{ sku: "cup", quantity: 1 }], [])).toThrow(expect.objectContaining({ code: "sku-unknown" }));
  const dear = [{ sku: "gold", priceCents: 100_000_000 }];
  expect(() => priced([{ sku: "gold", quantity: 1_001 }], dear)).toThrow(
    expect.objectContaining({ code: "order-too-large" }),
  );
  expect(priced([{ sku: "gold", quantity: 1_000 }], dear)).toHaveLength(1);
});

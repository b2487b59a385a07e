import { expect, test } from "vitest";
import { parseRoute } from "./route.ts";

test.each([
  ["GET /", "GET", "/", []],
  ["POST /orders", "POST", "/orders", []],
  ["POST /orders/:orderId/cancel", "POST", "/orders/:orderId/cancel", ["orderId"]],
  ["PUT /stock/:sku/at/:place_1", "PUT", "/stock/:sku/at/:place_1", ["sku", "place_1"]],
  ["PATCH /a.b/~c/d-e_f", "PATCH", "/a.b/~c/d-e_f", []],
  ["DELETE /x", "DELETE", "/x", []],
])("%s", (...[text, method, path, parameters]) => {
  expect(parseRoute(text)).toEqual({ method, path, parameters });
});

test.each([
  "",
  "/orders",
  "POST",
  "POST orders",
  "post /orders",
  "HEAD /orders",
  "POST  /orders",
  "POST /orders more",
  "POST /orders/",
  "POST //orders",
  "POST /orders/:",
  "POST /orders/:1a",
  "POST /orders/a:b",
  "POST /orders/*",
  "POST /orders?x=1",
  "POST /orders/%2e",
])("%j is no route", (text) => {
  expect(parseRoute(text)).toBeUndefined();
});

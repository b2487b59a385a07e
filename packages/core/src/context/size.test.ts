import { expect, test } from "vitest";
import { bytesOf, sizeText } from "./size.ts";

test.each([
  ["1B", 1],
  ["512KiB", 512 * 1024],
  ["1.5GiB", 1.5 * 1024 ** 3],
  ["2TiB", 2 * 1024 ** 4],
])("%s is %i bytes", (text, bytes) => {
  expect(bytesOf(text)).toBe(bytes);
  expect(sizeText(bytes)).toBe(text);
});

test.each(["", "1", "GiB", "1GB", "-1GiB", "0MiB", "1 GiB", "0.1B"])("%j is no size", (text) => {
  expect(() => bytesOf(text)).toThrow(expect.objectContaining({ code: "config-invalid" }));
});

test("sizes for people have two figures at least", () => {
  expect([0, 1_000, 1_048_575, 123_456_789].map(sizeText)).toEqual(["0B", "1000B", "1024KiB", "118MiB"]);
});

import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "./sha256.ts";

const reference = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

test("it is the SHA-256 of node:crypto, for any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      expect(sha256(text)).toBe(reference(text));
    }),
  );
});

test("every length around a block boundary is padded right", () => {
  for (let length = 0; length <= 200; length++) {
    const text = "a".repeat(length);
    expect(sha256(text)).toBe(reference(text));
  }
});

test("the empty text and a long one", () => {
  expect(sha256("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const long = "é".repeat(100_000);
  expect(sha256(long)).toBe(reference(long));
});

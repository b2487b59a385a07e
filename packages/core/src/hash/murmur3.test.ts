import { expect, test } from "vitest";
import { murmur3 } from "./murmur3.ts";
import { utf8 } from "./utf8.ts";

test.each([
  ["", 0, 0],
  ["", 1, 0x514e28b7],
  ["", 0xffffffff, 0x81f16f39],
  ["a", 0, 0x3c2569b2],
  ["aa", 0x9747b28c, 0x5d211726],
  ["aaa", 0x9747b28c, 0x283e0130],
  ["aaaa", 0x9747b28c, 0x5a97808a],
  ["hello", 0, 0x248bfa47],
  ["hello, world", 0, 0x149bbb7f],
  ["The quick brown fox jumps over the lazy dog", 0, 0x2e4ff723],
  ["The quick brown fox jumps over the lazy dog", 0x9747b28c, 0x2fa826cd],
])("the published vector %j with seed %i", (text, seed, hash) => {
  expect(murmur3(utf8(text), seed)).toBe(hash);
});

test("bytes above 127 are read without their sign", () => {
  expect(murmur3(Uint8Array.of(0xff, 0xff, 0xff, 0xff))).toBe(0x76293b50);
  expect(murmur3(Uint8Array.of(0x21, 0x43, 0x65, 0x87))).toBe(0xf55b516b);
  expect(murmur3(Uint8Array.of(0x21, 0x43, 0x65))).toBe(0x7e4a8634);
});

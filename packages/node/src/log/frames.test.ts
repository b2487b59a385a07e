import { expect, test } from "vitest";
import { framesOf } from "./frames.ts";

const WORDS = "mailbox of canary@example.org is full";

test("an error is told by its name and places, and its causes likewise, without their words", () => {
  const cause = Object.assign(new TypeError(WORDS), { code: "ECONNREFUSED" });
  const told = framesOf(new Error(`first line\n    at canary (canary)\n${WORDS}`, { cause }));
  expect(told).toMatch(/^Error\n {4}at .*frames\.test\.ts:\d+:\d+/);
  expect(told).toMatch(/\ncaused by TypeError ECONNREFUSED\n {4}at .*frames\.test\.ts:\d+:\d+/);
  expect(told).not.toContain("canary");
});

test.each<[string, unknown, string]>([
  ["text", WORDS, "no error, but a value of type string"],
  ["an object", { WORDS }, "no error, but a value of type object"],
  ["nothing", undefined, "no error, but a value of type undefined"],
  ["an error with a name of its own", Object.assign(new Error(WORDS), { name: WORDS, stack: WORDS }), "Error"],
  ["an error with a code of its own", Object.assign(new Error(WORDS), { code: WORDS, stack: undefined }), "Error"],
  [
    "what cannot be looked at",
    Object.defineProperty(new Error(WORDS), "name", {
      get: () => {
        throw new Error(WORDS);
      },
    }),
    "something that cannot be looked at",
  ],
])("%s is told without its words", (...[, thrown, told]) => {
  expect(framesOf(thrown)).toBe(told);
});

test("causes that go round in a circle end", () => {
  const error = new Error(WORDS);
  error.cause = error;
  expect(framesOf(error).match(/caused by/g)).toHaveLength(7);
});

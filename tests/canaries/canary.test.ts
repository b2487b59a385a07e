import { expect, test } from "vitest";
import { Canary, seen } from "./canary.ts";

const canary = new Canary("canary7f3aPerson");
const { text } = canary;

test.each([
  text,
  `a ${text} b`,
  text.toUpperCase(),
  encodeURIComponent(`<${text}@example.org>`),
  JSON.stringify({ deep: [JSON.stringify({ text })] }),
  ...[0, 1, 2, 3].map((more) => Buffer.from("x".repeat(more) + text + "y").toString("base64")),
  ...[0, 1, 2, 3].map((more) => Buffer.from("x".repeat(more) + text).toString("base64url")),
  Buffer.from(text).toString("hex"),
])("is found in %s", (said) => {
  expect(canary.isIn(said)).toBe(true);
  expect(seen({ person: canary }, [["here", said]])).toEqual(["here: person"]);
});

test("is not found where it is not", () => {
  expect(seen({ person: canary }, [["here", "canary7f3aSecret"]])).toEqual([]);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { placeOf } from "./place.ts";

test.each([
  ["", 0, "1:1"],
  ["a\nb", 2, "2:1"],
  ["a\r\nb", 3, "2:1"],
  ["a\n", 1, "1:2"],
  ["\u{1F333}x", 2, "1:3"],
])("%j at %i is %s", (text, offset, place) => {
  const { line, column } = placeOf(text, offset);
  expect(`${line}:${column}`).toBe(place);
});

test("a place leads back to its offset", () => {
  const text = fc.array(fc.constantFrom("a", "\n", "é", "\u{1F333}")).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, fc.nat(), (written, any) => {
      const offset = any % (written.length + 1);
      const { line, column } = placeOf(written, offset);
      const before = written
        .split("\n")
        .slice(0, line - 1)
        .join("\n");
      expect((line === 1 ? 0 : before.length + 1) + column - 1).toBe(offset);
    }),
  );
});

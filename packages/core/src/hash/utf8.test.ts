import fc from "fast-check";
import { expect, test } from "vitest";
import { utf8, utf8Length } from "./utf8.ts";

// Any sequence of code units, so lone surrogates of both kinds too.
const codeUnits = fc.array(fc.oneof(fc.nat(0xffff), fc.integer({ min: 0xd800, max: 0xdfff })));
const text = codeUnits.map((units) => String.fromCharCode(...units));

test("it writes what TextEncoder writes, lone surrogates included", () => {
  fc.assert(
    fc.property(text, (written) => {
      expect(utf8(written)).toEqual(new TextEncoder().encode(written));
      expect(utf8Length(written)).toBe(utf8(written).length);
    }),
  );
});

test.each(["", "plain", "grüße", "日本語", "🌳", "\ud800", "\udc00x", "a\ud83c", "\u07ff\u0800\uffff"])(
  "%j",
  (written) => {
    expect(utf8(written)).toEqual(new TextEncoder().encode(written));
  },
);

import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonCodec } from "./json-codec.ts";

test("what was encoded is decoded to the same JSON value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      expect(jsonCodec.decode(jsonCodec.encode(value))).toEqual(plain);
    }),
  );
});

test("what JSON has no word for is null, what it cannot hold is refused", () => {
  expect(jsonCodec.encode(undefined)).toBe("null");
  expect(() => jsonCodec.encode(1n)).toThrow(TypeError);
  expect(() => jsonCodec.decode("{")).toThrow(SyntaxError);
});

test("a body cannot reach a prototype", () => {
  const value = jsonCodec.decode('{"__proto__":{"admin":true}}') as Record<string, unknown>;
  expect(value["admin"]).toBeUndefined();
  expect(Object.hasOwn(value, "__proto__")).toBe(true);
});

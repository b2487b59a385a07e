import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";

/** The same value with the keys of every object put in another order. */
function shuffled(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(shuffled);
  const pairs = Object.entries(value).reverse();
  return Object.fromEntries(pairs.map(([key, inner]) => [key, shuffled(inner)]));
}

// Two values are one JSON value exactly when they are deeply equal after a round trip; `-0` and `0` are one.
const json = fc.jsonValue({ noUnicodeString: false }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);

test("it is JSON of the same value", () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(value);
    }),
  );
});

test("the order in which keys were written does not show", () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value));
    }),
  );
});

test("keys are in code-unit order, at every depth, numbers among them", () => {
  expect(canonicalJson({ b: 1, a: { d: 2, c: 3 } })).toBe('{"a":{"c":3,"d":2},"b":1}');
  expect(canonicalJson({ 10: "a", 9: "b", "1a": "c" })).toBe('{"10":"a","1a":"c","9":"b"}');
  expect(canonicalJson({ é: 1, z: 2, Z: 3 })).toBe('{"Z":3,"z":2,"é":1}');
});

test('"__proto__" is a key like any other', () => {
  const value: unknown = JSON.parse('{"a":1,"__proto__":{"b":2}}');
  expect(canonicalJson(value)).toBe('{"__proto__":{"b":2},"a":1}');
});

test("an object is never the text of a list", () => {
  expect(canonicalJson({})).not.toBe(canonicalJson([]));
  expect(canonicalJson({ a: 1 })).not.toBe(canonicalJson([["a", 1]]));
});

test("it drops and converts what JSON drops and converts", () => {
  const at = new Date(0);
  expect(canonicalJson({ b: undefined, a: [undefined, () => 1], at })).toBe(
    '{"a":[null,null],"at":"1970-01-01T00:00:00.000Z"}',
  );
  expect(canonicalJson(undefined)).toBe("null");
  expect(canonicalJson(Number.NaN)).toBe("null");
});

test("what JSON cannot hold is refused", () => {
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  expect(() => canonicalJson(cycle)).toThrow(TypeError);
  expect(() => canonicalJson(1n)).toThrow(TypeError);
});

import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { expect, test } from "vitest";
import { z } from "zod";
import { namedFields } from "./named-fields.ts";
import type { StandardSchema } from "./standard-schema.ts";
import { validate } from "./validate.ts";

const given = (): unknown => ({
  id: "a",
  admin: true,
  home: { street: "b", admin: true },
  lines: [{ sku: "c", admin: true }],
  ...JSON.parse('{ "__proto__": { "admin": true } }'),
});
const named = { id: "a", home: { street: "b" }, lines: [{ sku: "c" }] };

function checked(schema: StandardSchema, value: unknown): unknown {
  const result = validate<unknown>(schema, value);
  return result.ok ? namedFields(schema, result.value) : result.issues;
}

test.each<[string, StandardSchema]>([
  [
    "zod",
    z.object({ id: z.string(), home: z.object({ street: z.string() }), lines: z.array(z.object({ sku: z.string() })) }),
  ],
  [
    "valibot",
    v.object({ id: v.string(), home: v.object({ street: v.string() }), lines: v.array(v.object({ sku: v.string() })) }),
  ],
  ["arktype", type({ id: "string", home: { street: "string" }, lines: type({ sku: "string" }).array() })],
])("what a schema does not name is not in what it lets through, at any depth: %s", (_, schema) => {
  const told = checked(schema, given());
  expect(told).toEqual(named);
  expect((told as { admin?: unknown }).admin).toBeUndefined();
});

test.each<[string, StandardSchema, unknown]>([
  ["zod, loose", z.looseObject({ id: z.string() }), { id: "a", more: 1 }],
  ["valibot, loose", toStandardJsonSchema(v.looseObject({ id: v.string() })), { id: "a", more: 1 }],
  ["arktype, with an index", type({ id: "string", "[string]": "unknown" }), { id: "a", more: 1 }],
  ["arktype, a record", type("Record<string, number>"), { a: 1, b: 2 }],
  ["arktype, any object", type("object"), { a: 1, b: 2 }],
  ["arktype, an object or any object", type({ id: "string" }).or(type({ map: "object" })), { map: { a: 1 } }],
  ["a date", type({ at: "Date" }), { at: new Date(0) }],
  ["text", type("string"), "text"],
])("what a schema allows is kept: %s", (...[, schema, value]) => {
  expect(checked(schema, value)).toEqual(value);
});

test("of alternatives the fields of all are named, and of conjuncts too", () => {
  const either = type({ kind: "'a'", a: "string" }).or({ kind: "'b'", b: { c: "string" } });
  expect(checked(either, { kind: "a", a: "x", admin: true })).toEqual({ kind: "a", a: "x" });
  expect(checked(either, { kind: "b", b: { c: "x" }, admin: true })).toEqual({ kind: "b", b: { c: "x" } });
  expect(checked(type({ a: "string" }).and({ b: "string" }), { a: "x", b: "y", admin: true })).toEqual({
    a: "x",
    b: "y",
  });
  expect(checked(type({ a: "string" }).or("null"), null)).toBe(null);
});

import { type } from "arktype";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { jsonSchemaOf } from "./json-schema.ts";
import { notAccepted } from "./not-accepted.ts";
import type { StandardSchema } from "./standard-schema.ts";

/** What keeps a value written by the schema from being read by it. */
function obstacle(schema: StandardSchema<unknown, unknown>): string | undefined {
  return notAccepted(jsonSchemaOf(schema, "output"), jsonSchemaOf(schema, "input"));
}

const line = z.object({ sku: z.string(), quantity: z.int().default(1) });
const tree = z.object({
  name: z.string().default(""),
  get kids() {
    return z.array(tree);
  },
});

describe("what can be read back is not refused", () => {
  test.each<[string, StandardSchema<unknown, unknown>]>([
    ["plain fields", z.object({ a: z.uuid(), b: z.email(), c: z.int(), d: z.enum(["x", "y"]), e: z.iso.datetime() })],
    ["bounds", z.object({ a: z.string().min(1).max(3).regex(/a/), b: z.number().min(0).max(9), c: z.boolean() })],
    ["anything", z.object({ a: z.unknown(), b: z.any(), c: z.json(), d: z.null(), e: z.literal(["x", 1]) })],
    ["optional and nullable", z.object({ a: z.string().optional(), b: line.nullable(), c: line.nullish() })],
    ["a default", line],
    ["a default before the schema", z.object({ a: z.string().prefault("x"), b: z.int().catch(0) })],
    ["nested objects with defaults", z.object({ a: line, b: z.object({ c: line }) })],
    ["lists", z.array(line)],
    ["records", z.record(z.string(), line)],
    ["records of listed keys", z.partialRecord(z.enum(["a", "b"]), line)],
    ["tuples", z.tuple([z.string(), line])],
    ["tuples with a rest", z.tuple([z.string()], line)],
    ["unions", z.union([line, z.string(), z.array(line)])],
    [
      "unions told apart by a tag",
      z.discriminatedUnion("k", [line.extend({ k: z.literal("a") }), line.extend({ k: z.literal("b") })]),
    ],
    [
      "tags of several values",
      z.discriminatedUnion("k", [line.extend({ k: z.enum(["a", "c"]) }), line.extend({ k: z.literal("b") })]),
    ],
    ["strict objects", z.strictObject({ a: z.string().default("") })],
    ["open objects", z.looseObject({ a: z.string().default("") })],
    ["objects with other fields of one kind", z.object({ a: line }).catchall(line)],
    ["intersections", z.intersection(line, z.object({ z: z.string().default("") }))],
    ["named parts", z.object({ a: line.meta({ id: "Line" }), b: z.array(line.meta({ id: "Other" })) })],
    ["recursion", tree],
    [
      "checks that change nothing of the type",
      z.object({ a: z.string().trim().toLowerCase(), b: z.string().brand("B") }),
    ],
    ["coercion to what is stored", z.object({ a: z.coerce.number() })],
    ["readonly", z.object({ a: line.readonly() }).readonly()],
    [
      "ArkType's defaults",
      type({ a: "string", n: "number.integer = 1", in: { x: "string = 'a'" }, u: "string | null" }),
    ],
    ["ArkType's tuples", type(["string", { a: "string = 'x'" }])],
    ["ArkType's tags", type({ k: "'a'", x: "string = 'b'" }).or({ k: "'b'", y: "number" })],
  ])("%s", (_, schema) => {
    expect(obstacle(schema)).toBeUndefined();
  });
});

describe("what cannot be read back is refused, with the place", () => {
  const digits = z.codec(z.string(), z.number(), { decode: Number, encode: String });
  const dropping = z.codec(z.object({ a: z.string() }), z.object({}), {
    decode: () => ({}),
    encode: () => ({ a: "" }),
  });
  const part = z.object({ k: z.literal("a"), n: digits });
  test.each<[string, StandardSchema<unknown, unknown>, string]>([
    ["another type", z.object({ a: digits }), "/properties/a/type"],
    ["in a list", z.array(z.object({ a: digits })), "/items/properties/a/type"],
    ["in a record", z.record(z.string(), digits), "/additionalProperties/type"],
    ["in a tuple", z.tuple([z.string(), digits]), "/prefixItems/1/type"],
    ["in the rest of a tuple", z.tuple([z.string()], digits), "/items/type"],
    ["in a union", z.union([z.object({ a: digits }), z.boolean()]), "/anyOf/0/anyOf"],
    ["behind a tag", z.discriminatedUnion("k", [part, z.object({ k: z.literal("b") })]), "/oneOf/0/oneOf"],
    [
      "in a named part",
      z.object({ a: z.object({ n: digits }).meta({ id: "Digits" }) }),
      "/$defs/Digits/properties/n/type",
    ],
    ["a field that is read and not written", dropping, "/required/a"],
  ])("%s", (_, schema, pointer) => {
    expect(obstacle(schema)).toBe(pointer);
  });
});

describe("pairs of plain JSON Schemas", () => {
  test.each<[string, unknown, unknown]>([
    ["an integer is a number", { type: "integer" }, { type: "number" }],
    ["one type of several", { type: "string" }, { type: ["string", "null"] }],
    ["fewer values", { const: "a" }, { enum: ["a", "b"] }],
    ["a field more than is read", { properties: { a: {}, b: {} } }, { properties: { a: {} } }],
    ["an object that does not say so is closed when written", {}, { additionalProperties: false }],
    ["nothing is always accepted", false, { type: "string" }],
    ["everything accepts", { type: "string" }, true],
    ["annotations do not matter", { type: "string" }, { description: "x", readOnly: true }],
    ["a choice", { type: "string" }, { anyOf: [{ type: "number" }, { type: "string" }] }],
    ["exactly one choice", { type: "string" }, { oneOf: [{ type: "number" }, { type: "string" }] }],
  ])("accepted: %s", (_, written, read) => {
    expect(notAccepted(written, read)).toBeUndefined();
  });

  test.each<[string, written: unknown, read: unknown, pointer: string]>([
    ["a number is no integer", { type: "number" }, { type: "integer" }, "/type"],
    ["one type too many", { type: ["string", "null"] }, { type: "string" }, "/type"],
    ["more values", { enum: ["a", "b"] }, { enum: ["a"] }, "/enum"],
    ["any value", { type: "string" }, { enum: ["a"] }, "/enum"],
    ["a bound that is not kept", { type: "string" }, { type: "string", minLength: 1 }, "/minLength"],
    ["a field that may not be", { properties: { a: {} } }, { additionalProperties: false }, "/properties/a"],
    [
      "open where it must be closed",
      { additionalProperties: {} },
      { additionalProperties: false },
      "/additionalProperties",
    ],
    [
      "open where a field has a type",
      { additionalProperties: {} },
      { properties: { a: { type: "string" } } },
      "/properties/a/type",
    ],
    ["a keyword beside a choice", { type: "string" }, { anyOf: [{ type: "string" }], minLength: 1 }, "/minLength"],
    ["two choices at once", { type: "integer" }, { oneOf: [{ type: "number" }, { type: "integer" }] }, "/oneOf"],
    ["no choice", { type: "string" }, { anyOf: [{ type: "number" }] }, "/anyOf"],
    ["everything", true, { type: "string" }, "/"],
    ["a list where an object is read", { type: "array" }, { type: "object" }, "/type"],
    ["a reference to another thing", { $ref: "#/$defs/A" }, { $ref: "#/$defs/B" }, "/$ref"],
  ])("refused: %s", (...[, written, read, pointer]) => {
    expect(notAccepted(written, read)).toBe(pointer);
  });
});

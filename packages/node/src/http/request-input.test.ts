import { jsonSchemaOf, type JsonSchema } from "@banyan/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { fieldShapes, takesOthers, type FieldShapes } from "./field-shapes.ts";
import { inputOf, refuseQuery } from "./request-input.ts";

const shapesOf = (schema: z.ZodType): FieldShapes => fieldShapes(jsonSchemaOf(schema, "input") as JsonSchema);

const SHAPES = shapesOf(
  z.object({
    limit: z.int().default(10),
    ratio: z.number().optional(),
    open: z.boolean().nullable(),
    sku: z.string(),
    either: z.union([z.string(), z.number()]),
    level: z.literal([1, 2, 3]),
    tags: z.array(z.string()),
    sizes: z.array(z.int()).optional(),
    oneOrMany: z.union([z.int(), z.array(z.int())]),
  }),
);

const ofQuery = (query: string): object =>
  inputOf({ body: undefined, path: {}, query: new URLSearchParams(query) }, SHAPES);
const ofPath = (body: unknown, path: Record<string, string>): object =>
  inputOf({ body, path, query: new URLSearchParams() }, SHAPES);

test.each([
  ["limit=5", { limit: 5 }],
  ["limit=-5", { limit: -5 }],
  ["ratio=1.5e3", { ratio: 1500 }],
  ["open=true", { open: true }],
  ["open=yes", { open: "yes" }],
  ["sku=007", { sku: "007" }],
  ["either=7", { either: "7" }],
  ["level=2", { level: 2 }],
  ["tags=a", { tags: ["a"] }],
  ["tags=a&tags=b", { tags: ["a", "b"] }],
  ["sizes=1&sizes=2", { sizes: [1, 2] }],
  ["oneOrMany=1", { oneOrMany: 1 }],
  ["oneOrMany=1&oneOrMany=2", { oneOrMany: [1, 2] }],
  ["unknown=1", { unknown: "1" }],
])("query %s is %j", (query, expected) => {
  expect(ofQuery(query)).toEqual(expected);
});

test.each(["0x10", "1_0", " 1", "", "1e999", "9007199254740993", "01", "+1", "NaN"])(
  "limit=%s stays text, and the schema refuses it",
  (text) => {
    expect(ofQuery(`limit=${encodeURIComponent(text)}`)).toEqual({ limit: text });
  },
);

test("a scalar given twice is refused, known or not", () => {
  for (const query of ["limit=1&limit=2", "unknown=1&unknown=1"]) {
    expect(() => ofQuery(query)).toThrow("given more than once");
  }
});

test("the path is part of the input, and the body may repeat it but not contradict it", () => {
  expect(ofPath({ tags: [] }, { sku: "a/b", limit: "3" })).toEqual({ tags: [], sku: "a/b", limit: 3 });
  expect(ofPath({ limit: 3 }, { limit: "3" })).toEqual({ limit: 3 });
  expect(() => ofPath({ limit: 4 }, { limit: "3" })).toThrow("contradicts the path");
  expect(() => ofPath({ limit: null }, { limit: "3" })).toThrow("contradicts the path");
});

test.each([[[1]], ["text"], [1], [null], [true]])("a body that is %j is refused with its code", (body) => {
  expect(() => ofPath(body, {})).toThrow(expect.objectContaining({ code: "input-invalid" }));
});

test("__proto__ in a body or a query is a field and nothing else", () => {
  const fromBody = ofPath(JSON.parse('{"__proto__":{"admin":true}}'), {});
  const fromQuery = ofQuery("__proto__=x");
  for (const input of [fromBody, fromQuery]) {
    expect(Object.getPrototypeOf(input)).toBe(Object.prototype);
    expect(Object.keys(input)).toEqual(["__proto__"]);
  }
});

test("fields are found through unions, intersections and references", () => {
  const node = z.object({ n: z.int() });
  const union = shapesOf(z.union([z.object({ a: z.int() }), z.object({ a: z.boolean(), b: node.shape.n })]));
  expect([...(union.get("a")?.types ?? [])].sort()).toEqual(["boolean", "integer"]);
  expect(shapesOf(z.intersection(z.object({ a: z.int() }), node)).get("n")?.types).toContain("integer");
  const recursive: JsonSchema = {
    $ref: "#/$defs/Node",
    $defs: { Node: { type: "object", properties: { next: { $ref: "#/$defs/Node" }, n: { type: "integer" } } } },
  };
  expect(fieldShapes(recursive).get("n")?.types).toContain("integer");
});

test.each([
  [z.object({ limit: z.int() }), false],
  [z.strictObject({ limit: z.int() }), false],
  [z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]), false],
  [z.object({}), false],
  [z.looseObject({ limit: z.int() }), true],
  [z.record(z.string(), z.string()), true],
  [z.any(), true],
])("whether an input takes what it does not name: %#", (schema, others) => {
  expect(takesOthers(jsonSchemaOf(schema, "input") as JsonSchema)).toBe(others);
});

test("a query beside a body is refused, each name with where it belongs or what was meant", () => {
  const refuse = (query: string): void => refuseQuery(new URLSearchParams(query), { method: "POST", shapes: SHAPES });
  expect(() => refuse("")).not.toThrow();
  expect(() => refuse("limt=5")).toThrow('"limt" is not read from the query with POST. Did you mean "limit"?');
  expect(() => refuse("limit=5&x=1")).toThrow(
    '"limit" is not read from the query with POST: give "limit" in the body; "x" is not read',
  );
  expect(() => refuse("x=1")).toThrow(expect.objectContaining({ code: "input-invalid" }));
});

import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { event, none, type DataOf } from "./event.ts";
import { fieldsOf, jsonSchemaOf } from "./json-schema.ts";
import { notAccepted } from "./not-accepted.ts";
import { command, query, type InputDataOf, type InputOf, type OutputOf } from "./operation.ts";
import { validate } from "./validate.ts";

const withZod = z.object({ orderId: z.string(), cents: z.int().default(0) });
const withValibot = toStandardJsonSchema(
  v.object({ orderId: v.string(), cents: v.optional(v.pipe(v.number(), v.integer()), 0) }),
);
const withArkType = type({ orderId: "string", cents: "number.integer = 0" });

interface Order {
  orderId: string;
  cents: number;
}

describe.each([
  ["Zod", withZod],
  ["Valibot", withValibot],
  ["ArkType", withArkType],
])("a contract written with %s", (_, schema) => {
  test("validates and gives both JSON Schemas", () => {
    expect(validate<unknown>(schema, { orderId: "a" })).toEqual({ ok: true, value: { orderId: "a", cents: 0 } });
    const [read, written] = [jsonSchemaOf(schema, "input"), jsonSchemaOf(schema, "output")];
    expect(read).toMatchObject({ type: "object", properties: { orderId: { type: "string" } }, required: ["orderId"] });
    expect(written).toMatchObject({ type: "object", properties: { cents: { type: "integer" } } });
    expect(notAccepted(written, read)).toBeUndefined();
    expect(typeof written === "string" ? written : fieldsOf(written)?.toSorted()).toEqual(["cents", "orderId"]);
  });
});

test("the types of a contract are those of its schema, with every library", () => {
  const options = { version: 1, key: "orderId" } as const;
  const events = [
    event("orders.placed", { ...options, data: withZod }),
    event("orders.placed", { ...options, data: withValibot }),
    event("orders.placed", { ...options, data: withArkType }),
  ] as const;
  expectTypeOf<DataOf<(typeof events)[0]>>().toEqualTypeOf<Order>();
  expectTypeOf<DataOf<(typeof events)[1]>>().toEqualTypeOf<Order>();
  expectTypeOf<DataOf<(typeof events)[2]>>().toEqualTypeOf<Order>();
  const Price = query("inventory.price", { input: withZod, output: withArkType });
  expectTypeOf<InputOf<typeof Price>>().toEqualTypeOf<{ orderId: string; cents?: number | undefined }>();
  expectTypeOf<InputDataOf<typeof Price>>().toEqualTypeOf<Order>();
  expectTypeOf<OutputOf<typeof Price>>().toEqualTypeOf<{ orderId: string; cents?: number }>();
  expect(events.map((one) => one.name)).toEqual(["orders.placed", "orders.placed", "orders.placed"]);
});

test("a contract is plain data", () => {
  const Placed = event("orders.placed", {
    version: 2,
    key: "orderId",
    data: withZod,
    personal: { subject: "orderId", fields: ["cents"] },
  });
  expect(Placed).toMatchObject({ kind: "event", name: "orders.placed", version: 2, key: "orderId" });
  expect(Placed.personal).toEqual({ subject: "orderId", fields: ["cents"] });
  expect(event("orders.ticked", { version: 1, key: none, data: withZod }).key).toBe(none);
  const Place = command("orders.place", { http: "POST /orders", input: withZod, confirms: [Placed] });
  expect(Place).toMatchObject({ kind: "command", name: "orders.place", http: "POST /orders", confirms: [Placed] });
  expect(Place.output).toBeUndefined();
  expect(command("orders.touch", { input: withZod })).toMatchObject({ http: undefined, confirms: [] });
  expect(query("orders.get", { input: withZod, output: withZod })).toMatchObject({ kind: "query", http: undefined });
});

test.each<[string, unknown, string]>([
  ["a plain object", {}, "it is not a Standard Schema (there is no `~standard`)"],
  ["nothing", undefined, "it is not a Standard Schema (there is no `~standard`)"],
  [
    "Valibot without its wrapper",
    v.string(),
    "valibot gives no Standard JSON Schema (there is no `~standard.jsonSchema`)",
  ],
  ["a date", z.object({ at: z.date() }), "Date cannot be represented in JSON Schema"],
  ["a transform", z.string().transform(Number), "Transforms cannot be represented in JSON Schema"],
])("%s has no JSON Schema, and says why", (_, schema, reason) => {
  expect(jsonSchemaOf(schema as never, "output")).toBe(reason);
});

test("only an object schema has fields", () => {
  expect(fieldsOf({ type: "object", properties: { a: {}, b: {} } })).toEqual(["a", "b"]);
  expect(fieldsOf({ type: "string" })).toBeUndefined();
});

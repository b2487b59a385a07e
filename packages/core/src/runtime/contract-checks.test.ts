import { describe, expect, test } from "vitest";
import { z } from "zod";
import { command, event, none, query, type EventContract, type OperationContract } from "../contract/index.ts";
import { context } from "../context/index.ts";
import { checkContracts, checkRoutes } from "./contract-checks.ts";

const data = z.object({ orderId: z.string(), cents: z.int() });

/** `code: message` of what is wrong with contracts that "orders" exports. */
function found(...contracts: readonly (EventContract | OperationContract)[]): string[] {
  const exported = Object.fromEntries(contracts.map((contract, i) => [`C${i}`, contract]));
  const { definition } = context("orders", { contract: exported });
  const operations = contracts.filter((contract) => contract.kind !== "event");
  return [...checkContracts(definition), ...checkRoutes(operations)].map(({ code, message }) => `${code}: ${message}`);
}

const options = { version: 1, key: "orderId", data } as const;

describe("the name of a contract", () => {
  test.each([
    "orders",
    "orders.",
    "Orders.placed",
    "orders.Placed",
    "orders.placed.twice",
    "orders.placed-",
    ".placed",
  ])("%j is not of the form", (name) => {
    expect(found(event(name, options))).toEqual([`name-invalid: "${name}" is not of the form "context.name".`]);
  });

  test("is the owner's, and is there once", () => {
    const [one, other] = [event("orders.placed", options), event("orders.placed", options)];
    expect(found(one, other)).toEqual(['name-duplicate: Two contracts are called "orders.placed".']);
    expect(found(event("stock.placed", options))).toEqual([
      'contract-foreign: The contract of "orders" exports "stock.placed".',
    ]);
  });
});

describe("an event", () => {
  test.each([undefined, ""])("without a key (%j)", (key) => {
    expect(found(event("orders.placed", { ...options, key: key as never }))).toEqual([
      'key-missing: "orders.placed" has no key.',
    ]);
  });

  test("with a key that is not a field of its data", () => {
    expect(found(event("orders.placed", { ...options, key: "orderid" as never }))).toEqual([
      'key-missing: The key "orderid" of "orders.placed" is not a field of its data. Did you mean "orderId"?',
    ]);
  });

  test.each([0, -1, 1.5, undefined, "1"])("of version %j", (version) => {
    expect(found(event("orders.placed", { ...options, version: version as never }))).toEqual([
      'option-missing: The version of "orders.placed" must be a whole number from 1.',
    ]);
  });

  test("with a schema that cannot be stored or read back", () => {
    const digits = z.codec(z.string(), z.number(), { decode: Number, encode: String });
    const codec = z.object({ orderId: z.string(), cents: digits });
    const date = z.object({ orderId: z.string(), at: z.date() });
    expect(
      found(event("orders.placed", { ...options, data: codec }), event("orders.dated", { ...options, data: date })),
    ).toEqual([
      'schema-not-rereadable: The data of "orders.placed" writes what it does not read, at /properties/cents/type.',
      'schema-unsupported: The data of "orders.dated" has no JSON Schema: Date cannot be represented in JSON Schema.',
    ]);
  });

  test("with several faults has all of them told", () => {
    const wrong = { version: 0, key: "" as never, data: {} as never };
    expect(found(event("orders.placed", wrong)).map((told) => told.split(":")[0])).toEqual([
      "key-missing",
      "option-missing",
      "schema-unsupported",
    ]);
  });

  test("whose personal fields are not in its data", () => {
    const person = z.object({
      id: z.string(),
      email: z.email().optional(),
      address: z.object({ street: z.string() }).nullable(),
      lines: z.array(z.object({ note: z.string() })),
      more: z.record(z.string(), z.string()),
      any: z.unknown(),
    });
    const Written = (subject: string, ...fields: string[]): EventContract =>
      event("orders.written", { version: 1, key: "id", data: person, personal: { subject: subject as never, fields } });
    expect(found(Written("id", "email", "address.street", "lines.note", "more.any", "any.thing"))).toEqual([]);
    expect(found(Written("customer", "emails", "address.city", "id.x"))).toEqual([
      'personal-unknown: "customer" is not in the data of "orders.written".',
      'personal-unknown: "emails" is not in the data of "orders.written". Did you mean "email"?',
      'personal-unknown: "address.city" is not in the data of "orders.written".',
      'personal-unknown: "id.x" is not in the data of "orders.written".',
    ]);
  });
});

describe("an event with personal fields", () => {
  const person = z.object({ id: z.string(), email: z.string() });
  const Signed = (key: "id" | "email" | typeof none, subject: "id" | "email", field: string): EventContract =>
    event("orders.signed", { version: 1, key, data: person, personal: { subject, fields: [field] } });

  test("is not keyed by one of them, which operators would be shown and nothing could erase", () => {
    expect(found(Signed("email", "email", "email"))).toEqual([
      'key-personal: The key "email" of "orders.signed" is a personal field.',
    ]);
    expect(found(Signed("email", "id", "email"))).toHaveLength(1);
  });

  test("may be keyed by whose they are, by another field, or by none", () => {
    expect(found(Signed("id", "id", "email"))).toEqual([]);
    expect(found(Signed("email", "id", "id"))).toEqual([]);
    expect(found(Signed(none, "email", "email"))).toEqual([]);
  });
});

describe("an operation", () => {
  test("may read what it does not write, and must write what it reads", () => {
    const input = z.object({ n: z.string().transform(Number) });
    const output = z.object({ at: z.date() });
    expect(found(command("orders.place", { input }))).toEqual([]);
    expect(found(query("orders.get", { input: data, output }))).toEqual([
      'schema-unsupported: The output of "orders.get" has no JSON Schema: Date cannot be represented in JSON Schema.',
    ]);
    expect(found(command("orders.place", { input: output }))).toEqual([
      'schema-unsupported: The input of "orders.place" has no JSON Schema: Date cannot be represented in JSON Schema.',
    ]);
  });
});

describe("a route", () => {
  const at = (name: string, http: string): OperationContract =>
    http.startsWith("GET ") ? query(name, { http, input: data, output: data }) : command(name, { http, input: data });

  test("is a method and a path outside /_banyan, with parameters from the input", () => {
    expect(
      found(at("orders.a", "orders"), at("orders.b", "GET /_banyan/x"), at("orders.c", "GET /orders/:orderid")),
    ).toEqual([
      'route-invalid: "orders" of "orders.a" is not a route.',
      'route-invalid: "GET /_banyan/x" is under /_banyan, which is the runtime\'s own.',
      'route-invalid: ":orderid" of "GET /orders/:orderid" is not a field of the input of "orders.c". Did you mean "orderId"?',
    ]);
  });

  test("is one operation's alone, whatever its parameters are called", () => {
    expect(found(at("orders.a", "GET /orders/:orderId"), at("orders.b", "GET /orders/:cents"))).toEqual([
      'route-duplicate: "orders.b" and "orders.a" have the same route, GET /orders/:cents.',
    ]);
    expect(found(at("orders.a", "GET /orders/:orderId"), at("orders.b", "PUT /orders/:orderId"))).toEqual([]);
  });
});

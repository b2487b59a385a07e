import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { isErased } from "./erased.ts";
import { event, type EventOptions } from "./event.ts";
import { readEvent } from "./read-event.ts";

const gone = { erased: true } as const;

test("an erased field is that mark and nothing else", () => {
  expect([gone, { erased: true, more: 1 }, { erased: false }, {}, "erased", null, [], undefined].map(isErased)).toEqual(
    [true, ...Array<boolean>(7).fill(false)],
  );
});

const WithZod = z.object({
  id: z.string(),
  email: z.email(),
  phone: z.string().optional(),
  address: z.object({ street: z.string(), city: z.string() }),
  lines: z.array(z.object({ note: z.string(), n: z.int() })),
  currency: z.string().default("EUR"),
});
const WithValibot = toStandardJsonSchema(
  v.object({
    id: v.string(),
    email: v.pipe(v.string(), v.email()),
    phone: v.optional(v.string()),
    address: v.object({ street: v.string(), city: v.string() }),
    lines: v.array(v.object({ note: v.string(), n: v.number() })),
    currency: v.optional(v.string(), "EUR"),
  }),
);
const WithArkType = type({
  id: "string",
  email: "string.email",
  "phone?": "string",
  address: { street: "string", city: "string" },
  lines: [{ note: "string", n: "number" }, "[]"],
  currency: "string = 'EUR'",
});

const fields = ["email", "phone", "address.street", "lines.note"] as const;
const whole = {
  id: "1",
  email: "a@example.org",
  phone: "1",
  address: { street: "s", city: "c" },
  lines: [
    { note: "x", n: 1 },
    { note: "y", n: 2 },
  ],
  currency: "USD",
};

describe.each([
  ["Zod", WithZod],
  ["Valibot", WithValibot],
  ["ArkType", WithArkType],
])("erased fields of an event written with %s", (library, data) => {
  const Written = event("orders.written", {
    version: 1,
    key: "id",
    data: data as unknown as typeof WithZod,
    personal: { subject: "id", fields },
  });
  const read = (stored: object): unknown => readEvent(Written, 1, stored);
  const whyNot = (stored: object): string => (readEvent(Written, 1, stored) as { why: string }).why;

  test("are delivered as that, wherever they are", () => {
    const erased = {
      ...whole,
      email: gone,
      phone: gone,
      address: { street: gone, city: "c" },
      lines: [
        { note: gone, n: 1 },
        { note: "y", n: 2 },
      ],
    };
    expect(read(erased)).toEqual({ ok: true, data: erased });
  });

  test("that the schema can do without leave it to make of the rest what it does", () => {
    const { currency: _currency, ...older } = whole;
    expect(read({ ...older, phone: gone })).toEqual({ ok: true, data: { ...whole, phone: gone, currency: "EUR" } });
  });

  test("that it cannot do without leave the defaults to its JSON Schema", () => {
    const { currency: _currency, ...older } = whole;
    const delivered = { ok: true, data: { ...whole, email: gone, currency: "EUR" } };
    // ArkType names none there: better unread than without a field that the types promise.
    const why = "currency: missing, and not to be added while a field is erased";
    expect(read({ ...older, email: gone })).toEqual(library === "ArkType" ? { ok: false, why } : delivered);
  });

  test("that it cannot do without leave what a link of the upcasts has added, whatever JSON Schema names", () => {
    const Later = event("orders.written", {
      version: 2,
      key: "id",
      data: data as unknown as typeof WithZod,
      personal: { subject: "id", fields },
      upcast: { 1: (old) => ({ currency: "EUR", ...old }) },
    });
    const { currency: _currency, ...older } = whole;
    const delivered = { ...whole, email: gone, currency: "EUR" };
    expect(readEvent(Later, 1, { ...older, email: gone })).toEqual({ ok: true, data: delivered });
  });

  test("excuse nothing else", () => {
    expect(whyNot({ ...whole, email: gone, currency: 1 })).toContain("currency");
    expect(whyNot({ ...whole, email: gone, currency: 1 })).not.toContain("email");
    expect(whyNot({ ...whole, id: gone })).toContain("id");
    expect(whyNot({ ...whole, address: gone })).toContain("address");
    expect(whyNot({ ...whole, email: { erased: true, more: "x" } })).toContain("email");
    const many = Array.from({ length: 30 }, () => ({ note: gone, n: 1 }));
    expect(read({ ...whole, lines: many })).toMatchObject({ ok: true });
    expect(whyNot({ ...whole, lines: [...many, { note: gone, n: "x" }] })).toContain("lines.30.n");
  });
});

describe("an erased field where the schema does more than judge", () => {
  const read = (data: EventOptions<any>["data"], stored: object): unknown =>
    readEvent(
      event("orders.written", { version: 1, key: "id", data, personal: { subject: "id", fields: ["email"] } }),
      1,
      stored,
    );

  test("is in no list or record that it was not in", () => {
    const data = z.object({ id: z.string(), email: z.string().nullable(), more: z.record(z.string(), z.string()) });
    expect(read(data, { id: "1", email: gone, more: {} })).toEqual({
      ok: true,
      data: { id: "1", email: gone, more: {} },
    });
    expect(read(data, { id: "1", email: null, more: {} })).toEqual({
      ok: true,
      data: { id: "1", email: null, more: {} },
    });
  });

  test("leaves unread what only a transform would have added", () => {
    const standard = WithZod["~standard"];
    const needs = { type: "object", properties: { id: {}, email: {}, total: {} }, required: ["id", "email", "total"] };
    const data = {
      "~standard": { ...standard, jsonSchema: { input: () => needs, output: () => needs } },
    } as unknown as typeof WithZod;
    const { currency: _currency, ...older } = whole;
    expect(read(data, { ...older, email: gone })).toEqual({
      ok: false,
      why: "total: missing, and not to be added while a field is erased",
    });
  });

  test("leaves unread what the schema gives another shape", () => {
    const data = z.object({ id: z.string(), email: z.string().optional() }).transform(({ id }) => id);
    expect(read(data, { id: "1", email: gone })).toEqual({
      ok: false,
      why: "email: erased, and the schema leaves no place for that",
    });
  });
});

describe("upcasts and erased fields", () => {
  const Signed = event("orders.signed", {
    version: 2,
    key: "id",
    data: z.object({ id: z.string(), email: z.string() }),
    personal: { subject: "id", fields: ["email"] },
    upcast: { 1: ({ mail, ...rest }) => ({ ...rest, email: isErased(mail) ? mail : mail.toLowerCase() }) },
  });

  test("meet: a link sees the mark and may carry it on", () => {
    expect(readEvent(Signed, 1, { id: "1", mail: "A@B" })).toEqual({ ok: true, data: { id: "1", email: "a@b" } });
    expect(readEvent(Signed, 1, { id: "1", mail: gone })).toEqual({ ok: true, data: { id: "1", email: gone } });
  });

  test("meet badly where the link expects a value, which is said without it", () => {
    expect(readEvent(Signed, 1, { id: "1", mail: 5 })).toEqual({ ok: false, why: "its upcast from version 1 threw" });
  });
});

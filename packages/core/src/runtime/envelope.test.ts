import { type } from "arktype";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { event, none } from "../contract/index.ts";
import { slotOf } from "../hash/index.ts";
import type { Entry, Origin } from "../ports/index.ts";
import { isUnreadable, toCloudEvent, toEntry, toReceived } from "./envelope.ts";
import { jsonCodec } from "./json-codec.ts";

const Placed = event("orders.placed", {
  version: 2,
  key: "orderId",
  data: z.object({ orderId: z.string(), cents: z.int().default(0) }),
});

const origin: Origin = {
  tenant: "acme",
  principal: "user:1",
  correlation: "flow",
  causation: "cause",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
};
const by = { id: "0190-id", at: Date.parse("2026-11-24T05:22:00.000Z"), origin, codec: jsonCodec };

function entry(changes: Partial<Entry> = {}): Entry {
  return { ...toEntry(Placed, { orderId: "o-1" }, by), source: "orders", position: 42, ...changes };
}

const read = (changes: Partial<Entry>, contract = Placed): unknown => toReceived(contract, entry(changes), jsonCodec);

/** What reading throws. */
function refusal(changes: Partial<Entry>, contract = Placed): unknown {
  try {
    return read(changes, contract);
  } catch (error) {
    return error;
  }
}

describe("an event on its way into the log", () => {
  test("is what its schema makes of it, keyed, slotted and in its flow", () => {
    expect(toEntry(Placed, { orderId: "o-1", more: 1 }, by)).toEqual({
      ...origin,
      id: by.id,
      at: by.at,
      type: "orders.placed",
      version: 2,
      key: "o-1",
      slot: slotOf("o-1"),
      form: "json",
      body: '{"orderId":"o-1","cents":0}',
    });
  });

  test("has a number as its key, or its own id where it has none on purpose", () => {
    const data = z.object({ n: z.number() });
    expect(toEntry(event("orders.counted", { version: 1, key: "n", data }), { n: 7 }, by).key).toBe("7");
    const ticked = toEntry(event("orders.ticked", { version: 1, key: none, data }), { n: 7 }, by);
    expect([ticked.key, ticked.slot]).toEqual([by.id, slotOf(by.id)]);
  });

  test("is refused without a key, or with data its schema refuses", () => {
    expect(() => toEntry(Placed, { orderId: "" }, by)).toThrow(expect.objectContaining({ code: "event-invalid" }));
    for (const orderId of ["\ud800", "a\udc00b"])
      expect(() => toEntry(Placed, { orderId }, by)).toThrow(expect.objectContaining({ code: "event-invalid" }));
    expect(toEntry(Placed, { orderId: "a\u{1f333}\u0000" }, by).key).toBe("a\u{1f333}\u0000");
    expect(() => toEntry(Placed, { orderId: 1 }, by)).toThrow(
      expect.objectContaining({
        code: "event-invalid",
        details: { issues: [expect.objectContaining({ path: "orderId" })] },
      }),
    );
  });
});

describe("an entry of another version", () => {
  const Renamed = event("orders.placed", {
    version: 3,
    key: "orderId",
    data: z.object({ orderId: z.string(), cents: z.int(), currency: z.string() }),
    upcast: {
      1: ({ amount, ...old }) => ({ ...old, cents: amount * 100 }),
      2: (old) => Object.assign(old, { currency: "EUR" }),
    },
  });

  test("goes through the upcasts, and says which version it was written in", () => {
    const data = { orderId: "o-1", cents: 200, currency: "EUR" };
    const first = { version: 1, body: '{"orderId":"o-1","amount":2}' };
    expect(read(first, Renamed as never)).toMatchObject({ version: 1, data });
    expect(read(first, Renamed as never)).toMatchObject({ version: 1, data });
    expect(read({ version: 2, body: '{"orderId":"o-1","cents":200}' }, Renamed as never)).toMatchObject({
      version: 2,
      data,
    });
    expect(read({ version: 4, body: JSON.stringify({ ...data, more: 1 }) }, Renamed as never)).toMatchObject({
      version: 4,
      data,
    });
  });

  test("keeps its key: one that its upcasts change is not read, since it was ordered by the other", () => {
    const keyed = (key: (old: any) => unknown): unknown =>
      refusal(
        { version: 1, body: '{"orderId":"o-1","customer":"c-1"}' },
        event("orders.placed", {
          version: 2,
          key: "orderId",
          data: z.object({ orderId: z.union([z.string(), z.number()]) }),
          upcast: { 1: (old: any) => ({ ...old, orderId: key(old) }) },
        } as never),
      );
    const changed = keyed(({ customer }) => customer);
    expect(isUnreadable(changed)).toBe(true);
    expect(changed).toMatchObject({ code: "event-unknown", message: expect.stringContaining('another "orderId"') });
    expect((changed as Error).message).not.toContain("c-1");
    expect(keyed(({ orderId }) => orderId)).toMatchObject({ key: "o-1" });
  });

  test("is told with the version that is missing, or the upcast that failed", () => {
    expect(refusal({ version: 1 })).toMatchObject({
      message:
        'Entry 42 of "orders" (orders.placed v1) cannot be read: it has version 1, this code reads 2 and has no upcast from version 1.',
    });
    const failed = refusal({ version: 1, body: "null" }, Renamed as never);
    expect(isUnreadable(failed)).toBe(true);
    expect(failed).toMatchObject({
      message: 'Entry 42 of "orders" (orders.placed v1) cannot be read: its upcast from version 1 threw.',
    });
  });
});

test("a sealed entry is kept for a version that can open it, and says so", () => {
  expect(refusal({ form: "sealed", body: '{"orderId":"o-1"}' })).toMatchObject({
    code: "event-unknown",
    message:
      'Entry 42 of "orders" (orders.placed v2) cannot be read: its body is sealed, and this version cannot open sealed bodies.',
  });
});

describe("an entry as it is received", () => {
  test("has its data and where it comes from", () => {
    const { traceparent: _, ...flow } = origin;
    expect(read({})).toEqual({
      ...flow,
      id: by.id,
      type: "orders.placed",
      version: 2,
      key: "o-1",
      at: by.at,
      data: { orderId: "o-1", cents: 0 },
      source: "orders",
      position: 42,
    });
  });

  test("may be newer, as long as this code's schema accepts it", () => {
    const newer = { version: 3, body: '{"orderId":"o-1","cents":1,"currency":"EUR"}' };
    expect(read(newer)).toMatchObject({ version: 3, data: { orderId: "o-1", cents: 1 } });
    expect(refusal({ version: 3, body: '{"order":"o-1"}' })).toMatchObject({ code: "event-unknown" });
  });

  test.each<[string, Partial<Entry>, string]>([
    ["older than this code reads", { version: 1 }, "event-unknown"],
    ["sealed", { form: "sealed" }, "event-unknown"],
    ["of another type, left by a subscription that was changed", { type: "orders.shipped" }, "event-unknown"],
    ["not JSON", { body: "{" }, "event-undecodable"],
    ["of another shape", { body: "[]" }, "event-unknown"],
  ])("is unreadable when it is %s", (_, changes, code) => {
    const error = refusal(changes);
    expect(error).toMatchObject({ code, message: expect.stringContaining('Entry 42 of "orders"') });
    expect(isUnreadable(error)).toBe(true);
  });
});

test("personal fields never reach an error, even where the schema library repeats values", () => {
  const data = type({
    id: "string",
    email: "string.email",
    address: { street: "string" },
    lines: [{ note: "string" }, "[]"],
    cents: "number",
  });
  const personal = { subject: "id", fields: ["email", "address.street", "lines.note"] } as const;
  const Written = event("orders.written", { version: 1, key: "id", data, personal });
  const wrong = {
    id: "1",
    email: "SECRET",
    address: { street: ["SECRET"] },
    lines: [{ note: ["SECRET"] }],
    cents: "text",
  };
  const body = JSON.stringify(wrong);
  // The value ends in a field that is not personal now.
  const moves = event(Written.name, {
    version: 2,
    key: "id",
    data,
    personal,
    upcast: { 1: (old) => ({ ...old, cents: old.email }) },
  });
  const throws = event(Written.name, {
    version: 2,
    key: "id",
    data,
    personal,
    upcast: {
      1: ({ email }) => {
        throw new Error(email);
      },
    },
  });
  const failures = [
    (): unknown => toEntry(Written, wrong, by),
    (): unknown => read({ type: Written.name, body }, Written as never),
    (): unknown => read({ type: Written.name, body: JSON.stringify("SECRET") }, Written as never),
    (): unknown => read({ type: Written.name, version: 1, body }, moves as never),
    (): unknown => read({ type: Written.name, version: 1, body }, throws as never),
  ].map((act) => {
    try {
      return act();
    } catch (error) {
      return JSON.stringify([(error as Error).message, error]);
    }
  });
  for (const told of failures) expect(told).not.toContain("SECRET");
  expect(failures[0]).toContain("email");
  expect(failures[1]).toContain("cents must be a number");
  expect(failures[3]).toContain("cents: is not as its schema says");
  expect(failures[4]).toContain("its upcast from version 1 threw");
});

test("an entry is a CloudEvent", () => {
  expect(toCloudEvent(entry(), "incarnation-1", jsonCodec)).toEqual({
    specversion: "1.0",
    id: by.id,
    source: "/contexts/orders",
    type: "orders.placed",
    subject: "o-1",
    time: "2026-11-24T05:22:00.000Z",
    datacontenttype: "application/json",
    dataversion: "2",
    incarnation: "incarnation-1",
    sequence: "42",
    partitionkey: "o-1",
    tenant: "acme",
    principal: "user:1",
    correlationid: "flow",
    causationid: "cause",
    traceparent: origin.traceparent,
    data: { orderId: "o-1", cents: 0 },
  });
});

test("its attributes are named as CloudEvents names attributes, and it leaves out what it does not have", () => {
  const written = toCloudEvent(entry({ traceparent: undefined }), "i", jsonCodec);
  expect(Object.keys(written).filter((name) => !/^[a-z0-9]{1,20}$/.test(name))).toEqual([]);
  expect(written).not.toHaveProperty("traceparent");
});

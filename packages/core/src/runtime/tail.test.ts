import { memory } from "@banyan/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { context } from "../context/index.ts";
import { event, none } from "../contract/index.ts";
import type { NewEntry, Store } from "../ports/index.ts";
import { jsonCodec } from "./json-codec.ts";
import { Tail, type TailPage, type TailQuery } from "./tail.ts";

const data = z.object({
  orderId: z.string(),
  email: z.string(),
  lines: z.array(z.object({ sku: z.string(), note: z.string().optional() })).default([]),
});
const Placed = event("orders.placed", {
  version: 2,
  key: "orderId",
  personal: { subject: "orderId", fields: ["email", "lines.note"] },
  data,
  upcast: { 1: ({ mail, ...rest }) => ({ ...rest, email: mail }) },
});
const Asked = event("orders.asked", {
  version: 1,
  key: none,
  personal: { subject: "email", fields: ["email"] },
  data: z.object({ email: z.string() }),
});

const SECRET = "ann@example.org";

function entry(over: Partial<NewEntry>): NewEntry {
  const flow = { tenant: "t", principal: "user:1", correlation: "c", causation: "d", traceparent: undefined };
  const body = JSON.stringify({ orderId: "1", email: SECRET });
  return { ...flow, id: "i", type: "orders.placed", version: 2, key: "1", slot: 0, at: 5, form: "json", body, ...over };
}

interface World {
  readonly store: Store;
  readonly page: (query?: Partial<TailQuery>) => Promise<TailPage>;
}

async function world(entries: readonly NewEntry[], contract: object = { Placed, Asked }): Promise<World> {
  const store = memory();
  const contexts = ["orders", "empty"].map((name) => ({ name, prefix: `${name}_`, migrations: [] }));
  await store.open({ contexts, now: () => 100, newId: () => "incarnation" });
  const transaction = await store.begin();
  await transaction.append("orders", entries);
  await transaction.commit();
  const { definition } = context("orders", { contract: contract as Record<string, unknown> });
  const logs = ["orders", "empty"].map((source) => ({ source, incarnation: "i1" }));
  const tail = new Tail({ store, codec: jsonCodec }, logs, [definition]);
  return { store, page: (query = {}) => tail.page({ source: "orders", ...query }) };
}

const positions = ({ entries }: TailPage): number[] => entries.map(({ position }) => position);

test("an entry is shown as the contract has it, without what is personal", async () => {
  const lines = [{ sku: "s", note: SECRET }, { sku: "t" }];
  const { page } = await world([entry({ body: JSON.stringify({ orderId: "1", email: SECRET, lines, more: SECRET }) })]);
  const found = await page();
  expect(found).toEqual({
    source: "orders",
    incarnation: "i1",
    through: 1,
    last: 1,
    entries: [
      {
        source: "orders",
        position: 1,
        id: "i",
        type: "orders.placed",
        version: 2,
        key: "1",
        at: 5,
        tenant: "t",
        principal: "user:1",
        correlation: "c",
        causation: "d",
        data: {
          orderId: "1",
          email: { erased: true },
          lines: [{ sku: "s", note: { erased: true } }, { sku: "t" }],
        },
      },
    ],
  });
  expect(JSON.stringify(found)).not.toContain(SECRET);
});

test("what was personal in an earlier version is not shown", async () => {
  const old = entry({ version: 1, body: JSON.stringify({ orderId: "1", mail: SECRET }) });
  const asked = entry({ type: "orders.asked", version: 1, body: JSON.stringify({ email: SECRET }) });
  const found = await (await world([old, asked])).page();
  expect(JSON.stringify(found)).not.toContain(SECRET);
  expect(found.entries).toMatchObject([
    { version: 1, data: { orderId: "1", email: { erased: true } } },
    { type: "orders.asked", data: { email: { erased: true } } },
  ]);
});

test("what this code cannot read shows no data, and why", async () => {
  const { page } = await world([
    entry({ type: "orders.unheard" }),
    entry({ body: `{"${SECRET}` }),
    entry({ body: JSON.stringify({ email: SECRET }) }),
    entry({ form: "sealed", body: SECRET }),
    entry({ version: 3, body: JSON.stringify({ orderId: "1", email: SECRET, name: SECRET }) }),
  ]);
  const found = await page();
  expect(JSON.stringify(found)).not.toContain(SECRET);
  expect(found.entries.map((one) => "data" in one)).toEqual([false, false, false, false, false]);
  expect(found.entries.map(({ hidden }) => hidden)).toEqual([
    "no contract here has this event",
    "it is not json",
    expect.stringContaining("orderId"),
    "its form is sealed",
    "its version is later than 2",
  ]);
});

test("pages follow each other: behind a position, of a type, of a key, at most so many", async () => {
  const many = Array.from({ length: 300 }, (_, i) =>
    entry({ key: `k${i % 3}`, type: i % 100 === 7 ? "orders.asked" : "orders.placed" }),
  );
  const { page } = await world(many);
  expect(positions(await page({ after: 297 }))).toEqual([298, 299, 300]);
  expect(await page({ after: 300 })).toMatchObject({ entries: [], through: 300, last: 300 });
  expect(await page({ after: 1_000 })).toMatchObject({ entries: [], through: 300 });
  expect(await page({ type: "orders.asked" })).toMatchObject({ through: 300 });
  expect(positions(await page({ type: "orders.asked" }))).toEqual([8, 108, 208]);
  expect(await page({ key: "k2", limit: 2 })).toMatchObject({ through: 8 });
  const all: number[] = [];
  for (let after = 0; after < 300;) {
    const { entries, through } = await page({ after, limit: 7, key: "k1" });
    all.push(...entries.map(({ position }) => position));
    expect(through).toBeGreaterThan(after);
    after = through;
  }
  expect(all).toEqual(Array.from({ length: 100 }, (_, i) => 3 * i + 2));
});

test("a page ends with the entry that makes it large, and after a long way through nothing", async () => {
  const large = entry({ body: JSON.stringify({ orderId: "x".repeat(700_000), email: "" }) });
  const { page } = await world([large, large, large, ...Array.from({ length: 1_200 }, () => entry({}))]);
  expect(await page()).toMatchObject({ entries: [{ position: 1 }, { position: 2 }], through: 2 });
  expect(await page({ key: "nobody" })).toMatchObject({ entries: [], through: 1_024, last: 1_203 });
});

test("a log that was trimmed begins with what is left, and an empty one has nothing", async () => {
  const { page, store } = await world([entry({}), entry({}), entry({})]);
  const transaction = await store.begin();
  await transaction.trim("orders", 2, { olderThan: 6, limit: 10 });
  await transaction.commit();
  expect(positions(await page())).toEqual([3]);
  expect(await page({ source: "empty" })).toMatchObject({ entries: [], through: 0, last: 0 });
  await expect(page({ source: "order" })).rejects.toMatchObject({
    code: "log-unknown",
    message: 'There is no log of a context "order" here. Did you mean "orders"?',
  });
});

test("an event that nobody knows and no log has is refused, with the nearest name; one that a log has, or may get, is not", async () => {
  const { page } = await world([entry({ type: "orders.gone" }), entry({ key: "2" })]);
  expect(positions(await page({ type: "orders.gone" }))).toEqual([1]);
  expect(positions(await page({ type: "orders.asked" }))).toEqual([]);
  await expect(page({ type: "orders.plced" })).rejects.toMatchObject({
    code: "event-type-unknown",
    message: expect.stringMatching(/did you mean "orders.placed"/i),
  });
  await expect(page({ type: "elsewhere.placed" })).rejects.toMatchObject({ code: "event-type-unknown" });
  // where every log is looked at in turn, it is its own log that says so
  expect(positions(await page({ source: "empty", type: "orders.plced" }))).toEqual([]);
});

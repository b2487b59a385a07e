import { expect, test } from "vitest";
import { z } from "zod";
import { anyone, app, backoff, context, roles, type Context } from "../context/index.ts";
import { command, event, none, query } from "../contract/index.ts";
import { manifestOf, ownerOf } from "./manifest.ts";

const data = z.object({ id: z.string(), email: z.string().default("") });
const personal = { subject: "id", fields: ["email"] } as const;
const Placed = event("orders.placed", { version: 2, key: "id", data, personal });
const Ticked = event("orders.ticked", { version: 1, key: none, data: z.object({ n: z.int() }) });
const Closed = event("orders.closed", { version: 1, key: "id", data });
const Place = command("orders.place", { http: "POST /orders", input: data, confirms: [Placed] });
const Get = query("orders.get", { input: data, output: data });
const Touch = command("orders.touch", { input: z.object({ at: z.date() }) });

const orders = context("orders", {
  owner: "team-orders",
  contract: { Placed, Ticked, Closed, Place, Get, Touch },
  migrations: [{ name: "001-orders.sql", sql: "CREATE TABLE orders_order (id TEXT)" }],
});
orders.handle(Place, { allow: anyone() }, () => {});
orders.answer(Get, { allow: roles("operator", "clerk") }, (input) => ({ ...input, email: "" }));
const billing = context("billing", { contract: {}, uses: [Get] });
billing.on(Placed, { name: "note", from: "now", retry: backoff("1s", "5m", 3) }, () => {});
billing.on([Placed, Closed], { name: "watch", from: "start", rebuild: { clear: () => {} } }, () => {});
const manifest = manifestOf(app({ contexts: [orders, billing] as readonly Context[] }));

test("the manifest names everything that is registered, as JSON", () => {
  expect(JSON.parse(JSON.stringify(manifest))).toEqual(manifest);
  expect(manifest).toMatchObject({ banyan: 1, topology: "one" });
  const [first, second] = manifest.contexts;
  expect(first).toMatchObject({
    name: "orders",
    owner: "team-orders",
    migrations: ["001-orders.sql"],
    subscriptions: [],
  });
  expect(first?.events).toMatchObject([
    { name: "orders.placed", version: 2, key: "id", personal: ["email"], schema: { required: ["id", "email"] } },
    { name: "orders.ticked", version: 1, key: null, personal: [] },
    { name: "orders.closed", version: 1, key: "id", personal: [] },
  ]);
  expect(second?.subscriptions).toEqual([
    { name: "note", events: ["orders.placed"], from: "now", tries: 3, rebuild: false },
    { name: "watch", events: ["orders.placed", "orders.closed"], from: "start", tries: 8, rebuild: true },
  ]);
});

test("operations say who may use them, what they read and what they answer", () => {
  expect(manifest.contexts[0]?.commands).toMatchObject([
    {
      name: "orders.place",
      http: "POST /orders",
      allow: "anyone",
      confirms: ["orders.placed"],
      input: { required: ["id"] },
      output: null,
    },
    {
      name: "orders.touch",
      http: null,
      allow: "missing",
      input: { $comment: "Date cannot be represented in JSON Schema" },
    },
  ]);
  expect(manifest.contexts[0]?.queries).toMatchObject([
    { name: "orders.get", allow: "roles: operator, clerk", output: { required: ["id", "email"] } },
  ]);
});

test("edges are the events one reads of another, and the calls it may make", () => {
  expect(manifest.edges).toEqual([
    { kind: "event", from: "orders", to: "billing", name: "orders.placed" },
    { kind: "event", from: "orders", to: "billing", name: "orders.placed" },
    { kind: "event", from: "orders", to: "billing", name: "orders.closed" },
    { kind: "call", from: "billing", to: "orders", name: "orders.get" },
  ]);
});

test("a contract's owner is the context in front of its name", () => {
  expect(ownerOf("order-items.placed")).toBe("order-items");
});

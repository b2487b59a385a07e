import { anyone, context, event, manifestOf, query, roles, secret, settings, type Context } from "@banyan/core";
import { app } from "@banyan/node";
import { expect, test } from "vitest";
import { z } from "zod";
import { graphText } from "./graph-text.ts";

const data = z.object({ id: z.string() });
const Placed = event("orders.placed", { version: 2, key: "id", data });
const Closed = event("orders.closed", { version: 1, key: "id", data });

test("a subscription of several events names them all, and each is an edge", () => {
  const orders = context("orders", { contract: { Placed, Closed } });
  const billing = context("billing", { owner: "team-money", contract: {} });
  billing.on([Placed, Closed], { name: "watch", from: "start" }, () => {});
  billing.on(Placed, { name: "note", from: "now" }, () => {});
  billing.on(Placed, { name: "sum", from: "start", rebuild: { clear: () => {} } }, () => {});
  expect(graphText(manifestOf(app({ contexts: [orders as Context, billing as Context] })))).toBe(`orders
  events
    orders.placed  v2  key id
    orders.closed  v1  key id

billing (team-money)
  subscriptions
    watch  on orders.placed, orders.closed  from start, 8 tries
    note   on orders.placed                 from now, 8 tries
    sum    on orders.placed                 from start, 8 tries, may be made anew

edges
  orders -> billing  event orders.placed
  orders -> billing  event orders.closed
  orders -> billing  event orders.placed
  orders -> billing  event orders.placed

topology: one
`);
});

test("settings are listed with what sets them, what they are and whether they may be left out", () => {
  const declared = settings({ retries: z.int().default(3), key: secret(z.string().min(16)) });
  expect(graphText(manifestOf(app({ contexts: [], settings: declared })))).toBe(`settings
    retries  RETRIES          a whole number, may be left out
    key      KEY or KEY_FILE  secret, text of 16 characters or more

topology: one
`);
});

test("raw routes are listed with who may use them and what they may take", () => {
  const shop = app({ contexts: [] });
  shop.route(
    "PUT /files/:name",
    { allow: roles("clerk"), limits: { body: "200MiB", time: "10m" } },
    () => new Response(),
  );
  shop.route("GET /files/:name", { allow: anyone(), limits: { concurrent: 8 } }, () => new Response());
  expect(graphText(manifestOf(shop))).toBe(`raw routes
    PUT /files/:name  roles: clerk  200MiB, 600 s, 100 at once
    GET /files/:name  anyone        1MiB, 30 s, 8 at once

topology: one
`);
});

test("tables of tenants are listed, and what works across tenants says so", () => {
  const Count = query("orders.count", { input: data, output: data });
  const orders = context("orders", {
    contract: { Placed, Count },
    tenants: { tables: ["orders_order", "orders_line"] },
  });
  orders.answer(Count, { allow: anyone(), tenants: "*" }, (input) => input);
  orders.on(Placed, { name: "sum", from: "start", tenants: "*" }, () => {});
  expect(graphText(manifestOf(app({ contexts: [orders as Context] })))).toBe(`orders
  queries
    orders.count  inside only  anyone  across tenants
  events
    orders.placed  v2  key id
  subscriptions
    sum  on orders.placed  from start, 8 tries, across tenants
  tables of tenants
    orders_order
    orders_line

edges
  orders -> orders  event orders.placed

topology: one
`);
});

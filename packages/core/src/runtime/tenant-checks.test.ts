import { expect, test } from "vitest";
import { z } from "zod";
import { anyone, app, context, tables, type Context } from "../context/index.ts";
import { command, event, query } from "../contract/index.ts";
import { manifestOf } from "./manifest.ts";
import { checkRegistration } from "./registration.ts";

const SQL = { name: "sqlite", handle: "sql", writers: 1, durable: true, tenants: true } as const;
const data = z.object({ id: z.string() });
const Place = command("orders.place", { input: data });
const Count = query("orders.count", { input: data, output: data });
const Placed = event("orders.placed", { version: 1, key: "id", data });

const told = (what: Context, store: Parameters<typeof checkRegistration>[1] = SQL): string[] =>
  checkRegistration(app({ contexts: [what] }), store).map(({ code, message }) => `${code}: ${message}`);

test.each(["billing_bill", "orders", "orders_", "orders_a; DROP TABLE x", "main.orders_order"])(
  "a guard of %j, which is not the context's own table, is refused",
  (table) => {
    expect(told(context("orders", { contract: {}, tenants: { tables: ["orders_order", table] } }))).toEqual([
      `tenant-table-invalid: "orders" guards "${table}", which is not a table of its own: "orders_…".`,
    ]);
  },
);

test("tables of tenants are refused on a store that does not keep them apart", () => {
  const guarded = context("orders", { contract: {}, tenants: { tables: ["orders_order"] } });
  const store = { ...SQL, name: "plain", tenants: false };
  expect(told(guarded, store)).toEqual([
    'tenants-unsupported: "orders" has tables of tenants; the store "plain" does not keep their rows apart.',
  ]);
  expect(told(context("orders", { contract: {} }), store)).toEqual([]);
});

test("the memory store's tables have no prefix", () => {
  const guarded = context("orders", { contract: {}, tx: tables(), tenants: { tables: ["order"] } });
  expect(told(guarded, { ...SQL, name: "memory", handle: "tables" })).toEqual([]);
});

/** Works across tenants, wherever that can be said. */
function crossing(tenants: "*"): Context<"orders"> {
  const orders = context("orders", { contract: { Place, Count, Placed }, tenants: { tables: ["orders_order"] } });
  orders.handle(Place, { allow: anyone(), tenants }, () => {});
  orders.answer(Count, { allow: anyone(), tenants }, (input) => input);
  orders.on(Placed, { name: "sum", from: "start", tenants }, () => {});
  return orders;
}

test("only `*` says that something works across tenants", () => {
  expect(told(crossing("*"))).toEqual([]);
  expect(told(crossing(["acme"] as never))).toEqual(
    ["orders.place", "orders.count", "orders.sum"].map(
      (name) => `tenants-invalid: "${name}" says \`tenants: ["acme"]\`.`,
    ),
  );
});

test("the manifest lists the tables of tenants and what works across them, and says nothing of them elsewhere", () => {
  const [orders] = manifestOf(app({ contexts: [crossing("*")] })).contexts;
  expect(orders).toMatchObject({
    tenantTables: ["orders_order"],
    commands: [{ name: "orders.place", tenants: "*" }],
    queries: [{ name: "orders.count", tenants: "*" }],
    subscriptions: [{ name: "sum", tenants: "*" }],
  });
  const plain = context("orders", { contract: { Place } });
  plain.handle(Place, { allow: anyone() }, () => {});
  expect(JSON.stringify(manifestOf(app({ contexts: [plain] })))).not.toContain("tenant");
});

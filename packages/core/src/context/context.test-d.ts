import { expectTypeOf } from "vitest";
import { z } from "zod";
import { command, event, isErased, none, query } from "../contract/index.ts";
import type { DataOf, Erased, EventContract, ReceivedDataOf, WithErased } from "../contract/index.ts";
import type { Abort, SqlResult } from "../ports/index.ts";
import { accepted } from "./answer.ts";
import { app } from "./app.ts";
import { changedOne, type Written } from "./changed-one.ts";
import { context, needs } from "./context.ts";
import { anyone, roles } from "./policy.ts";
import type { Received, Refused } from "./tools.ts";

const OrderPlaced = event("orders.order-placed", {
  version: 1,
  key: "orderId",
  data: z.object({ orderId: z.string(), cents: z.int() }),
});
const Ticked = event("orders.ticked", { version: 1, key: none, data: z.object({ n: z.int() }) });
const PlaceOrder = command("orders.place-order", {
  http: "POST /orders",
  input: z.object({ sku: z.string(), quantity: z.int().default(1) }),
  output: z.object({ orderId: z.string(), token: z.string() }),
  confirms: [OrderPlaced],
});
const Touch = command("orders.touch", { input: z.object({ orderId: z.string() }) });
const GetPrice = query("inventory.get-price", {
  input: z.object({ sku: z.string() }),
  output: z.object({ cents: z.int() }),
});
const GetStock = query("inventory.get-stock", {
  input: z.object({ sku: z.string() }),
  output: z.object({ available: z.int() }),
});
const Restock = command("inventory.restock", { input: z.object({ sku: z.string() }) });
const PaymentTaken = event("payments.taken", { version: 1, key: "orderId", data: z.object({ orderId: z.string() }) });

const orders = context("orders", {
  contract: { OrderPlaced, PlaceOrder, Touch, Ticked },
  uses: [GetPrice, Restock],
  ports: needs<{ sign: (id: string) => string }>("sign"),
});

orders.handle(
  PlaceOrder,
  {
    allow: ({ input, principal, headers }) => input.quantity > 0 && principal.id !== "" && headers["x"] !== "1",
    before: async (input, { call }) => ({ price: await call(GetPrice, { sku: input.sku }) }),
    unstored: (result, { ports }) => ({ token: ports.sign(String(result["orderId"])) }),
  },
  async (input, { tx, emit, newId, before, commandId }) => {
    expectTypeOf(input).toEqualTypeOf<{ sku: string; quantity: number }>();
    expectTypeOf(before).toEqualTypeOf<{ price: { cents: number } }>();
    expectTypeOf(commandId).toEqualTypeOf<string>();
    const orderId = newId();
    await tx.execute("INSERT INTO orders_order (id) VALUES (?)", [orderId]);
    emit(OrderPlaced, { orderId, cents: before.price.cents });
    // @ts-expect-error -- only its owner may emit "payments.taken"; "orders" may subscribe to it
    emit(PaymentTaken, { orderId });
    return accepted({ orderId });
  },
);

// @ts-expect-error -- what the body returns lacks `token`, which nothing adds
orders.handle(PlaceOrder, { allow: anyone() }, () => ({ orderId: "1" }));

// @ts-expect-error -- an operation without `allow`
orders.handle(Touch, {}, () => {});

orders.handle(Touch, { allow: roles("operator") }, (_input, tools) => {
  expectTypeOf(tools.before).toEqualTypeOf<undefined>();
  // @ts-expect-error -- a body does not call: it is the transaction
  void tools.call;
});

orders.handle(
  Touch,
  {
    allow: anyone(),
    before: async (_input, { call }) => {
      // @ts-expect-error -- "orders" calls "inventory.get-stock" without declaring it; add it to uses: [...]
      await call(GetStock, { sku: "a" });
      // @ts-expect-error -- before of a command may call queries only
      await call(Restock, { sku: "a" });
    },
  },
  () => {},
);

// @ts-expect-error -- "inventory.restock" is not a contract of "orders"
orders.handle(Restock, { allow: anyone() }, () => {});

orders.on(
  PaymentTaken,
  { name: "mark-paid", from: "start", before: async (event, { call }) => call(Restock, { sku: event.data.orderId }) },
  async (event, { before }) => {
    expectTypeOf(event.data).toEqualTypeOf<{ orderId: string }>();
    expectTypeOf(event.type).toEqualTypeOf<"payments.taken">();
    expectTypeOf(before).toEqualTypeOf<void>();
  },
);

// @ts-expect-error -- `name` and `from` are mandatory
orders.on(PaymentTaken, {}, () => {});

// @ts-expect-error -- the key must be a field of the data
event("orders.bad", { version: 1, key: "nope", data: z.object({ orderId: z.string() }) });

const plain = context("plain", { contract: {} });
app({ contexts: [orders, plain], ports: () => ({ orders: { sign: (id) => id } }) });
// @ts-expect-error -- `orders` needs `sign`
app({ contexts: [orders, plain], ports: () => ({ orders: {} }) });

// Several events of one context: the body knows each of them by its type.
const PaymentFailed = event("payments.failed", {
  version: 1,
  key: "orderId",
  data: z.object({ orderId: z.string(), reason: z.string() }),
});
orders.on(
  [PaymentTaken, PaymentFailed],
  { name: "settle", from: "start", before: (event) => event.type },
  (event, { before }) => {
    expectTypeOf(event).toEqualTypeOf<Received<typeof PaymentTaken> | Received<typeof PaymentFailed>>();
    expectTypeOf(before).toEqualTypeOf<"payments.taken" | "payments.failed">();
    expectTypeOf(event.data.orderId).toEqualTypeOf<string>();
    // @ts-expect-error -- only one of the two has a reason
    void event.data.reason;
    if (event.type === "payments.failed") expectTypeOf(event.data.reason).toEqualTypeOf<string>();
    else expectTypeOf(event).toEqualTypeOf<Received<typeof PaymentTaken>>();
  },
);

// Personal fields may have been erased since: a reader's view. Whoever emits gives them.
const Signed = event("orders.signed", {
  version: 1,
  key: "id",
  personal: { subject: "id", fields: ["email", "phone", "address.street", "lines.note", "more.any"] },
  data: z.object({
    id: z.string(),
    email: z.string(),
    phone: z.string().optional(),
    address: z.object({ street: z.string(), city: z.string() }).nullable(),
    lines: z.array(z.object({ note: z.string(), n: z.int() })),
    more: z.record(z.string(), z.string()),
  }),
});
expectTypeOf<DataOf<typeof Signed>["email"]>().toEqualTypeOf<string>();
expectTypeOf<ReceivedDataOf<typeof Signed>>().toEqualTypeOf<{
  id: string;
  email: string | Erased;
  phone?: string | Erased | undefined;
  address: { street: string | Erased; city: string } | null;
  lines: { note: string | Erased; n: number }[];
  more: Record<string, string | Erased>;
}>();
orders.on(Signed, { name: "greet", from: "start", before: (event) => event.data.email }, ({ data }, { before }) => {
  expectTypeOf(before).toEqualTypeOf<string | Erased>();
  // @ts-expect-error -- it may have been erased
  data.email.toUpperCase();
  if (!isErased(data.email)) expectTypeOf(data.email).toEqualTypeOf<string>();
});
orders.on([Signed, Ticked], { name: "greet-all", from: "start" }, (event) => {
  if (event.type === "orders.signed") expectTypeOf(event.data.email).toEqualTypeOf<string | Erased>();
});
orders.handle(Touch, { allow: anyone() }, (_input, { emit }) => {
  const rest = { phone: "1", address: null, lines: [], more: {} };
  emit(Signed, { id: "1", email: "a@example.org", ...rest });
  // @ts-expect-error -- what is erased is not emitted
  emit(Signed, { id: "1", email: { erased: true }, ...rest });
});

// What a published contract writes out says which fields are personal; without, there are none.
expectTypeOf<typeof Signed>().toExtend<EventContract>();
expectTypeOf<EventContract<"a.b", { x: string }, "x">>().not.toExtend<EventContract<"a.b", { x: string }>>();
expectTypeOf<ReceivedDataOf<EventContract<"a.b", { x: string }>>>().toEqualTypeOf<{ x: string }>();
// Where the paths are not known to the types, any field may be meant.
expectTypeOf<WithErased<{ x: string }, string>>().toEqualTypeOf<{ x: string | Erased }>();
expectTypeOf<ReceivedDataOf<EventContract>>().toBeUnknown();
expectTypeOf<ReceivedDataOf<EventContract<string, any>>>().toBeAny();

// A projection that is made anew would emit and act again: its tools have none of that, wherever `rebuild` stands.
orders.on(
  PaymentTaken,
  {
    name: "totals",
    from: "start",
    before: async (event, { call, once, read, attempt }) => {
      // @ts-expect-error -- a subscription with `rebuild` may call queries only; call commands in another one
      await call(Restock, { sku: event.data.orderId });
      // @ts-expect-error -- a subscription with `rebuild` may not act outside; do it in another one
      once("charge", {}, () => 1);
      await read.execute("SELECT 1");
      return { price: await call(GetPrice, { sku: "a" }), attempt };
    },
    rebuild: { clear: async (tx) => void (await tx.execute("DELETE FROM orders_total")) },
  },
  async (event, { tx, emit, before, now, newId, tenant }) => {
    expectTypeOf(event.data).toEqualTypeOf<{ orderId: string }>();
    expectTypeOf(before).toEqualTypeOf<{ price: { cents: number }; attempt: number }>();
    await tx.execute("INSERT INTO orders_total (id, at) VALUES (?, ?)", [newId() + tenant, now]);
    // @ts-expect-error -- a subscription with `rebuild` may not emit; do it in another one
    emit(Ticked, { n: 1 });
  },
);
orders.on(PaymentTaken, { rebuild: { clear: () => {} }, name: "seen", from: "start" }, (_event, { emit }) => {
  expectTypeOf(emit).toEqualTypeOf<Refused<"a subscription with `rebuild` may not emit; do it in another one">>();
});
// @ts-expect-error -- `rebuild` says how to clear
orders.on(PaymentTaken, { name: "seen", from: "start", rebuild: {} }, () => {});
// @ts-expect-error -- an option that does not exist
orders.on(PaymentTaken, { name: "seen", from: "start", rebuilds: true }, () => {});
const sideways = { name: "seen", from: "start" } as const;
orders.on(PaymentTaken, sideways, (_event, { emit }) => emit(Ticked, { n: 1 }));
orders.on(PaymentTaken, { ...sideways, retry: { baseMs: 1, capMs: 1, tries: 1 } }, (_event, { emit }) => {
  emit(Ticked, { n: 1 });
});

// Whatever is no transaction can be told to stop; a body cannot, it is short.
orders.handle(
  Touch,
  { allow: ({ abort }) => !abort.aborted, before: (_, { abort }) => abort },
  // @ts-expect-error -- a body has no `abort`
  (_input, { before, abort }) => {
    expectTypeOf(before).toEqualTypeOf<Abort>();
    void abort;
  },
);
orders.on(
  PaymentTaken,
  { name: "stop", from: "start", before: (_, { abort }) => abort.reason },
  (_event, { before }) => {
    expectTypeOf(before).toEqualTypeOf<Error | undefined>();
  },
);

// What a guarded write may have answered, and nothing else.
expectTypeOf<SqlResult>().toExtend<Written>();
expectTypeOf<{ numUpdatedRows: bigint; numChangedRows?: bigint }>().toExtend<Written>();
// @ts-expect-error -- that is no count of rows
void changedOne("1", { what: "order 42", version: 7 });

context("orders", { contract: {}, tenants: { tables: ["orders_order"] } });
// @ts-expect-error tables of tenants are a list
context("orders", { contract: {}, tenants: { tables: "orders_order" } });
orders.handle(Touch, { allow: anyone(), tenants: "*" }, () => {});
// @ts-expect-error a body works for the tenant that asks, or for all
orders.handle(Touch, { allow: anyone(), tenants: "acme" }, () => {});
orders.on(
  PaymentTaken,
  {
    name: "pay",
    from: "now",
    // @ts-expect-error no tenant is named in a call
    before: (_, { call }) => call(Restock, { sku: "" }, { tenant: "acme" }),
  },
  () => {},
);

import { app, command, context, event, memory, needs, query } from "@banyan/core";
import { expectTypeOf } from "vitest";
import { z } from "zod";
import { scenario } from "./scenario.ts";
import { stub } from "./stub.ts";

const OrderPlaced = event("orders.order-placed", {
  version: 1,
  key: "orderId",
  data: z.object({ orderId: z.string(), lines: z.array(z.object({ sku: z.string(), quantity: z.int() })) }),
});
const PlaceOrder = command("orders.place-order", {
  input: z.object({ sku: z.string(), quantity: z.int().default(1) }),
  output: z.object({ orderId: z.string() }),
});
const GetOrder = query("orders.get-order", {
  input: z.object({ orderId: z.string() }),
  output: z.object({ status: z.string() }),
});
const GetPrice = query("inventory.get-price", {
  input: z.object({ sku: z.string() }),
  output: z.object({ cents: z.int() }),
});

const orders = context("orders", {
  contract: { OrderPlaced, PlaceOrder, GetOrder },
  uses: [GetPrice],
  ports: needs<{ sign: (id: string) => string }>("sign"),
});
const plain = context("plain", { contract: {} });
const store = () => memory();

const shop = await scenario(app({ contexts: [plain] }), { store });
const { value } = await shop.when(PlaceOrder, { sku: "mug" }, { idempotencyKey: "k", tenant: "acme" });
expectTypeOf(value).toEqualTypeOf<{ orderId: string }>();
expectTypeOf(await shop.ask(GetOrder, { orderId: "1" })).toEqualTypeOf<{ status: string }>();
expectTypeOf(shop.expectEvent(OrderPlaced, { lines: [{ sku: "mug" }] }).data.orderId).toEqualTypeOf<string>();
expectTypeOf(shop.events(OrderPlaced)[0]!.type).toEqualTypeOf<"orders.order-placed">();

// @ts-expect-error -- the input has no `amount`
await shop.when(PlaceOrder, { sku: "mug", amount: 1 });
// @ts-expect-error -- `sku` is missing
await shop.when(PlaceOrder, {});
// @ts-expect-error -- an event is given, not executed
await shop.when(OrderPlaced, { orderId: "1", lines: [] });
// @ts-expect-error -- a command is not asked
await shop.ask(PlaceOrder, { sku: "mug" });
// @ts-expect-error -- what is given is whole
await shop.given(OrderPlaced, { orderId: "1" });
// @ts-expect-error -- a part of the data, of its types
shop.expectEvent(OrderPlaced, { lines: [{ quantity: "one" }] });
// @ts-expect-error -- not a field of the data
shop.expectNoEvent(OrderPlaced, { customer: "1" });
// @ts-expect-error -- a command is no event
shop.events(PlaceOrder);

const ports = { sign: (id: string) => id };
await scenario.context(orders, { store, ports, stubs: [stub(GetPrice, ({ sku }) => ({ cents: sku.length }))] });
await scenario.context(plain, { store });
// @ts-expect-error -- `orders` needs `sign`
await scenario.context(orders, { store });
// @ts-expect-error -- `plain` needs no ports
await scenario.context(plain, { store, ports });
// @ts-expect-error -- the contract has `cents`, a number
stub(GetPrice, () => ({ cents: "1" }));
// @ts-expect-error -- a store is mandatory
await scenario(app({ contexts: [plain] }), {});

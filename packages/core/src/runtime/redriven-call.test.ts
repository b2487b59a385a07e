import { setImmediate as drained } from "node:timers/promises";
import { memory } from "@banyan/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { anyone, app, backoff, context, tables } from "../context/index.ts";
import { command, event, type CommandContract } from "../contract/index.ts";
import { refuse } from "../error/index.ts";
import { ByHand } from "./fixture.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

const Order = z.object({ id: z.string() });
const Placed = event("orders.placed", { version: 1, key: "id", data: Order });
const Place = command("orders.place", { input: Order });
const Charge = command("pay.charge", { input: Order });
const Invoice = command("pay.invoice", { input: Order });

type Before = (order: unknown, call: (what: CommandContract, input: unknown) => Promise<unknown>) => unknown;

/** A subscription that calls commands of `pay`; which of them are refused is said by `refused`. */
class Payments {
  readonly done: string[] = [];
  readonly refused = new Set<string>();
  readonly hand: ByHand = new ByHand(drained);
  #world: RuntimeWorld | undefined;

  async start(before: Before, body: () => void = () => {}): Promise<void> {
    const orders = context("orders", { contract: { Place, Placed }, tx: tables() });
    orders.handle(Place, { allow: anyone() }, (order, { emit }) => emit(Placed, order));
    const pay = context("pay", { contract: { Charge, Invoice }, tx: tables() });
    for (const what of [Charge, Invoice])
      pay.handle(what, { allow: anyone() }, ({ id }) => {
        if (this.refused.has(what.name)) throw refuse("account-unknown", "There is no such account.");
        this.done.push(`${what.name} ${id}`);
      });
    const billing = context("billing", { contract: {}, uses: [Charge, Invoice], tx: tables() });
    const given = ({ data }: { data: unknown }, { call }: { call: never }): unknown => before(data, call);
    const options = { name: "pay", from: "start", retry: backoff("1s", "1s", 2), before: given };
    billing.on(Placed, options as never, body);
    const { hand } = this;
    this.#world = await RuntimeWorld.started(app({ contexts: [orders, pay, billing] }), { store: memory(), hand });
    await this.#world.reply("orders.place", { id: "1" });
    await hand.pass(10_000);
  }

  get dead(): number {
    return this.#world?.runtime.status.dead ?? NaN;
  }

  async redrive(): Promise<void> {
    const by = { name: "ada", why: "mended" };
    await this.hand.value(
      this.#world?.runtime.delivery.redrive({ subscription: "billing.pay" }, by) ?? Promise.reject(),
    );
    await this.hand.pass(10_000);
  }
}

test.each<[string, Before]>([
  ["goes out of `before`", (order, call) => call(Charge, order)],
  [
    "is the cause of what does",
    (order, call) =>
      call(Charge, order).catch((cause: unknown) => {
        throw new Error("not charged", { cause });
      }),
  ],
])("a refusal that ends an entry, because it %s, is asked for anew by a redrive", async (_, before) => {
  const payments = new Payments();
  payments.refused.add("pay.charge");
  await payments.start(before);
  expect([payments.dead, payments.done]).toEqual([1, []]);
  await payments.redrive();
  expect([payments.dead, payments.done]).toEqual([1, []]);
  payments.refused.clear();
  await payments.redrive();
  expect([payments.dead, payments.done]).toEqual([0, ["pay.charge 1"]]);
});

test("a refusal that `before` went on from stays the answer, whatever is redriven: nothing is done in two ways", async () => {
  const payments = new Payments();
  payments.refused.add("pay.charge");
  let mistaken = true;
  const either: Before = (order, call) => call(Charge, order).catch(() => call(Invoice, order));
  await payments.start(either, () => {
    if (mistaken) throw new Error("a mistake");
  });
  expect([payments.dead, payments.done]).toEqual([1, ["pay.invoice 1"]]);
  payments.refused.clear();
  mistaken = false;
  await payments.redrive();
  expect([payments.dead, payments.done]).toEqual([0, ["pay.invoice 1"]]);
});

import { setImmediate as drained } from "node:timers/promises";
import { memory } from "@banyan/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { anyone, app, backoff, context, tables } from "../context/index.ts";
import { command, event } from "../contract/index.ts";
import { ByHand } from "./fixture.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

const DAY_MS = 24 * 3_600_000;
const Order = z.object({ id: z.string() });
const Placed = event("orders.placed", { version: 1, key: "id", data: Order });
const Place = command("orders.place", { input: Order });
const Charge = command("pay.charge", { input: Order });

/** A subscription that has a command charge in `before`, and a body with a mistake that can be corrected. */
async function dead(): Promise<{ world: RuntimeWorld; hand: ByHand; correct: () => void; charges: () => number }> {
  let [charges, mistaken] = [0, true];
  const orders = context("orders", { contract: { Place, Placed }, tx: tables() });
  orders.handle(Place, { allow: anyone() }, (order, { emit }) => emit(Placed, order));
  const pay = context("pay", { contract: { Charge }, tx: tables() });
  pay.handle(Charge, { allow: anyone() }, () => void charges++);
  const billing = context("billing", { contract: {}, uses: [Charge], tx: tables() });
  const before = (
    { data }: { data: { id: string } },
    { call }: { call: (what: typeof Charge, input: unknown) => unknown },
  ) => call(Charge, data);
  billing.on(Placed, { name: "charge", from: "start", retry: backoff("1s", "1s", 2), before: before as never }, () => {
    if (mistaken) throw new Error("a mistake");
  });
  const hand = new ByHand(drained);
  const world = await RuntimeWorld.started(app({ contexts: [orders, pay, billing] }), { store: memory(), hand });
  await world.reply("orders.place", { id: "1" });
  await hand.pass(10_000);
  expect(world.runtime.status.dead).toBe(1);
  return { world, hand, correct: () => void (mistaken = false), charges: () => charges };
}

test.each([1, 25, 24 * 29])("an entry that is redriven %i hours later calls no command anew", async (hours) => {
  const { world, hand, correct, charges } = await dead();
  correct();
  hand.wall += (hours / 24) * DAY_MS;
  // others expire and are swept as new ones come
  await world.reply("orders.place", { id: "2" }, { idempotencyKey: "another" });
  const { delivery } = world.runtime;
  await hand.value(delivery.redrive({ subscription: "billing.charge" }, { name: "ada", why: "corrected" }));
  await hand.pass(10_000);
  expect([world.runtime.status.dead, charges()]).toEqual([0, 2]);
});

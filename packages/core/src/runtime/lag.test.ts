import { setImmediate as drained } from "node:timers/promises";
import { memory, memoryDisk, type MemoryDisk } from "@banyan/core";
import { expect, test } from "vitest";
import { anyone, context, tables, type Context } from "../context/index.ts";
import { event } from "../contract/index.ts";
import { deferred, type Deferred } from "./deferred.ts";
import type { SubscriptionState } from "./delivery-operations.ts";
import { application, billing, numbered, orders, Place, Placed } from "./delivery-fixture.ts";
import { ByHand } from "./fixture.ts";
import { RuntimeWorld, type WorldOptions } from "./runtime-fixture.ts";

const Noise = event("orders.noise", { version: 1, key: "id", data: Placed.schema });

/** "orders" that emits two of other types for each that somebody reads. */
function noisy(): Context {
  const whole = context("orders", { contract: { Placed, Noise, Place }, tx: tables() });
  whole.handle(Place, { allow: anyone() }, (input, { emit }) => {
    for (const data of input) for (const what of [Noise, Placed, Noise]) emit(what, data);
  });
  return whole as Context;
}

interface Gated {
  readonly reader: Context;
  /** Lets what runs end. */
  open(): number;
}

function gated(): Gated {
  const gates: Deferred<void>[] = [];
  const before = (): Promise<void> => {
    const gate = deferred<void>();
    gates.push(gate);
    return gate.promise;
  };
  const open = (): number => gates.splice(0).map((gate) => gate.resolve()).length;
  return { reader: billing(() => {}, { before }), open };
}

async function started(
  contexts: readonly Context[],
  options: Partial<WorldOptions> & { disk?: MemoryDisk } = {},
): Promise<RuntimeWorld> {
  const { disk = memoryDisk(), ...more } = options;
  const limits = { inFlight: 8, inFlightFloor: 8, attemptTargetMs: 1e9 };
  return RuntimeWorld.started(application(...contexts), {
    store: memory(disk),
    hand: new ByHand(drained),
    limits,
    ...more,
  });
}

async function stateOf(it: RuntimeWorld): Promise<SubscriptionState> {
  const [state] = await it.runtime.delivery.subscriptions();
  if (state === undefined) throw new Error("there is a subscription");
  return state;
}

const keys = (count: number): string[] => Array.from({ length: count }, (_, i) => `k${i}`);

test("how far behind is how many it will be given: of its types only, told by readiness too, at any moment and after a restart", async () => {
  const disk = memoryDisk();
  const first = gated();
  const it = await started([noisy(), first.reader], { disk });
  await it.reply("orders.place", numbered(...keys(50)));
  let left = 50;
  while (left > 20) {
    expect(await stateOf(it)).toMatchObject({ behind: left, inFlight: 8, last: 150 });
    expect(it.runtime.status.lag).toBe(left);
    left -= first.open();
    await it.hand.settle();
  }
  first.open();
  void it.runtime.stop();
  await it.hand.settle();
  const second = gated();
  const again = await started([noisy(), second.reader], { disk });
  left -= 8;
  expect(await stateOf(again)).toMatchObject({ behind: left });
  expect(again.runtime.status.lag).toBe(left);
  for (; left > 0; await again.hand.settle()) left -= second.open();
  expect(left).toBe(0);
  expect(await stateOf(again)).toMatchObject({ behind: 0, drainedInMs: 0 });
  expect(again.runtime.status.lag).toBe(0);
});

test("a held subscription is as far behind as what it would be given, and as old as the first of it", async () => {
  const disk = memoryDisk();
  const it = await started([noisy(), billing()], { disk });
  await it.reply("orders.place", numbered("a"));
  void it.runtime.stop();
  await it.hand.settle();
  const held = await started([noisy(), billing()], { disk, hold: ["billing.note"] });
  await held.hand.pass(1_000);
  const at = held.hand.wall;
  await held.reply("orders.place", numbered(...keys(5)));
  expect(await stateOf(held)).toMatchObject({ held: true, behind: 5, oldestAt: at, drainedInMs: undefined });
});

test("the rates are those of its types, and the time to drain is what it takes", async () => {
  const { reader, open } = gated();
  const it = await started([noisy(), reader]);
  await it.reply("orders.place", numbered(...keys(1_000)));
  for (let second = 0; second < 40; second++) {
    open();
    await it.hand.pass(1_000);
  }
  const { behind, rate, drainedInMs } = await stateOf(it);
  expect(behind).toBe(1_000 - 40 * 8);
  expect(rate.in).toBeCloseTo(25, 0);
  expect(rate.out).toBeCloseTo(8, 0);
  const from = it.hand.clock.mono();
  for (; (await stateOf(it)).behind > 0; await it.hand.pass(1_000)) open();
  const took = it.hand.clock.mono() - from;
  expect((drainedInMs ?? 0) / took).toBeGreaterThan(0.9);
  expect((drainedInMs ?? 0) / took).toBeLessThan(1.1);
});

test("while more comes than goes, no time to drain is told", async () => {
  const { reader, open } = gated();
  const it = await started([orders(), reader]);
  for (let second = 0; second < 20; second++) {
    await it.reply("orders.place", numbered(...keys(20)));
    open();
    await it.hand.pass(1_000);
  }
  expect(await stateOf(it)).toMatchObject({ behind: 20 * 12, drainedInMs: undefined });
});

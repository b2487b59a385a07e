import { setImmediate as drained } from "node:timers/promises";
import { memory } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { backoff } from "../context/index.ts";
import { application, billing, numbered, orders, type Item } from "./delivery-fixture.ts";
import { ByHand } from "./fixture.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

const limits = {
  circuitKeys: 3,
  circuitWindowMs: 60_000,
  circuitPauseMs: 10_000,
  circuitPauseCapMs: 40_000,
  inFlight: 4,
  beforeLimitMs: 3_600_000,
};
const subscription = "billing.note";

interface Outside {
  down: boolean;
  calls: string[];
}

async function world(outside: Outside, tries = 3, before = async () => {}): Promise<RuntimeWorld> {
  const body = ({ id }: Item): void => {
    outside.calls.push(id);
    if (outside.down) throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  };
  const app = application(orders(), billing(body, { retry: backoff("100ms", "200ms", tries), before }));
  return RuntimeWorld.started(app, { store: memory(), hand: new ByHand(drained), limits });
}

const keys = ["a", "b", "c", "d", "e", "f", "g", "h"];
const settled = (it: RuntimeWorld): number => it.fates(subscription).filter((fate) => fate.endsWith("settled")).length;

describe("a subscription most of whose entries fail for one reason", () => {
  test("is paused: it fetches nothing, retries nothing, and says why", async () => {
    const outside: Outside = { down: true, calls: [] };
    const it = await world(outside);
    await it.reply("orders.place", numbered(...keys));
    await it.hand.pass(9_000);
    // what was fetched when it opened still ran; nothing has been tried again
    expect(outside.calls).toHaveLength(4);
    expect(it.runtime.status).toMatchObject({ paused: 1, parked: 4, dead: 0, state: "ready" });
    expect(await it.runtime.delivery.subscriptions()).toMatchObject([{ paused: "handler-failed ECONNREFUSED" }]);
    expect(it.hand.said("subscription.paused")).toMatchObject([
      { subscription, reason: "handler-failed ECONNREFUSED" },
    ]);
  });

  test("probes with one entry, ever more rarely, of what was tried least", async () => {
    const outside: Outside = { down: true, calls: [] };
    const it = await world(outside);
    await it.reply("orders.place", numbered(...keys));
    await it.hand.pass(10_000);
    expect(outside.calls).toHaveLength(5);
    await it.hand.pass(20_000);
    await it.hand.pass(40_000);
    await it.hand.pass(40_000);
    expect(outside.calls).toEqual(["a", "b", "c", "d", "a", "b", "c", "d"]);
    const parked = await it.runtime.delivery.parked({});
    expect(parked.map(({ state, attempts }) => [state, attempts])).toEqual(Array(4).fill(["retrying", 2]));
  });

  test("takes one entry at a time when nothing is left to retry, so that one try each is not all used up", async () => {
    const outside: Outside = { down: true, calls: [] };
    const it = await world(outside, 1);
    await it.reply("orders.place", numbered(...keys));
    expect(it.runtime.status).toMatchObject({ paused: 1, dead: 4 });
    await it.hand.pass(10_000);
    expect(outside.calls).toEqual(["a", "b", "c", "d", "e"]);
    await it.hand.pass(20_000);
    expect(outside.calls).toEqual(["a", "b", "c", "d", "e", "f"]);
    expect(it.runtime.status).toMatchObject({ paused: 1, dead: 6 });
    outside.down = false;
    await it.hand.pass(40_000);
    expect(it.runtime.status).toMatchObject({ paused: 0, dead: 6, lag: 0 });
    expect(settled(it)).toBe(2);
    expect(it.hand.said("subscription.paused")).toHaveLength(1);
    expect(it.hand.said("subscription.resumed")).toHaveLength(1);
  });

  test("with nothing left to try is not paused, and tries what comes one by one", async () => {
    const outside: Outside = { down: true, calls: [] };
    const it = await world(outside, 1);
    await it.reply("orders.place", numbered("a", "b", "c"));
    await it.hand.pass(10_000);
    expect(it.runtime.status).toMatchObject({ paused: 0, dead: 3, lag: 0 });
    await it.reply("orders.place", numbered("a", "d", "e"));
    // what waits behind the dead is no trial
    expect(outside.calls).toEqual(["a", "b", "c", "d"]);
    expect(it.runtime.status).toMatchObject({ paused: 1, dead: 4 });
    await it.hand.value(it.runtime.delivery.redrive({ subscription, key: "d" }, { name: "ann", why: "it is up" }));
    await it.hand.pass(0);
    expect(outside.calls.toSorted()).toEqual(["a", "b", "c", "d", "d", "e"]);
  });

  test("with nothing left to try tries one at a time of what was set free, too", async () => {
    const outside: Outside = { down: true, calls: [] };
    const it = await world(outside, 1);
    await it.reply("orders.place", numbered("a", "b", "c", "a", "b", "c"));
    await it.hand.pass(10_000);
    expect(it.runtime.status).toMatchObject({ paused: 0, dead: 3, parked: 6, lag: 0 });
    const skips = [1, 2, 3].map((position) =>
      it.runtime.delivery.skip({ subscription, position }, { name: "ann", why: "not needed" }),
    );
    await it.hand.value(Promise.all(skips));
    await it.hand.pass(0);
    expect([outside.calls.length, it.runtime.status.paused]).toEqual([4, 1]);
    outside.down = false;
    await it.hand.pass(20_000);
    expect(it.runtime.status).toMatchObject({ paused: 0, dead: 1, parked: 1 });
    expect(outside.calls).toHaveLength(6);
  });

  test("is not left paused by the poison it probes", async () => {
    const outside: Outside = { down: true, calls: [] };
    const it = await world(outside);
    await it.reply("orders.place", numbered("a", "b", "c"));
    await it.hand.pass(1_000_000);
    expect(it.runtime.status).toMatchObject({ paused: 0, dead: 3 });
    outside.down = false;
    await it.reply("orders.place", numbered("d"));
    expect(settled(it)).toBe(1);
  });

  test("goes on with everything, in order per key, once a probe goes through", async () => {
    const outside: Outside = { down: true, calls: [] };
    const it = await world(outside);
    await it.reply("orders.place", numbered(...keys, ...keys));
    await it.hand.pass(5_000);
    outside.down = false;
    await it.hand.pass(6_000);
    expect(it.runtime.status).toMatchObject({ paused: 0, parked: 0, lag: 0 });
    expect(settled(it)).toBe(16);
    expect(it.hand.said("subscription.resumed")).toHaveLength(1);
    const seen = Object.values(await it.rows("billing", "seen"));
    expect(new Set(seen)).toEqual(new Set(numbered(...keys, ...keys).map(({ id, n }) => `${id}${n}`)));
  });

  test("goes on at once when an operator redrives it", async () => {
    const outside: Outside = { down: true, calls: [] };
    const it = await world(outside);
    await it.reply("orders.place", numbered(...keys));
    outside.down = false;
    await it.hand.value(it.runtime.delivery.redrive({ subscription }, { name: "ann", why: "it is up" }));
    await it.hand.pass(300);
    expect(it.runtime.status).toMatchObject({ paused: 0, parked: 0 });
    expect(settled(it)).toBe(8);
  });

  test("is probed by one entry at a time however often it was redriven, and its keys keep their tries", async () => {
    const outside: Outside = { down: true, calls: [] };
    const it = await world(outside, 1_000);
    await it.reply("orders.place", numbered(...keys));
    for (let i = 0; i < 10; i++) {
      await it.hand.value(it.runtime.delivery.redrive({ subscription, key: "a" }, { name: "ann", why: "it is up" }));
      await it.hand.pass(2_000);
    }
    await it.hand.pass(40_000);
    expect(it.runtime.status).toMatchObject({ paused: 1 });
    const before = outside.calls.length;
    await it.hand.pass(40_000 * 30);
    expect(outside.calls.length - before).toBe(30);
  });

  test("waits for a probe that takes long before it plans another, also when it was redriven and paused meanwhile", async () => {
    const outside: Outside = { down: true, calls: [] };
    let begun = 0;
    const slow = Promise.withResolvers<void>();
    const it = await world(outside, 1_000, async () => {
      if (++begun === 5) await slow.promise;
    });
    await it.reply("orders.place", numbered(...keys));
    await it.hand.pass(10_000);
    expect([begun, outside.calls]).toEqual([5, ["a", "b", "c", "d"]]);
    await it.hand.value(it.runtime.delivery.redrive({ subscription, key: "b" }, { name: "ann", why: "it is up" }));
    await it.hand.pass(10_000);
    expect(it.runtime.status).toMatchObject({ paused: 1 });
    const before = begun;
    await it.hand.pass(400_000);
    expect(begun - before).toBe(0);
    slow.resolve();
    await it.hand.pass(40_000 * 10);
    expect(begun - before).toBe(10);
  });

  test("tries a key once for each time it is due, also when it was redriven twice at once", async () => {
    const outside: Outside = { down: true, calls: [] };
    const it = await world(outside);
    await it.reply("orders.place", numbered("a"));
    const twice = [1, 2].map((n) => it.runtime.delivery.redrive({ subscription }, { name: "ann", why: `try ${n}` }));
    await it.hand.value(Promise.all(twice));
    expect(outside.calls).toEqual(["a", "a"]);
  });

  test("is not left paused when what it would probe is skipped", async () => {
    const outside: Outside = { down: true, calls: [] };
    const it = await world(outside);
    await it.reply("orders.place", numbered("a", "b", "c"));
    for (const position of [1, 2, 3])
      await it.hand.value(it.runtime.delivery.skip({ subscription, position }, { name: "ann", why: "not needed" }));
    await it.hand.pass(10_000);
    expect(it.runtime.status).toMatchObject({ paused: 0, parked: 0 });
    outside.down = false;
    await it.reply("orders.place", numbered("d"));
    expect(settled(it)).toBe(1);
  });
});

import { setImmediate as drained } from "node:timers/promises";
import { memory, memoryDisk, type MemoryDisk } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { anyone, app, context, tables, type Context } from "../context/index.ts";
import { command } from "../contract/index.ts";
import { billing, numbered, Place, Placed, type Item } from "./delivery-fixture.ts";
import { ByHand } from "./fixture.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

const DAY = 86_400_000;
const Fail = command("orders.fail", { input: Place.input });

/** "orders", which emits each item so many days later as its number says; 0 = at once. */
function orders(due: (item: Item, now: number) => unknown): Context {
  const whole = context("orders", { contract: { Placed, Place, Fail }, tx: tables() });
  whole.handle(Place, { allow: anyone() }, (input, { emit, now }) => {
    for (const data of input) emit(Placed, data, data.n === 0 ? undefined : { due: due(data, now) as number });
  });
  whole.handle(Fail, { allow: anyone() }, (input, { emit, now }) => {
    for (const data of input) emit(Placed, data, { due: now + 1 });
    throw new Error("after it was emitted");
  });
  return whole as Context;
}

const inDays = ({ n }: Item, now: number): number => now + n * DAY;

function world(
  disk: MemoryDisk = memoryDisk(),
  due: (item: Item, now: number) => unknown = inDays,
): Promise<RuntimeWorld> {
  const application = app({ contexts: [orders(due), billing()] });
  return RuntimeWorld.started(application, { store: memory(disk), hand: new ByHand(drained) });
}

const seen = async (it: RuntimeWorld): Promise<unknown[]> => Object.values(await it.rows("billing", "seen"));
const place = (it: RuntimeWorld, ...keys: string[]): Promise<unknown> => it.reply("orders.place", numbered(...keys));

describe("a scheduled event", () => {
  test("enters the log when it is due, not before, and is delivered then", async () => {
    const it = await world();
    const began = it.hand.clock.now();
    await place(it, "a", "a", "a");
    expect(await seen(it)).toEqual(["a0"]);
    await it.hand.pass(DAY - 1);
    expect(await seen(it)).toEqual(["a0"]);
    await it.hand.pass(1);
    expect(await seen(it)).toEqual(["a0", "a1"]);
    await it.hand.pass(DAY);
    expect(await seen(it)).toEqual(["a0", "a1", "a2"]);
    const log = await it.log("orders", "orders.placed");
    expect(log.map(({ at, position }) => [position, at - began])).toEqual([
      [1, 0],
      [2, DAY],
      [3, 2 * DAY],
    ]);
  });

  test("does not enter with another that is due a little sooner", async () => {
    const it = await world(memoryDisk(), ({ n }, now) => now + n * 500);
    await place(it, "z", "a", "b");
    await it.hand.pass(500);
    expect(await seen(it)).toEqual(["z0", "a1"]);
    await it.hand.pass(499);
    await place(it, "y", "c");
    expect(await seen(it)).toEqual(["z0", "a1", "y0"]);
    await it.hand.pass(1);
    expect(await seen(it)).toEqual(["z0", "a1", "y0", "b2"]);
  });

  test("that is due at the same time keeps the order in which it was emitted", async () => {
    const it = await world(memoryDisk(), (_item, now) => now + DAY);
    await place(it, "z", "a", "a", "a", "b");
    await it.hand.pass(DAY);
    expect(await seen(it)).toEqual(["z0", "a1", "a2", "a3", "b4"]);
  });

  test("that is due already enters at once", async () => {
    const it = await world(memoryDisk(), (_item, now) => now - DAY);
    await place(it, "a", "b");
    await it.hand.pass(1);
    expect(await seen(it)).toEqual(["a0", "b1"]);
  });

  test("of a unit that fails is not kept", async () => {
    const it = await world();
    expect(await it.refusal("orders.fail", numbered("a"))).toMatchObject({ code: "handler-failed" });
    await it.hand.pass(DAY);
    expect(await it.log("orders", "orders.placed")).toEqual([]);
  });

  test("survives the process, and enters at the next start when it was due meanwhile, once", async () => {
    const disk = memoryDisk();
    const before = await world(disk);
    await place(before, "z", "a", "b");
    await before.hand.value(before.runtime.stop());
    const it = new RuntimeWorld(app({ contexts: [orders(inDays), billing()] }), {
      store: memory(disk),
      hand: before.hand,
    });
    await it.hand.pass(DAY);
    await it.hand.value(it.runtime.start());
    expect(await seen(it)).toEqual(["z0", "a1"]);
    await it.hand.pass(DAY);
    expect(await seen(it)).toEqual(["z0", "a1", "b2"]);
    expect(await it.log("orders", "orders.placed")).toHaveLength(3);
  });

  test("follows the wall clock: a jump ahead lets it enter within a minute, a jump back makes it wait", async () => {
    const it = await world();
    await place(it, "z", "a", "b");
    it.hand.wall += DAY;
    await it.hand.pass(60_000);
    expect(await seen(it)).toEqual(["z0", "a1"]);
    it.hand.wall -= DAY;
    await it.hand.pass(DAY);
    expect(await seen(it)).toEqual(["z0", "a1"]);
    await it.hand.pass(DAY);
    expect(await seen(it)).toEqual(["z0", "a1", "b2"]);
  });

  test("for what is no time is refused", async () => {
    const it = await world(memoryDisk(), () => "tomorrow");
    expect(await it.refusal("orders.place", numbered("z", "a"))).toMatchObject({ code: "event-invalid" });
  });
});

import { setImmediate as drained } from "node:timers/promises";
import { memory, memoryDisk, type MemoryDisk } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { anyone, app, context, tables, type Context } from "../context/index.ts";
import { command, event } from "../contract/index.ts";
import { BanyanError } from "../error/index.ts";
import { billing, numbered, Place, Placed, type Item } from "./delivery-fixture.ts";
import { ByHand } from "./fixture.ts";
import { over } from "./over.ts";
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
    expect(await it.refusal("orders.place", numbered("z", "a"))).toMatchObject({ code: "due-invalid" });
  });

  test.each([
    [0, 1],
    [-0.5, 1],
    [1.5, 1],
    [8.64e15, 0],
  ])("may be due at any time that a date can name: %s", async (due, entered) => {
    const it = await world(memoryDisk(), () => due);
    await place(it, "z", "a");
    await it.hand.pass(1);
    expect(await it.log("orders", "orders.placed")).toHaveLength(1 + entered);
    const scheduled = await it.runtime.delivery.scheduled();
    expect(scheduled).toEqual(
      entered === 1 ? [] : [{ context: "orders", entries: 1, overdue: 0, first: due, held: false }],
    );
  });

  test.each([8.64e15 + 1, 2 ** 60, 1e25, -1, -1e300, Infinity, Number.NaN, "soon", 5n, Object.create(null)])(
    "for a time that no date can name is the body's own error, and nothing of it is kept: %s",
    async (due) => {
      const it = await world(memoryDisk(), () => due);
      const refusal = await it.refusal("orders.place", numbered("z", "a"));
      expect(refusal).toMatchObject({ code: "due-invalid", kind: "unprocessable", retry: "never" });
      expect(await it.log("orders", "orders.placed")).toEqual([]);
      expect(await it.runtime.delivery.scheduled()).toEqual([]);
    },
  );
});

describe("the schedule of one context", () => {
  const Late = event("slips.late", { version: 1, key: "id", data: Placed.schema as never });
  const Plan = command("slips.plan", { input: Place.input });

  function slips(): Context {
    const whole = context("slips", { contract: { Late, Plan }, tx: tables() });
    whole.handle(Plan, { allow: anyone() }, (input, { emit, now }) => {
      for (const data of input) emit(Late, data as never, { due: now + DAY });
    });
    return whole as Context;
  }

  test("that cannot enter its log is in no other's way, and is said and counted until it can", async () => {
    let down = true;
    const inner = memory();
    const store = over(inner, {
      begin: async () => {
        const transaction = await inner.begin();
        const append: typeof transaction.append = async (source, entries) => {
          if (down && source === "slips") throw new BanyanError("internal", "not this one");
          await transaction.append(source, entries);
        };
        return over(transaction, { append });
      },
    });
    const application = app({ contexts: [slips(), orders(inDays), billing()] });
    const it = await RuntimeWorld.started(application, { store, hand: new ByHand(drained) });
    await it.reply("slips.plan", numbered("x", "y"));
    await place(it, "z", "a");
    expect(it.runtime.status.overdue).toBe(0);
    await it.hand.pass(DAY);
    expect(await seen(it)).toEqual(["z0", "a1"]);
    expect(it.runtime.status).toMatchObject({ state: "ready", overdue: 2, scheduledHeld: 0 });
    const first = it.hand.wall;
    expect(await it.runtime.delivery.scheduled()).toEqual([
      { context: "slips", entries: 2, overdue: 2, first, held: false },
    ]);
    expect(it.hand.said("warning").at(-1)?.message).toBe('Scheduled events of "slips" wait: not this one');
    down = false;
    await it.hand.pass(1_000);
    expect(await it.log("slips", "slips.late")).toHaveLength(2);
    expect(it.runtime.status.overdue).toBe(0);
  });

  test("that the code no longer has stands still, however much it is, and enters when code comes that has it", async () => {
    const disk = memoryDisk();
    const hand = new ByHand(drained);
    const life = async (...contexts: Context[]): Promise<RuntimeWorld> =>
      RuntimeWorld.started(app({ contexts }), { store: memory(disk), hand });
    const before = await life(slips(), orders(inDays), billing());
    await before.reply("slips.plan", numbered(...Array.from({ length: 200 }, (_, n) => `g${n}`)));
    await place(before, "z", "a");
    await hand.value(before.runtime.stop());
    const without = await life(orders(inDays), billing());
    await hand.pass(DAY);
    expect(await seen(without)).toEqual(["z0", "a1"]);
    expect(without.runtime.status).toMatchObject({ overdue: 0, scheduledHeld: 200 });
    expect(await without.runtime.delivery.scheduled()).toMatchObject([
      { context: "slips", entries: 200, overdue: 200, held: true },
    ]);
    expect(hand.said("warning").at(-1)?.message).toMatch(/"slips", which this code does not have, has 200 scheduled/);
    await hand.value(without.runtime.stop());
    const back = await life(slips(), orders(inDays), billing());
    await hand.pass(1);
    expect(await back.log("slips", "slips.late")).toHaveLength(200);
    expect(back.runtime.status.scheduledHeld).toBe(0);
  });
});

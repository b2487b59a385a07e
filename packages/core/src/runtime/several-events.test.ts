import { setImmediate as drained } from "node:timers/promises";
import { memory, memoryDisk, type MemoryDisk } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { anyone, app, backoff, context, tables, type Context } from "../context/index.ts";
import { command, event } from "../contract/index.ts";
import { ByHand } from "./fixture.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

const data = z.object({ id: z.string() });
const Opened = event("orders.opened", { version: 1, key: "id", data });
const Closed = event("orders.closed", { version: 1, key: "id", data });
const Seen = event("orders.seen", { version: 1, key: "id", data });
const Do = command("orders.do", { input: z.array(z.tuple([z.enum(["opened", "closed", "seen"]), z.string()])) });
const events = { opened: Opened, closed: Closed, seen: Seen };

function orders(): Context {
  const whole = context("orders", { contract: { Opened, Closed, Seen, Do }, tx: tables() });
  whole.handle(Do, { allow: anyone() }, (input, { emit }) => {
    for (const [what, id] of input) emit(events[what], { id });
  });
  return whole as Context;
}

type Body = (event: { readonly type: string; readonly key: string; readonly position: number }) => void;

/** A subscriber "billing.watch" that notes in which order it was given what. */
function watching(what: Parameters<ReturnType<typeof orders>["on"]>[0], body: Body = () => {}) {
  const given: string[] = [];
  const whole = context("billing", { contract: {}, tx: tables() });
  const options = { name: "watch", from: "start", retry: backoff("1s", "10s", 3) } as const;
  whole.on(what, options, async (event, { tx }) => {
    body(event);
    const kind = String(event.type).slice("orders.".length);
    given.push(`${event.key}: ${kind} ${event.position}`);
    await tx.table("seen").set(String(event.position), kind);
  });
  // a body may run again before its effects are kept: its last run counts
  const of = (key: string): string[] =>
    given.filter((one, i) => one.startsWith(`${key}:`) && given.lastIndexOf(one) === i);
  return { given, of, context: whole as Context };
}

const started = (reader: Context, disk: MemoryDisk = memoryDisk()): Promise<RuntimeWorld> =>
  RuntimeWorld.started(app({ contexts: [orders(), reader] }), { store: memory(disk), hand: new ByHand(drained) });

const IN_TURNS = [
  ["opened", "a"],
  ["closed", "a"],
  ["seen", "a"],
  ["opened", "b"],
  ["opened", "a"],
  ["closed", "b"],
  ["closed", "a"],
];

describe("one subscription of several events", () => {
  test("receives those events and no others, a key's in the order of the log across them", async () => {
    const reader = watching([Opened, Closed]);
    const it = await started(reader.context);
    await it.reply("orders.do", IN_TURNS);
    expect(reader.of("a")).toEqual(["a: opened 1", "a: closed 2", "a: opened 5", "a: closed 7"]);
    expect(reader.of("b")).toEqual(["b: opened 4", "b: closed 6"]);
    expect(await it.rows("billing", "seen")).toMatchObject({ 1: "opened", 2: "closed" });
  });

  test.each([1, 2, 5])("keeps a key's order across them when entry %i fails and parks", async (failing) => {
    let mended = false;
    const reader = watching([Opened, Closed], ({ position }) => {
      if (position === failing && !mended) throw new Error("not yet");
    });
    const it = await started(reader.context);
    await it.reply("orders.do", IN_TURNS);
    const before = [1, 2, 5, 7].filter((position) => position < failing);
    expect(reader.of("a")).toHaveLength(before.length);
    expect(reader.of("b")).toEqual(["b: opened 4", "b: closed 6"]);
    mended = true;
    await it.hand.pass(1_250);
    expect(reader.of("a")).toEqual(["a: opened 1", "a: closed 2", "a: opened 5", "a: closed 7"]);
    expect(it.runtime.status).toMatchObject({ parked: 0, lag: 0 });
  });

  test("parks as unknown what it failed at and no longer reads, and takes it up again when it does", async () => {
    const disk = memoryDisk();
    const failing = watching([Opened, Closed], ({ type }) => {
      if (type === "orders.closed") throw new Error("not yet");
    });
    const first = await started(failing.context, disk);
    await first.reply("orders.do", [
      ["closed", "a"],
      ["opened", "a"],
    ]);
    const without = watching(Opened);
    const second = await started(without.context, disk);
    await second.hand.pass(1_250);
    expect(second.hand.said("entry.parked")).toMatchObject([{ position: 1, state: "unknown", code: "event-unknown" }]);
    expect(second.hand.said("entry.parked")[0]?.message).toContain('this subscription reads "orders.opened"');
    const again = watching([Opened, Closed]);
    const third = await started(again.context, disk);
    await third.hand.pass(1);
    expect([without.given, again.given]).toEqual([[], ["a: closed 1", "a: opened 2"]]);
  });
});

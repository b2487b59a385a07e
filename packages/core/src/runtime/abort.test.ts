import { setImmediate as drained } from "node:timers/promises";
import { memory, memoryDisk, type MemoryDisk } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  anyone,
  app,
  backoff,
  context,
  roles,
  tables,
  type Context,
  type Environment,
  type Once,
} from "../context/index.ts";
import { command, event, query, type OperationContract } from "../contract/index.ts";
import { BanyanError } from "../error/index.ts";
import type { Abort, TablesHandle } from "../ports/index.ts";
import { WorkScope } from "./bounded-work.ts";
import { deferred, sleep } from "./deferred.ts";
import { ByHand } from "./fixture.ts";
import { over } from "./over.ts";
import { RuntimeWorld, type WorldOptions } from "./runtime-fixture.ts";

const Input = z.object({ id: z.string() });
const Place = command("orders.place", { input: Input });
const Placed = event("orders.placed", { version: 1, key: "id", data: Input });
const GetOrder = query("orders.get", { input: Input, output: z.unknown() });
const GetPrice = query("stock.get-price", { input: Input, output: z.unknown() });
const Reserve = command("stock.reserve", { input: Input });

interface Tools {
  readonly abort: Abort;
  readonly call: (what: OperationContract, input: unknown) => Promise<unknown>;
  readonly read: TablesHandle;
  readonly once: Once;
  readonly attempt: number;
}
type Work = (tools: Tools) => unknown;

interface Given extends Partial<WorldOptions> {
  readonly allow?: Work;
  readonly before?: Work;
  readonly answer?: Work;
  readonly price?: Work;
  readonly on?: Work;
  readonly disk?: MemoryDisk;
}

const nothing: Work = () => undefined;

/** "orders", whose every place outside a transaction is what a test is about, and "stock", which it calls. A stop takes 100 ms of the application's own. */
async function world(given: Given): Promise<RuntimeWorld & { reserved: () => Promise<number> }> {
  const { allow, before = nothing, answer = nothing, price = nothing, on = nothing, disk, ...options } = given;
  const orders = context("orders", {
    contract: { Place, Placed, GetOrder },
    tx: tables(),
    uses: [GetPrice, Reserve],
  });
  const admitted = allow === undefined ? anyone() : async (asked: unknown) => (await allow(asked as Tools), true);
  const work = { allow: admitted, before: (_: unknown, tools: unknown) => before(tools as Tools) };
  orders.handle(
    Place,
    work as never,
    (async (data: { id: string }, { tx, emit }: any) => {
      await tx.table("placed").set(data.id, true);
      emit(Placed, data);
    }) as never,
  );
  orders.answer(GetOrder, { allow: anyone() }, ((_: unknown, tools: Tools) => answer(tools)) as never);
  const reading = { name: "reserve", from: "start", retry: backoff("1s", "1s", 3) } as const;
  const reserve = { ...reading, before: (_: unknown, tools: unknown) => on(tools as Tools) };
  orders.on(Placed, reserve as never, () => {});
  const stock = context("stock", { contract: { GetPrice, Reserve }, tx: tables() });
  stock.answer(GetPrice, { allow: anyone() }, ((_: unknown, tools: Tools) => price(tools)) as never);
  stock.handle(Reserve, { allow: roles("context") }, async ({ id }, { tx }) => tx.table("reserved").set(id, true));
  const limits = { beforeLimitMs: 1_000, ...options.limits };
  const store = options.store ?? memory(disk ?? memoryDisk());
  const hand = new ByHand(drained);
  const ports = ({ onStop }: Environment): object => (onStop(() => sleep(hand.clock, 100)), {});
  const application = app({ contexts: [orders, stock] as readonly Context[], ports });
  const it = await RuntimeWorld.started(application, { ...options, store, hand, limits });
  return Object.assign(it, { reserved: async () => Object.keys(await it.rows("stock", "reserved")).length });
}

const input = { id: "1" };
const codeOf = (error: unknown): string => (error as BanyanError).code;

/** Work that hangs until it is told, and then tries to go on with everything it has. */
class Hanging {
  readonly reasons: string[] = [];
  readonly late: string[] = [];
  readonly acts: string[] = [];
  readonly work: Work = async ({ abort, call, read, once }) => {
    await new Promise<void>((resolve) => void abort.onAbort(resolve));
    this.reasons.push(codeOf(abort.reason));
    // as late as it gets
    await drained();
    const act = once === undefined ? [] : [once("act", {}, () => this.acts.push("acted"))];
    const calls = call === undefined ? [] : [call(GetPrice, input), call(Reserve, input)];
    for (const tool of [read.table("placed").get("1"), ...calls, ...act])
      await tool.catch((error: unknown) => this.late.push(codeOf(error)));
  };
}

describe("at its limit", () => {
  test.each(["allow", "before", "answer"] as const)("%s is told, and can do nothing more", async (where) => {
    const hanging = new Hanging();
    const it = await world({ [where]: hanging.work });
    const asked = it.ask(where === "answer" ? "orders.get" : "orders.place", input);
    await it.hand.pass(999);
    expect(hanging.reasons).toEqual([]);
    await it.hand.pass(1);
    await expect(asked).rejects.toMatchObject({ code: "before-timeout" });
    expect(hanging.reasons).toEqual(["before-timeout"]);
    const calls = where === "allow" ? [] : ["before-ended", "before-ended"];
    expect(hanging.late).toEqual(["handle-dead", ...calls]);
    expect([await it.reserved(), await it.rows("orders", "placed")]).toEqual([0, {}]);
  });

  test("an attempt at an entry is told, and cannot act beside the next one", async () => {
    const hanging = new Hanging();
    const it = await world({ on: (tools) => (tools.attempt === 1 ? hanging.work(tools) : undefined) });
    await it.reply("orders.place", input);
    await it.hand.pass(3_000);
    expect(hanging.late).toEqual(["handle-dead", "before-ended", "before-ended", "before-ended"]);
    expect([hanging.acts, await it.reserved()]).toEqual([[], 0]);
    expect(it.fates("orders.reserve")).toEqual(["1 retrying", "1 settled"]);
  });
});

test("an act whose intent took longer than there was time is not begun, and is made by the next attempt", async () => {
  const store = memory();
  const holding = deferred<void>();
  let held = false;
  const acts: number[] = [];
  const it = await world({
    store: over(store, { begin: async () => (held ? (await holding.promise, store.begin()) : store.begin()) }),
    on: ({ once, attempt }) => {
      held = attempt === 1;
      return once("act", {}, () => acts.push(attempt));
    },
  });
  await it.reply("orders.place", input);
  await it.hand.pass(1_000);
  holding.resolve();
  held = false;
  await it.hand.settle();
  expect(acts).toEqual([]);
  await it.hand.pass(3_000);
  expect(acts).toEqual([2]);
  expect(it.fates("orders.reserve")).toEqual(["1 retrying", "1 settled"]);
});

test("what floats out of a `before` that has ended can do nothing either", async () => {
  const late = deferred<string>();
  const ended = deferred<void>();
  const it = await world({
    before: ({ call }) =>
      void ended.promise.then(() => call(GetPrice, input)).catch((error) => late.resolve(codeOf(error))),
  });
  await it.reply("orders.place", input);
  ended.resolve();
  expect(await it.hand.value(late.promise)).toBe("before-ended");
});

describe("whoever asked is gone", () => {
  const gone = new BanyanError("caller-gone", "The connection is closed.");
  const key = { idempotencyKey: "k" };

  test.each(["allow", "before", "answer"] as const)("while %s runs: it is told, and nothing is done", async (where) => {
    const hanging = new Hanging();
    const it = await world({ [where]: hanging.work });
    const abort = new WorkScope("a client", it.hand.telemetry);
    const operation = where === "answer" ? "orders.get" : "orders.place";
    const asked = it.ask(operation, input, where === "answer" ? { abort } : { ...key, abort });
    expect(await it.hand.outcome(asked)).toBe("pending");
    abort.abort(gone);
    expect(await it.hand.outcome(asked)).toEqual({ error: gone });
    expect(hanging.reasons).toEqual(["caller-gone"]);
    expect(await it.rows("orders", "placed")).toEqual({});
    expect(it.hand.timers).toBe(0);
  });

  test("a repeat under the key is executed: nothing was decided", async () => {
    let runs = 0;
    const before: Work = ({ abort }) =>
      ++runs === 1 ? new Promise<void>((resolve) => void abort.onAbort(resolve)) : undefined;
    const it = await world({ before });
    const abort = new WorkScope("a client", it.hand.telemetry);
    const first = it.ask("orders.place", input, { ...key, abort });
    const repeat = it.ask("orders.place", input, key);
    expect(await it.hand.outcome(repeat)).toBe("pending");
    abort.abort(gone);
    expect(await it.hand.outcome(first)).toEqual({ error: gone });
    expect(await it.hand.value(repeat)).toMatchObject({ answer: "empty", replayed: false });
    expect(runs).toBe(2);
  });

  test("after the body was submitted: the command goes on", async () => {
    const begun = deferred<void>();
    const it = await world({ before: () => begun.resolve() });
    const abort = new WorkScope("a client", it.hand.telemetry);
    const asked = it.ask("orders.place", input, { ...key, abort });
    await begun.promise;
    await drained();
    abort.abort(gone);
    expect(await it.hand.value(asked)).toMatchObject({ answer: "empty" });
    expect(await it.rows("orders", "placed")).toEqual({ 1: true });
  });

  test("and whoever it asked in turn is told as well", async () => {
    const hanging = new Hanging();
    const it = await world({ answer: ({ call }) => call(GetPrice, input), price: hanging.work });
    const abort = new WorkScope("a client", it.hand.telemetry);
    const asked = it.ask("orders.get", input, { abort });
    await it.hand.settle();
    abort.abort(gone);
    await expect(it.hand.value(asked)).rejects.toBe(gone);
    expect(hanging.reasons).toEqual(["caller-gone"]);
  });
});

describe("a process that halts", () => {
  test("waits for what is in flight, then tells it and answers `draining`", async () => {
    const hanging = new Hanging();
    const it = await world({ before: hanging.work, limits: { drainMs: 500, beforeLimitMs: 60_000 } });
    const asked = it.ask("orders.place", input);
    await it.hand.settle();
    const stopped = it.runtime.stop();
    await it.hand.pass(499);
    expect(hanging.reasons).toEqual([]);
    await it.hand.pass(1);
    await expect(asked).rejects.toMatchObject({ code: "draining", retry: "later" });
    expect(hanging.reasons).toEqual(["draining"]);
    await it.hand.pass(100);
    expect(await it.hand.outcome(stopped)).toEqual({ value: undefined });
  });

  test("does not count the attempt it ended: the next process begins with the first", async () => {
    const disk = memoryDisk();
    const limits = { drainMs: 500, beforeLimitMs: 60_000 };
    const attempts: number[] = [];
    const first = await world({
      disk,
      limits,
      on: (tools) => (attempts.push(tools.attempt), new Hanging().work(tools)),
    });
    await first.reply("orders.place", input);
    const stopped = first.runtime.stop();
    await first.hand.pass(2_000);
    expect(await first.hand.outcome(stopped)).toEqual({ value: undefined });
    expect(first.fates("orders.reserve")).toEqual([]);
    const second = await world({ disk, on: ({ attempt }) => void attempts.push(attempt) });
    await second.hand.settle();
    expect([attempts, second.fates("orders.reserve")]).toEqual([[1, 1], ["1 settled"]]);
  });
});

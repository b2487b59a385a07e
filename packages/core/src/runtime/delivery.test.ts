import { setImmediate as drained } from "node:timers/promises";
import { memory } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { anyone, app, backoff, context, tables, type Context } from "../context/index.ts";
import { command, event } from "../contract/index.ts";
import { refuse } from "../error/index.ts";
import type { CallRequest } from "../ports/index.ts";
import { deferred, type Deferred } from "./deferred.ts";
import { ByHand } from "./fixture.ts";
import { RuntimeWorld, type WorldOptions } from "./runtime-fixture.ts";

const Data = z.object({ id: z.string(), n: z.int() });
const Placed = event("orders.placed", { version: 1, key: "id", data: Data });
const Other = event("orders.other", { version: 1, key: "id", data: Data });
const Place = command("orders.place", { input: z.array(Data) });
const Charge = command("billing.charge", { input: Data });
const Charged = event("billing.charged", { version: 1, key: "id", data: Data });

/** "orders", whose command emits an event for each of its inputs: `other` where n is negative. */
function orders(): Context {
  const whole = context("orders", { contract: { Placed, Other, Place }, tx: tables() });
  whole.handle(Place, { allow: anyone() }, (input, { emit }) => {
    for (const data of input) emit(data.n < 0 ? Other : Placed, data);
  });
  return whole as Context;
}

const billing = () => context("billing", { contract: {}, tx: tables() });

function started(contexts: readonly Context[], options: Partial<WorldOptions> = {}): Promise<RuntimeWorld> {
  return RuntimeWorld.started(app({ contexts }), { store: memory(), hand: new ByHand(drained), ...options });
}

const place = (it: RuntimeWorld, ...keys: string[]): Promise<unknown> =>
  it.reply(
    "orders.place",
    keys.map((id, n) => ({ id, n })),
  );

describe("a subscription", () => {
  test("receives the events of its type, each once, in the order of its key, with its effects in its tables", async () => {
    const reader = billing();
    reader.on(Placed, { name: "note", from: "start" }, async ({ data, position }, { tx, now, tenant }) => {
      await tx.table("seen").set(String(position), { ...data, now, tenant });
    });
    const it = await started([orders(), reader as Context]);
    await it.reply(
      "orders.place",
      [
        { id: "a", n: 1 },
        { id: "b", n: -1 },
        { id: "a", n: 2 },
      ],
      { tenant: "acme" },
    );
    const now = it.hand.wall;
    expect(await it.rows("billing", "seen")).toEqual({
      1: { id: "a", n: 1, now, tenant: "acme" },
      3: { id: "a", n: 2, now, tenant: "acme" },
    });
    expect(it.fates("billing.note")).toEqual(["1 settled", "3 settled"]);
    expect(it.runtime.status).toMatchObject({ state: "ready", lag: 0, parked: 0, dead: 0 });
    expect(it.hand.said("lane.idle").at(-1)).toEqual({ name: "lane.idle", subscription: "billing.note", pos: 3 });
  });

  test("runs `before` of different keys side by side, of one key one after the other", async () => {
    const gates = new Map<number, Deferred<void>>();
    const log: string[] = [];
    const reader = billing();
    const before = async ({ data }: { data: { id: string; n: number } }): Promise<void> => {
      log.push(`begins ${data.id}${data.n}`);
      const gate = deferred<void>();
      gates.set(data.n, gate);
      await gate.promise;
    };
    reader.on(Placed, { name: "note", from: "start", before }, ({ data }) => void log.push(`body ${data.id}${data.n}`));
    const it = await started([orders(), reader as Context]);
    await place(it, "a", "a", "b");
    expect(log).toEqual(["begins a0", "begins b2"]);
    gates.get(2)?.resolve();
    await it.hand.settle();
    gates.get(0)?.resolve();
    await it.hand.settle();
    expect(log).toEqual(["begins a0", "begins b2", "body b2", "body a0", "begins a1"]);
    gates.get(1)?.resolve();
    await it.hand.settle();
    expect(log.at(-1)).toBe("body a1");
  });

  test("has no more in flight than its limit, and fetches on as there is room", async () => {
    const gates: Deferred<void>[] = [];
    const reader = billing();
    const before = (): Promise<void> => {
      const gate = deferred<void>();
      gates.push(gate);
      return gate.promise;
    };
    reader.on(Placed, { name: "note", from: "start", before }, () => {});
    const it = await started([orders(), reader as Context], { limits: { inFlight: 2 } });
    await place(it, "a", "b", "c", "d", "e");
    for (const running of [2, 3, 4, 5]) {
      expect(gates).toHaveLength(running);
      gates.at(running - 2)?.resolve();
      await it.hand.settle();
    }
    gates.at(-1)?.resolve();
    await it.hand.settle();
    expect(it.runtime.status.lag).toBe(0);
  });

  test("is given the same stable key and the number of the attempt each time", async () => {
    const seen: [string, number][] = [];
    const reader = billing();
    const before = (_: unknown, tools: { stableKey: string; attempt: number }): void => {
      seen.push([tools.stableKey, tools.attempt]);
      if (seen.length < 3) throw new Error("not yet");
    };
    reader.on(Placed, { name: "note", from: "start", before, retry: backoff("1s", "1s", 8) }, () => {});
    const it = await started([orders(), reader as Context]);
    await place(it, "a");
    await it.hand.pass(5_000);
    expect(seen.map(([, attempt]) => attempt)).toEqual([1, 2, 3]);
    expect(new Set(seen.map(([key]) => key)).size).toBe(1);
    expect(seen[0]?.[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  test("whose `before` does not end is tried again after the limit", async () => {
    const reader = billing();
    let attempts = 0;
    const before = (): Promise<void> => (attempts++ === 0 ? new Promise(() => {}) : Promise.resolve());
    reader.on(Placed, { name: "note", from: "start", before }, () => {});
    const it = await started([orders(), reader as Context]);
    await place(it, "a");
    await it.hand.pass(30_000);
    expect(it.hand.said("entry.parked")).toMatchObject([{ state: "retrying", code: "before-timeout", attempts: 1 }]);
    await it.hand.pass(1_250);
    expect(it.fates("billing.note")).toEqual(["1 retrying", "1 settled"]);
  });
});

describe("a flow over two hops", () => {
  test("keeps tenant, correlation and trace; each step names its cause and who did it", async () => {
    const owner = context("billing", { contract: { Charge, Charged }, tx: tables() });
    owner.handle(Charge, { allow: anyone() }, (data, { emit }) => emit(Charged, data));
    owner.on(Placed, { name: "bill", from: "start" }, ({ data }, { emit }) => emit(Charged, { ...data, n: 50 }));
    const caller = context("shipping", { contract: {}, tx: tables(), uses: [Charge] });
    const before = (received: { data: { id: string; n: number } }, { call }: { call: Function }): unknown =>
      call(Charge, received.data);
    caller.on(Placed, { name: "charge", from: "start", before: before as never }, () => {});
    const it = await started([orders(), owner as Context, caller as Context]);
    const by = { who: "user:1", tenant: "acme", correlation: "flow", traceparent: "00-a-b-01" };
    const { commandId } = await it.reply("orders.place", [{ id: "a", n: 1 }], by);

    const flow = { tenant: "acme", correlation: "flow", traceparent: "00-a-b-01" };
    const [placed] = await it.log("orders", "orders.placed");
    expect(placed).toMatchObject({ ...flow, principal: "user:1", causation: commandId });
    const charged = await it.log("billing", "billing.charged");
    const called = it.hand.said("command.done").find(({ operation }) => operation === "billing.charge");
    expect(charged.toSorted((x, y) => (x.body < y.body ? -1 : 1))).toMatchObject([
      { ...flow, principal: "context:shipping", causation: called?.commandId },
      { ...flow, principal: "context:billing", causation: placed?.id },
    ]);
  });

  test("repeats a command it called under the same key when it is tried again", async () => {
    let runs = 0;
    const owner = context("billing", { contract: { Charge, Charged }, tx: tables() });
    owner.handle(Charge, { allow: anyone() }, (data, { emit }) => {
      runs++;
      emit(Charged, data);
    });
    const caller = context("shipping", { contract: {}, tx: tables(), uses: [Charge] });
    let attempts = 0;
    const before = ({ data }: { data: unknown }, { call }: { call: Function }): unknown => call(Charge, data);
    caller.on(Placed, { name: "charge", from: "start", before: before as never }, () => {
      if (++attempts === 1) throw new Error("after the call");
    });
    const it = await started([orders(), owner as Context, caller as Context]);
    await place(it, "a");
    await it.hand.pass(2_000);
    expect([attempts, runs]).toEqual([2, 1]);
    expect(await it.log("billing", "billing.charged")).toHaveLength(1);
  });

  test("may call one command several times: each call is executed once, in all attempts together", async () => {
    const charged: string[] = [];
    const owner = context("billing", { contract: { Charge }, tx: tables() });
    owner.handle(Charge, { allow: anyone() }, (data) => void charged.push(`${data.id}${data.n}`));
    const caller = context("shipping", { contract: {}, tx: tables(), uses: [Charge] });
    let attempts = 0;
    const before = ({ data }: { data: { id: string } }, { call }: { call: Function }): unknown =>
      Promise.all([1, 2, 2].map((n) => call(Charge, { id: data.id, n })));
    caller.on(Placed, { name: "charge", from: "start", before: before as never }, () => {
      if (++attempts === 1) throw new Error("after the calls");
    });
    const it = await started([orders(), owner as Context, caller as Context]);
    await place(it, "a");
    await it.hand.pass(2_000);
    expect(it.fates("shipping.charge")).toEqual(["1 retrying", "1 settled"]);
    expect(charged).toEqual(["a1", "a2", "a2"]);
  });

  test("that is refused for good by what it called is dead at once", async () => {
    const owner = context("billing", { contract: { Charge }, tx: tables() });
    owner.handle(Charge, { allow: anyone() }, () => {
      throw refuse("card-expired", "x");
    });
    const caller = context("shipping", { contract: {}, tx: tables(), uses: [Charge] });
    const before = ({ data }: { data: unknown }, { call }: { call: Function }): unknown => call(Charge, data);
    caller.on(Placed, { name: "charge", from: "start", before: before as never }, () => {});
    const it = await started([orders(), owner as Context, caller as Context]);
    await place(it, "a");
    expect(it.hand.said("entry.parked")).toMatchObject([{ state: "dead", code: "card-expired" }]);
  });
});

test("where calls have a port of their own, they go through it", async () => {
  const sent: CallRequest[] = [];
  const calls = { send: async (request: CallRequest) => (sent.push(request), "null") };
  const caller = context("shipping", { contract: {}, tx: tables(), uses: [Place] });
  const before = (_: unknown, { call }: { call: Function }): unknown => call(Place, [{ id: "b", n: 0 }]);
  caller.on(Placed, { name: "place", from: "start", before: before as never }, () => {});
  const it = await started([orders(), caller as Context], { platform: { calls } });
  await place(it, "a");
  expect(sent).toMatchObject([
    {
      operation: "orders.place",
      input: '[{"id":"b","n":0}]',
      principal: { id: "context:shipping", roles: ["context"] },
      origin: { principal: "context:shipping" },
      idempotencyKey: expect.stringMatching(/^[0-9a-f]{64}:orders\.place:[0-9a-f]{32}:1$/),
    },
  ]);
});

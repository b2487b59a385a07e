import { setImmediate as drained } from "node:timers/promises";
import { memory, memoryDisk } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { anyone, backoff, context, needs, tables, type App, type Context, type Environment } from "../context/index.ts";
import { event, query } from "../contract/index.ts";
import type { Store } from "../ports/index.ts";
import { application, billing, numbered, orders, Place, Placed } from "./delivery-fixture.ts";
import { deferred } from "./deferred.ts";
import { ByHand } from "./fixture.ts";
import { over } from "./over.ts";
import { RuntimeWorld, type WorldOptions } from "./runtime-fixture.ts";

function unstarted(what: App, options: Partial<WorldOptions> = {}): RuntimeWorld {
  return new RuntimeWorld(what, { store: memory(), hand: new ByHand(drained), ...options });
}

async function started(what: App, options: Partial<WorldOptions> = {}): Promise<RuntimeWorld> {
  const it = unstarted(what, options);
  await it.hand.value(it.runtime.start());
  return it;
}

/** An application whose ports are built by `ports`. */
const withPorts = (ports: (environment: Environment) => unknown, ...contexts: Context[]): App => ({
  ...application(...contexts),
  ports,
});

/** The memory store, and how often it was closed. */
function closing(): { store: Store; closed: () => number } {
  const store = memory();
  let closed = 0;
  const close = (): Promise<void> => {
    closed++;
    return store.close();
  };
  return { store: over(store, { close }), closed: () => closed };
}

const numbers = z.array(z.int());
const Ask = query("asks.ask", { input: numbers, output: numbers });

const states = (it: RuntimeWorld): string[] => it.hand.said("process.state").map(({ state }) => state);

describe("a start", () => {
  test("refuses an application that is not put together right, all at once, before it touches anything", async () => {
    const { store, closed } = closing();
    let opened = 0;
    const watched = over(store, { open: (plan) => (opened++, store.open(plan)) });
    const wrong = context("Wrong", { contract: {}, tx: tables() });
    const it = unstarted(
      withPorts(() => expect.unreachable(), wrong as Context, context("a", { contract: { Place } })),
      { store: watched },
    );
    const outcome = await it.hand.outcome(it.runtime.start());
    expect(outcome).toMatchObject({ error: { code: "registration-refused" } });
    const { details } = (outcome as { error: { details: { violations: { code: string }[] } } }).error;
    const codes = details.violations.map(({ code }) => code);
    expect(codes).toEqual(["name-invalid", "contract-foreign", "handler-missing"]);
    expect([opened, closed(), it.runtime.status.state]).toEqual([0, 1, "failed"]);
  });

  test("builds the ports once the data is owned, and refuses when some are missing", async () => {
    const { store, closed } = closing();
    const log: string[] = [];
    const watched = over(store, { open: (plan) => (log.push("open"), store.open(plan)) });
    const whole = context("a", { contract: {}, tx: tables(), ports: needs<{ clock: object }>("clock") });
    const build = ({ data, delivery, onStop }: Environment): object => {
      log.push(`ports ${data} ${delivery().parked}`);
      onStop(() => void log.push("stop"));
      return {};
    };
    const it = unstarted(withPorts(build, whole as Context), { store: watched, data: "DATA" });
    expect(await it.hand.outcome(it.runtime.start())).toMatchObject({
      error: { details: { violations: [{ code: "ports-missing" }] } },
    });
    expect(log).toEqual(["open", "ports DATA 0", "stop"]);
    expect(closed()).toBe(1);
  });

  test("passes on what the store has to say", async () => {
    const store = memory();
    const open: Store["open"] = async (plan) => ({
      ...(await store.open(plan)),
      warnings: ["A migration is unknown."],
    });
    const it = await started(application(), { store: over(store, { open }) });
    expect(it.hand.said("warning")).toEqual([{ name: "warning", message: "A migration is unknown." }]);
    expect(states(it)).toEqual(["ready"]);
  });

  test("takes no requests before it is done", async () => {
    const it = unstarted(application(orders()));
    expect(await it.refusal("orders.place", [])).toMatchObject({
      code: "starting",
      retry: "later",
      retryAfterMs: 1_000,
    });
  });

  test("that fails late leaves nothing running", async () => {
    const store = memory();
    let starts = 0;
    const troubled = over(store, {
      entriesAt: async () => (++starts === 2 ? Promise.reject(new Error("gone")) : []),
      fetch: () => Promise.reject(new Error("gone")),
    });
    const archive = context("archive", { contract: {}, tx: tables() });
    archive.on(Placed, { name: "note", from: "start" }, () => {});
    const it = unstarted(application(orders(), billing(), archive as Context), { store: troubled });
    expect(await it.hand.outcome(it.runtime.start())).toMatchObject({ error: { message: "gone" } });
    const said = it.hand.said("warning").length;
    await it.hand.pass(10_000);
    expect([it.hand.timers, it.hand.said("warning").length]).toEqual([0, said]);
  });
});

describe("subscriptions of the store and of the code", () => {
  const disk = memoryDisk();
  const hand = new ByHand(drained);
  const start = (what: App, hold?: string[]): Promise<RuntimeWorld> =>
    started(what, { store: memory(disk), hand, ...(hold && { hold }) });

  test("a stored cursor without its subscription is refused by name, unless it is held", async () => {
    await start(application(orders(), billing()));
    const it = unstarted(application(orders()), { store: memory(disk), hand });
    const outcome = await hand.outcome(it.runtime.start());
    expect(outcome).toMatchObject({ error: { details: { violations: [{ code: "cursor-orphaned" }] } } });
    const { message } = (outcome as { error: Error }).error;
    expect(message).toContain('The store has the cursor of "billing.note" on "orders"');
    const held = await start(application(orders()), ["billing.note"]);
    expect(held.runtime.status).toMatchObject({ state: "ready", held: 1 });
  });

  test("so is one whose subscription now reads another context's log", async () => {
    const Moved = event("stock.moved", { version: 1, key: "id", data: Placed.schema });
    const stock = context("stock", { contract: { Moved }, tx: tables() });
    const moved = context("billing", { contract: {}, tx: tables() });
    moved.on(Moved, { name: "note", from: "start" }, () => {});
    const it = unstarted(application(orders(), stock as Context, moved as Context), { store: memory(disk), hand });
    const outcome = await hand.outcome(it.runtime.start());
    expect(outcome).toMatchObject({ error: { details: { violations: [{ code: "cursor-orphaned" }] } } });
  });

  test("a held one stands still until it is let go, and misses nothing", async () => {
    const held = await start(application(orders(), billing()), ["billing.note"]);
    await held.reply("orders.place", numbered("a"));
    await hand.pass(1_000);
    expect(await held.rows("billing", "seen")).toEqual({});
    const free = await start(application(orders(), billing()));
    expect(Object.values(await free.rows("billing", "seen"))).toEqual(["a0"]);
    expect(free.runtime.status.held).toBe(0);
  });

  test.each(["start", "now"] as const)(
    "a new one from %s that is held at its first start has its place from then on, is listed, and misses nothing",
    async (from) => {
      const own = memoryDisk();
      const start = (what: App, hold: string[] = []): Promise<RuntimeWorld> =>
        started(what, { store: memory(own), hand, hold });
      const before = await start(application(orders()));
      await before.reply("orders.place", numbered("before"));
      const held = await start(
        application(
          orders(),
          billing(() => {}, { from }),
        ),
        ["billing.note"],
      );
      await held.reply("orders.place", numbered("a"));
      const behind = from === "now" ? 1 : 2;
      expect(await held.runtime.delivery.subscriptions()).toMatchObject([
        { subscription: "billing.note", held: true, behind },
      ]);
      expect(held.runtime.status.held).toBe(1);
      await start(
        application(
          orders(),
          billing(() => {}, { from }),
        ),
        ["billing.note"],
      );
      const free = await start(
        application(
          orders(),
          billing(() => {}, { from }),
        ),
      );
      expect(Object.values(await free.rows("billing", "seen"))).toEqual(["before0", "a0"].slice(-behind));
    },
  );

  test("a hold that names nothing is refused, with what may have been meant", async () => {
    const it = unstarted(application(orders(), billing()), { store: memory(disk), hand, hold: ["billing.notes"] });
    expect(await hand.outcome(it.runtime.start())).toMatchObject({
      error: {
        details: {
          violations: [
            {
              code: "hold-unknown",
              message: '"billing.notes" is no subscription of this code or of the store. Did you mean "billing.note"?',
            },
          ],
        },
      },
    });
  });
});

describe("a stop", () => {
  test("refuses new requests, ends what runs, closes the store once, and may be asked for twice", async () => {
    const { store, closed } = closing();
    const gate = deferred<void>();
    const it = await started(application(orders(), billing(undefined, { before: () => gate.promise })), { store });
    await it.reply("orders.place", numbered("a"));
    const stopped = Promise.all([it.runtime.stop(), it.runtime.stop()]);
    expect(await it.refusal("orders.place", [])).toMatchObject({ code: "draining", retry: "later" });
    expect(closed()).toBe(0);
    gate.resolve();
    await it.hand.pass(1);
    await stopped;
    expect(closed()).toBe(1);
    expect(states(it)).toEqual(["ready", "draining", "stopped"]);
    expect(it.fates("billing.note")).toEqual(["1 settled"]);
  });

  test("waits for what is in flight no longer than its limit", async () => {
    const { store, closed } = closing();
    const it = await started(application(orders(), billing(undefined, { before: () => new Promise(() => {}) })), {
      store,
    });
    await it.reply("orders.place", numbered("a"));
    const stopped = it.runtime.stop();
    await it.hand.pass(9_999);
    expect(await it.hand.outcome(stopped)).toBe("pending");
    await it.hand.pass(1);
    expect(await it.hand.outcome(stopped)).toEqual({ value: undefined });
    expect([closed(), it.hand.said("warning")]).toMatchObject([
      1,
      [{ message: "What was in flight did not end in time." }],
    ]);
  });

  test("lets a start that it could wait for no longer end quietly", async () => {
    const { store, closed } = closing();
    const gate = deferred<void>();
    const entriesAt: Store["entriesAt"] = async (...asked) => {
      await gate.promise;
      return store.entriesAt(...asked);
    };
    const it = unstarted(application(orders(), billing()), { store: over(store, { entriesAt }) });
    const starting = it.runtime.start();
    expect(await it.hand.outcome(starting)).toBe("pending");
    const stopped = it.runtime.stop();
    await it.hand.pass(10_000);
    expect(await it.hand.outcome(stopped)).toEqual({ value: undefined });
    gate.resolve();
    expect(await it.hand.outcome(starting)).toEqual({ value: undefined });
    expect([closed(), states(it)]).toEqual([1, ["ready", "draining", "stopped"]]);
  });

  test("ends deliveries with it, also when a request goes on too long", async () => {
    let calls = 0;
    const never = context("asks", { contract: { Ask }, tx: tables() });
    never.answer(Ask, { allow: anyone() }, () => new Promise<number[]>(() => {}));
    const before = (): Promise<void> => {
      calls++;
      return Promise.reject(new Error("not yet"));
    };
    const reader = billing(undefined, { before, retry: backoff("1s", "1s", 1_000) });
    const it = await started(application(orders(), reader, never as Context));
    await it.reply("orders.place", numbered("a"));
    void it.ask("asks.ask", []);
    const stopped = it.runtime.stop();
    await it.hand.pass(10_000);
    expect(await it.hand.outcome(stopped)).toEqual({ value: undefined });
    const then = calls;
    await it.hand.pass(10_000);
    expect(calls).toBe(then);
  });

  test("tells the application, last first, and goes on when that fails", async () => {
    const { store, closed } = closing();
    const log: string[] = [];
    const build = ({ onStop }: Environment): object => {
      onStop(() => void log.push("first"));
      onStop(async () => {
        throw new Error("The socket is gone.");
      });
      onStop(async () => void log.push("last"));
      return {};
    };
    const it = await started(withPorts(build), { store });
    expect(await it.hand.outcome(it.runtime.stop())).toEqual({ value: undefined });
    expect(log).toEqual(["last", "first"]);
    expect([closed(), it.runtime.status.state]).toEqual([1, "stopped"]);
    expect(it.hand.said("warning")).toMatchObject([{ message: expect.stringContaining("The socket is gone.") }]);
  });
});

test("a process that lost its data to another does nothing more, inside or outside", async () => {
  const disk = memoryDisk();
  const hand = new ByHand(drained);
  const gate = deferred<void>();
  let calls = 0;
  const before = (): Promise<void> => {
    calls++;
    return gate.promise;
  };
  const it = await started(application(orders(), billing(undefined, { before })), { store: memory(disk), hand });
  await it.reply("orders.place", numbered("a", "b"));
  const next = await started(application(orders(), billing()), { store: memory(disk), hand });
  gate.resolve();
  await hand.pass(60_000);
  expect(it.runtime.status).toMatchObject({
    state: "failed",
    reason: expect.stringContaining("Another store was opened"),
  });
  expect(await it.refusal("orders.place", numbered("a"))).toMatchObject({ code: "store-failed", retry: "later" });
  expect([calls, hand.timers]).toEqual([2, 0]);
  expect(Object.values(await next.rows("billing", "seen"))).toEqual(["a0", "b1"]);
});

import { setImmediate as drained } from "node:timers/promises";
import { memory, memoryDisk, type MemoryDisk } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { anyone, context, tables, type Context } from "../context/index.ts";
import { command, event } from "../contract/index.ts";
import { BanyanError } from "../error/index.ts";
import { Backlog } from "./backlog.ts";
import { deferred, type Deferred } from "./deferred.ts";
import { application, billing, numbered, Place, Placed } from "./delivery-fixture.ts";
import { ByHand } from "./fixture.ts";
import type { Limits } from "./limits.ts";
import { manifestOf } from "./manifest.ts";
import { over } from "./over.ts";
import { RuntimeWorld, type WorldOptions } from "./runtime-fixture.ts";

const Relay = command("billing.relay", { input: Placed.schema });
const Remind = command("orders.remind", { input: Placed.schema });
const Reminded = event("orders.reminded", { version: 1, key: "id", data: Placed.schema });
/** Of an entry with a key of three characters: its envelope and its body. */
const ENTRY = 256 + '{"id":"k10","n":0}'.length;
const limits: Partial<Limits> = { backlogBytes: 100 * ENTRY, backlogDelayMs: 1_000, inFlight: 8, inFlightFloor: 8 };

/** "orders", which also emits by subscription and on schedule. */
function orders(options: { before?: () => Promise<void> } = {}): Context {
  const whole = context("orders", { contract: { Placed, Place, Remind, Reminded }, tx: tables() });
  whole.handle(Remind, { allow: anyone() }, (data, { emit }) => emit(Reminded, data));
  whole.handle(Place, { allow: anyone(), ...options }, (input, { emit }) => {
    for (const data of input) emit(Placed, data);
  });
  return whole as Context;
}

interface Gates {
  /** Lets what runs end, and all that comes after it. */
  open(): void;
  before(): Promise<void>;
}

function gates(): Gates {
  const waiting: Deferred<void>[] = [];
  let isOpen = false;
  const before = async (): Promise<void> => {
    if (isOpen) return;
    const gate = deferred<void>();
    waiting.push(gate);
    await gate.promise;
  };
  const open = (): void => {
    isOpen = true;
    for (const gate of waiting.splice(0)) gate.resolve();
  };
  return { open, before };
}

async function world(
  reader: Context,
  options: Partial<WorldOptions> & { disk?: MemoryDisk } = {},
): Promise<RuntimeWorld> {
  const { disk = memoryDisk(), ...more } = options;
  const app = application(orders(), reader);
  return RuntimeWorld.started(app, { store: memory(disk), hand: new ByHand(drained), limits, ...more });
}

const some = (count: number): unknown => numbered(...Array.from({ length: count }, (_, i) => `k${10 + (i % 80)}`));
const place = (it: RuntimeWorld, count: number, by?: object): Promise<unknown> =>
  it.reply("orders.place", some(count), by);

/** How long a command waits before it is answered, in steps of 10 ms. */
async function waits(it: RuntimeWorld, count = 1): Promise<number> {
  const asked = it.ask("orders.place", some(count));
  let ms = 0;
  for (; (await it.hand.outcome(asked)) === "pending" && ms < 5_000; ms += 10) await it.hand.pass(10);
  return ms;
}

describe("commands of a context whose log waits", () => {
  test("are slowed from four fifths of the budget on, refused beyond it by the name of who is behind, and taken again by themselves", async () => {
    const { before, open } = gates();
    const it = await world(billing(() => {}, { before }));
    await place(it, 78);
    expect(await waits(it)).toBe(0);
    await it.hand.pass(200);
    await place(it, 6);
    await it.hand.pass(200);
    const slowed = await waits(it);
    expect(slowed).toBeGreaterThan(150);
    expect(slowed).toBeLessThan(400);
    await it.hand.pass(200);
    void it.ask("orders.place", some(20));
    await it.hand.pass(1_000);
    const refused = await it.refusal("orders.place", some(1));
    expect(refused).toMatchObject({
      code: "backlog-full",
      retry: "later",
      retryAfterMs: 5_000,
      message: expect.stringContaining('wait for "billing.note"'),
      details: { subscription: "billing.note" },
    });
    expect(it.runtime.status).toMatchObject({ backlogFull: 1, state: "ready" });
    open();
    await it.hand.pass(1_000);
    expect(await waits(it)).toBe(0);
    expect(it.runtime.status).toMatchObject({ backlogFull: 0, lag: 0 });
    expect(it.hand.said("warning").map(({ message }) => message)).toEqual([
      expect.stringContaining('Commands of "orders" are refused for now'),
      'Commands of "orders" are taken again.',
    ]);
  });

  test("are refused where what waits is within a tenth of what is told", async () => {
    const it = await world(billing(() => {}, { before: gates().before }));
    await place(it, 99);
    const [state] = await it.runtime.delivery.logs();
    expect(state).toMatchObject({ source: "orders", budgetBytes: 100 * ENTRY });
    expect((state?.waitingBytes ?? 0) / (99 * ENTRY)).toBeCloseTo(1, 1);
    await it.hand.pass(200);
    void it.ask("orders.place", some(1));
    await it.hand.pass(1_000);
    await it.hand.pass(200);
    expect((await it.refusal("orders.place", some(1))).code).toBe("backlog-full");
  });

  test.each(["in line", "in `before`"])(
    "that were admitted at once and wait %s go no further beyond the budget than those that have their turn together",
    async (where) => {
      const [commands, reader] = [gates(), gates()];
      const source = orders(where === "in line" ? {} : { before: commands.before });
      const app = application(
        source,
        billing(() => {}, { before: reader.before }),
      );
      const hand = new ByHand(drained);
      const it = await RuntimeWorld.started(app, { store: memory(), hand, limits: { ...limits, commandsAtOnce: 8 } });
      const asked = Array.from({ length: 400 }, () => it.ask("orders.place", some(1)));
      await hand.settle();
      commands.open();
      const outcomes = await hand.value(Promise.allSettled(asked));
      const refused = outcomes.filter((one) => one.status === "rejected").map(({ reason }) => reason as BanyanError);
      expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(["backlog-full"]));
      expect(400 - refused.length).toBeGreaterThanOrEqual(100);
      expect(400 - refused.length).toBeLessThanOrEqual(100 + 8);
    },
  );

  test("of others go on, and so does whoever reads nothing", async () => {
    const reader = billing(() => {}, { before: gates().before });
    const quiet = context("quiet", {
      contract: { Note: command("quiet.note", { input: Placed.schema }) },
      tx: tables(),
    });
    const { Note } = quiet.definition.contract as { Note: typeof Relay };
    quiet.handle(Note as never, { allow: anyone() }, (() => {}) as never);
    const app = application(orders(), reader, quiet as Context);
    const it = await RuntimeWorld.started(app, { store: memory(), hand: new ByHand(drained), limits });
    await place(it, 200);
    await it.hand.pass(200);
    expect((await it.refusal("orders.place", some(1))).code).toBe("backlog-full");
    await it.reply("quiet.note", { id: "a", n: 1 });
  });

  test("that were answered before are answered again, and what a context asks for is done", async () => {
    const it = await world(billing(() => {}, { before: gates().before }));
    const first = await place(it, 150, { idempotencyKey: "k" });
    await it.hand.pass(200);
    expect((await it.refusal("orders.place", some(1))).code).toBe("backlog-full");
    expect(await place(it, 150, { idempotencyKey: "k" })).toEqual({ ...(first as object), replayed: true });
    await place(it, 1, { who: "context:billing", roles: ["context"] });
    await place(it, 1, { nested: true });
    expect((await it.refusal("orders.place", some(1), { idempotencyKey: "new" })).code).toBe("backlog-full");
  });

  test("what subscriptions emit and what is scheduled enters a log that has no room for commands", async () => {
    const { before } = gates();
    const whole = context("orders", { contract: { Placed, Place, Reminded }, tx: tables() });
    whole.handle(Place, { allow: anyone() }, (input, { emit, now }) => {
      for (const data of input) emit(Placed, data);
      emit(Reminded, { id: "later", n: 0 }, { due: now + 1_000 });
    });
    whole.on(Placed, { name: "remind", from: "start" } as never, ({ data }: any, { emit }: any) =>
      emit(Reminded, data),
    );
    const app = application(
      whole as Context,
      billing(() => {}, { before }),
    );
    const it = await RuntimeWorld.started(app, { store: memory(), hand: new ByHand(drained), limits });
    await place(it, 150);
    await it.hand.pass(2_000);
    expect((await it.refusal("orders.place", some(1))).code).toBe("backlog-full");
    expect(await it.log("orders", "orders.reminded")).toHaveLength(151);
  });

  test("held subscriptions count, also after a restart; a new one that reads history does not", async () => {
    const disk = memoryDisk();
    const first = await world(billing(), { disk });
    await place(first, 1);
    await first.hand.value(first.runtime.stop());
    const held = await world(billing(), { disk, hold: ["billing.note"] });
    await place(held, 150);
    await held.hand.pass(200);
    const refused = await held.refusal("orders.place", some(1));
    expect(refused).toMatchObject({ code: "backlog-full", details: { subscription: "billing.note" } });
    await held.hand.value(held.runtime.stop());

    const reader = context("audit", { contract: {}, tx: tables() });
    reader.on(Placed, { name: "read", from: "start", before: gates().before } as never, () => {});
    const app = application(orders(), billing(), reader as Context);
    const it = await RuntimeWorld.started(app, { store: memory(disk), hand: new ByHand(drained), limits });
    await it.hand.pass(1_000);
    await it.hand.pass(1_000);
    // it is 151 entries behind, and slows as if it were at four fifths
    expect(await waits(it)).toBeLessThan(100);
    void it.ask("orders.place", some(25));
    await it.hand.pass(1_000);
    await it.hand.pass(200);
    expect((await it.refusal("orders.place", some(1))).code).toBe("backlog-full");
  });
});

test("a command that drains is taken however much waits, and the manifest says so", async () => {
  const settling = context("orders", { contract: { Placed, Place, Remind, Reminded }, tx: tables() });
  settling.handle(Place, { allow: anyone() }, (input, { emit }) => {
    for (const data of input) emit(Placed, data);
  });
  settling.handle(Remind, { allow: anyone(), drains: true }, (data, { emit }) => emit(Reminded, data));
  const app = application(
    settling as Context,
    billing(() => {}, { before: gates().before }),
  );
  const it = await RuntimeWorld.started(app, { store: memory(), hand: new ByHand(drained), limits });
  await place(it, 150);
  await it.hand.pass(200);
  expect((await it.refusal("orders.place", some(1))).code).toBe("backlog-full");
  await it.reply("orders.remind", { id: "k10", n: 0 });
  const commands = manifestOf(app).contexts[0]?.commands.map(({ name, drains }) => [name, drains]);
  expect(commands).toEqual(
    expect.arrayContaining([
      ["orders.remind", true],
      ["orders.place", undefined],
    ]),
  );
});

describe("a reader that finds nothing for itself", () => {
  /** "orders" with a second event, which is hardly ever emitted, and a reader for each of the two. */
  async function withRare(options: object = {}): Promise<RuntimeWorld> {
    const rare = context("rare", { contract: {}, tx: tables() });
    rare.on(Reminded, { name: "read", from: "start", ...options } as never, () => {});
    const app = application(orders(), billing(), rare as Context);
    return RuntimeWorld.started(app, { store: memory(), hand: new ByHand(drained), limits });
  }

  test("keeps nobody from working, however much of what others read lies behind its place, and however fast it comes", async () => {
    const it = await withRare();
    for (let i = 0; i < 40; i++) {
      expect(await waits(it, 30)).toBe(0);
      if (i % 2 === 0) await it.hand.pass(200);
    }
    const rare = (await it.runtime.delivery.subscriptions()).find(({ subscription }) => subscription === "rare.read");
    expect(rare).toMatchObject({ behind: 0 });
    const [log] = await it.runtime.delivery.logs();
    expect(log).toMatchObject({ entries: 1_200, waitingBytes: 0, heldBy: undefined });
    expect((log?.bytes ?? 0) / (1_200 * ENTRY)).toBeCloseTo(1, 1);
  });

  test("counts for what waits for it, and for nothing that lies between", async () => {
    const { before, open } = gates();
    const it = await withRare({ before });
    const remind = (): Promise<unknown> => it.reply("orders.remind", { id: "k10", n: 0 });
    await remind();
    for (let i = 0; i < 10; i++) expect(await waits(it, 30)).toBe(0);
    const [log] = await it.runtime.delivery.logs();
    expect(log).toMatchObject({ entries: 301, waitingBytes: ENTRY });
    for (let i = 1; i < 79; i++) await remind();
    for (let i = 79; i < 101; i++) void it.ask("orders.remind", { id: "k10", n: 0 });
    await it.hand.pass(2_000);
    const refused = await it.refusal("orders.place", some(1));
    expect(refused).toMatchObject({ code: "backlog-full", details: { subscription: "rare.read" } });
    open();
    await it.hand.pass(1_000);
    await place(it, 1);
  });
});

test("a budget of a context's own is kept, and the store is asked rarely", async () => {
  const store = memory();
  let looks = 0;
  const whole = context("orders", { contract: { Placed, Place }, tx: tables(), backlog: "1GiB" });
  whole.handle(Place, { allow: anyone() }, (input, { emit }) => {
    for (const data of input) emit(Placed, data);
  });
  const app = application(whole as Context, billing());
  const volume: typeof store.volume = async (query) => (looks++, store.volume(query));
  const it = await RuntimeWorld.started(app, { store: over(store, { volume }), hand: new ByHand(drained), limits });
  const before = looks;
  for (let i = 0; i < 50; i++) {
    await place(it, 10);
    await it.hand.pass(50);
  }
  expect(looks - before).toBe(1);
});

test("a look that fails leaves what was known, and refuses nobody by itself", async () => {
  const hand = new ByHand(drained);
  let fails = true;
  const volume = async (): Promise<{ entries: number; bytes: number }> => {
    if (fails) throw new Error("not now");
    return { entries: 1, bytes: 1_000 };
  };
  const readers = () => [{ subscription: "a.b", source: "orders", through: 5, types: undefined }];
  const backlog = new Backlog({
    source: "orders",
    budget: 1_000,
    delayMs: 10,
    store: { volume },
    clock: hand.clock,
    readers,
  });
  await hand.value(backlog.admit());
  expect(backlog.share).toBe(0);
  fails = false;
  backlog.appended(Array.from({ length: 4 }, () => ({ body: "" }) as never));
  hand.elapse(200);
  void backlog.admit();
  await hand.pass(0);
  // seen for the first time: what is beyond four fifths is history
  expect(backlog.share).toBeCloseTo(0.8, 5);
});

test("where it cannot be looked whether anything waits, a command is told so, and not that the log waits", async () => {
  const hand = new ByHand(drained);
  let fails = false;
  const volume = async (): Promise<{ entries: number; bytes: number }> => {
    if (fails) throw new BanyanError("read-timeout", "The read took too long.");
    return { entries: 0, bytes: 0 };
  };
  const readers = () => [{ subscription: "a.b", source: "orders", through: 5, types: undefined }];
  const store = { volume };
  const backlog = new Backlog({ source: "orders", budget: 1_000, delayMs: 10, store, clock: hand.clock, readers });
  await hand.value(backlog.admit());
  backlog.appended(Array.from({ length: 4 }, () => ({ body: "" }) as never));
  fails = true;
  expect(await hand.outcome(backlog.admit())).toMatchObject({ error: { code: "read-timeout" } });
  fails = false;
  await hand.value(backlog.admit());
  expect(backlog.share).toBe(0);
});

test("what was appended since the last look counts in bytes of UTF-8, as what a look finds", () => {
  const bodies = ["木".repeat(1_000), "é🌳".repeat(1_000), "plain"];
  const bytes = bodies.reduce((sum, body) => sum + 256 + new TextEncoder().encode(body).length, 0);
  const backlog = new Backlog({
    source: "orders",
    budget: bytes,
    delayMs: 10,
    store: { volume: async () => ({ entries: 0, bytes: 0 }) },
    clock: new ByHand(drained).clock,
    readers: () => [],
  });
  backlog.appended(bodies.map((body) => ({ body }) as never));
  expect(backlog.share).toBe(1);
});

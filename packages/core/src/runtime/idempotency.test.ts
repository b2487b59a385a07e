import { setImmediate as drained } from "node:timers/promises";
import { memory, memoryDisk } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { accepted, anyone, app, context, tables } from "../context/index.ts";
import { command } from "../contract/index.ts";
import { BanyanError, refuse } from "../error/index.ts";
import type { CommandRecord, Store } from "../ports/index.ts";
import { deferred } from "./deferred.ts";
import { ByHand } from "./fixture.ts";
import { over } from "./over.ts";
import { RuntimeWorld, type WorldOptions } from "./runtime-fixture.ts";

const Input = z.object({ orderId: z.string(), note: z.string().optional() });
const Output = z.object({ orderId: z.string(), run: z.int(), token: z.string().optional() });
const Place = command("orders.place", { input: Input, output: Output });
const DAY = 24 * 3_600_000;

type Body = (orderId: string, run: number) => unknown;

interface Given extends Partial<WorldOptions> {
  readonly before?: () => unknown;
  readonly unstored?: () => { token: string };
}

/** A world whose body says how often it has run. */
async function world(
  body: Body = () => {},
  { before, unstored, ...options }: Given = {},
): Promise<RuntimeWorld & { runs: () => number }> {
  let runs = 0;
  const orders = context("orders", { contract: { Place }, tx: tables() });
  orders.handle(
    Place,
    { allow: anyone(), ...(before && { before }), ...(unstored && { unstored }) } as never,
    (async ({ orderId }: { orderId: string }) => (await body(orderId, ++runs)) ?? { orderId, run: runs }) as never,
  );
  const started = await RuntimeWorld.started(app({ contexts: [orders] }), {
    store: memory(),
    hand: new ByHand(drained),
    ...options,
  });
  return Object.assign(started, { runs: () => runs });
}

const input = { orderId: "1" };
const key = { idempotencyKey: "k" };

/** A store whose records can be looked at as they are written. */
function recording(store: Store, records: CommandRecord[]): Store {
  return over(store, {
    begin: async () => {
      const transaction = await store.begin();
      return over(transaction, {
        remember: (record) => {
          records.push(record);
          return transaction.remember(record);
        },
      });
    },
  });
}

describe("a repeat under the same key", () => {
  test("gets the recorded answer, with the command's id", async () => {
    const it = await world();
    const first = await it.reply("orders.place", input, key);
    expect(first).toMatchObject({ answer: "ok", value: { orderId: "1", run: 1 }, replayed: false });
    expect(await it.reply("orders.place", input, key)).toEqual({ ...first, replayed: true });
    expect(it.runs()).toBe(1);
    const done = it.hand.said("command.done");
    expect(done.map(({ commandId, outcome }) => [commandId, outcome])).toEqual([
      [first.commandId, "result"],
      [first.commandId, "replayed"],
    ]);
  });

  test("also in another process, and with its fields in another order", async () => {
    const disk = memoryDisk();
    const first = await (
      await world(undefined, { store: memory(disk) })
    ).reply("orders.place", { orderId: "1", note: "x" }, key);
    const second = await world(undefined, { store: memory(disk) });
    expect(await second.reply("orders.place", { note: "x", orderId: "1" }, key)).toEqual({ ...first, replayed: true });
    expect(second.runs()).toBe(0);
  });

  test("keeps `accepted`", async () => {
    const it = await world((orderId, run) => accepted({ orderId, run }));
    await it.reply("orders.place", input, key);
    expect(await it.reply("orders.place", input, key)).toMatchObject({ answer: "accepted", replayed: true });
  });

  test("and another body is refused for ever", async () => {
    const it = await world();
    await it.reply("orders.place", input, key);
    const other = await it.refusal("orders.place", { orderId: "2" }, key);
    expect(other).toMatchObject({ code: "idempotency-key-reused", kind: "unprocessable", retry: "never" });
    expect(it.runs()).toBe(1);
  });

  test("is executed again once the record has expired", async () => {
    const it = await world();
    await it.reply("orders.place", input, key);
    await it.hand.pass(DAY - 1);
    expect(await it.reply("orders.place", input, key)).toMatchObject({ replayed: true });
    await it.hand.pass(1);
    expect(await it.reply("orders.place", input, key)).toMatchObject({ replayed: false, value: { run: 2 } });
  });

  test("stays recorded for as long as whoever asked first has said", async () => {
    const it = await world();
    await it.reply("orders.place", input, { ...key, keepMs: 30 * DAY });
    await it.hand.pass(30 * DAY - 1);
    expect(await it.reply("orders.place", input, key)).toMatchObject({ replayed: true });
    await it.hand.pass(1);
    expect(await it.reply("orders.place", input, key)).toMatchObject({ replayed: false, value: { run: 2 } });
  });

  test.each([
    [1, true],
    [25, false],
  ])("follows the wall clock: %i hours ahead for one command, and back", async (hours, replayed) => {
    const it = await world();
    await it.reply("orders.place", input, key);
    it.hand.wall += hours * 3_600_000;
    await it.reply("orders.place", input, { idempotencyKey: "other" });
    it.hand.wall -= hours * 3_600_000;
    expect(await it.reply("orders.place", input, key)).toMatchObject({ replayed });
  });
});

test.each([{ tenant: "acme" }, { who: "user:2" }, { idempotencyKey: "l" }])(
  "another %o is another request",
  async (other) => {
    const it = await world();
    await it.reply("orders.place", input, key);
    expect(await it.reply("orders.place", input, { ...key, ...other })).toMatchObject({
      replayed: false,
      value: { run: 2 },
    });
  },
);

test("without a key nothing is recorded", async () => {
  const records: CommandRecord[] = [];
  const it = await world(undefined, { store: recording(memory(), records) });
  await it.reply("orders.place", input);
  await it.reply("orders.place", input);
  expect([it.runs(), records]).toEqual([2, []]);
});

describe("while the first is running", () => {
  test("a repeat waits and gets its answer", async () => {
    const gate = deferred<void>();
    const it = await world(undefined, { before: () => gate.promise });
    const [first, repeat] = [it.ask("orders.place", input, key), it.ask("orders.place", input, key)];
    expect(await it.hand.outcome(repeat)).toBe("pending");
    gate.resolve();
    const answer = await it.hand.value(first);
    expect(await it.hand.value(repeat)).toEqual({ ...answer, replayed: true });
    expect(it.runs()).toBe(1);
  });

  test("a repeat waits only so long, then is told to ask again", async () => {
    const it = await world(undefined, { before: () => new Promise(() => {}) });
    void it.ask("orders.place", input, key);
    const repeat = it.ask("orders.place", input, key);
    await it.hand.pass(5_000);
    const outcome = await it.hand.outcome(repeat);
    expect(outcome).toMatchObject({ error: { code: "in-flight", kind: "conflict", retryAfterMs: 1_000 } });
  });

  test("another body is refused at once", async () => {
    const it = await world(undefined, { before: () => new Promise(() => {}) });
    void it.ask("orders.place", input, key);
    expect(await it.refusal("orders.place", { orderId: "2" }, key)).toMatchObject({ code: "idempotency-key-reused" });
  });

  test("another process that was faster has the record; this one's unit is rolled back", async () => {
    const disk = memoryDisk();
    const store = memory(disk);
    // The record of the other process is not there yet when this one looks.
    const it = await world(undefined, { store: over(store, { recall: async () => undefined }) });
    await it.reply("orders.place", input, key);
    expect(await it.refusal("orders.place", input, key)).toMatchObject({ code: "in-flight", retry: "later" });
  });
});

describe("an error", () => {
  test("that is terminal is the recorded answer", async () => {
    const refusal = { kind: "conflict", remedy: "Do.", details: { at: 1 } } as const;
    const it = await world(() => {
      throw refuse("order-closed", "It has shipped.", refusal);
    });
    await it.refusal("orders.place", input, key);
    const again = await it.refusal("orders.place", input, key);
    expect(again).toMatchObject({ code: "order-closed", message: "It has shipped.", retry: "never", ...refusal });
    expect(it.runs()).toBe(1);
  });

  test("that is terminal stays so, whatever its kind says", async () => {
    const it = await world(() => {
      throw new BanyanError("sold-out", "For ever.", { kind: "unavailable", retry: "never" });
    });
    await it.refusal("orders.place", input, key);
    expect(await it.refusal("orders.place", input, key)).toMatchObject({ kind: "unavailable", retry: "never" });
    expect(it.runs()).toBe(1);
  });

  test.each([
    refuse("busy", "x", { kind: "unavailable" }),
    new Error("a bug"),
    new BanyanError("output-invalid", "x"),
    new BanyanError("in-flight", "of something it called"),
  ])("that another attempt may mend is not: %s", async (error) => {
    const records: CommandRecord[] = [];
    const it = await world(
      (_, run) => {
        if (run === 1) throw error;
      },
      { store: recording(memory(), records) },
    );
    await it.refusal("orders.place", input, key);
    expect(records).toEqual([]);
    expect(await it.reply("orders.place", input, key)).toMatchObject({ replayed: false, value: { run: 2 } });
  });

  test("of `before` is recorded as one of the body is", async () => {
    const records: CommandRecord[] = [];
    const before = (): never => {
      throw refuse("unknown-sku", "x", { kind: "not-found" });
    };
    const it = await world(undefined, { before, store: recording(memory(), records) });
    await it.refusal("orders.place", input, key);
    expect(records).toMatchObject([{ outcome: "error", principal: "guest", operation: "orders.place", key: "k" }]);
    expect(await it.refusal("orders.place", input, key)).toMatchObject({ code: "unknown-sku", kind: "not-found" });
    expect(it.runs()).toBe(0);
  });
});

describe("`unstored`", () => {
  test("is in every answer and never in the store", async () => {
    const records: CommandRecord[] = [];
    const it = await world(undefined, { unstored: () => ({ token: "SECRET" }), store: recording(memory(), records) });
    const first = await it.reply("orders.place", input, key);
    expect(first.value).toEqual({ orderId: "1", run: 1, token: "SECRET" });
    expect(await it.reply("orders.place", input, key)).toEqual({ ...first, replayed: true });
    expect(records).toHaveLength(1);
    expect(JSON.stringify(records)).not.toContain("SECRET");
  });

  test("takes nothing else away, whatever a field is called", async () => {
    const Named = command("orders.named", {
      input: Input,
      output: z.object({ constructor: z.string(), token: z.string() }),
    });
    const orders = context("orders", { contract: { Named }, tx: tables() });
    const options = { allow: anyone(), unstored: () => ({ token: "SECRET" }) };
    orders.handle(Named, options, () => ({ constructor: "Gaudí" }) as never);
    const it = await RuntimeWorld.started(app({ contexts: [orders] }), { store: memory(), hand: new ByHand(drained) });
    expect((await it.reply("orders.named", input, key)).value).toEqual({ constructor: "Gaudí", token: "SECRET" });
    expect((await it.reply("orders.named", input, key)).value).toEqual({ constructor: "Gaudí", token: "SECRET" });
  });
});

test.each([key, {}])("a batch of commands closes at so many bytes of input (with %o)", async (by) => {
  const it = await world(undefined, { limits: { batchBytes: 4_000 } });
  const send = (size: number): Promise<unknown> => {
    const note = "x".repeat(size);
    const who = ["1", "2", "3"];
    return Promise.all(
      who.map((one) => it.ask("orders.place", { orderId: "1", note }, { ...by, who: `${one}-${size}` })),
    );
  };
  await it.hand.value(send(1_500));
  await it.hand.value(send(10));
  expect(it.hand.said("batch.committed").map(({ units }) => units)).toEqual([2, 1, 3]);
});

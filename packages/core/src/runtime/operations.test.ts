import { setImmediate as drained } from "node:timers/promises";
import { memory } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { accepted, anyone, app, context, needs, roles, tables, type Asked, type Context } from "../context/index.ts";
import { command, event, query } from "../contract/index.ts";
import { refuse } from "../error/index.ts";
import type { TablesHandle } from "../ports/index.ts";
import { ByHand } from "./fixture.ts";
import { RuntimeWorld, type WorldOptions } from "./runtime-fixture.ts";

const Order = z.object({ orderId: z.string(), cents: z.int().default(100) });
const Placed = event("orders.placed", { version: 1, key: "orderId", data: Order });
const Place = command("orders.place", { input: Order, output: z.object({ orderId: z.string() }), confirms: [Placed] });
const Touch = command("orders.touch", { input: Order });
const Get = query("orders.get", { input: Order, output: Order });
const GetPrice = query("stock.get-price", {
  input: z.object({ sku: z.string() }),
  output: z.object({ cents: z.int() }),
});
const contract = { Placed, Place, Touch, Get };

function orders() {
  return context("orders", {
    contract,
    tx: tables(),
    uses: [GetPrice],
    ports: needs<{ sign: (text: string) => string }>("sign"),
  });
}
type Orders = ReturnType<typeof orders>;

/** The context with handlers of its own for what a test does not care about. */
async function world(register: (whole: Orders) => void, options: Partial<WorldOptions> = {}): Promise<RuntimeWorld> {
  const whole = orders();
  register(whole);
  const handled = new Set([...whole.definition.commands, ...whole.definition.queries].map((one) => one.contract.name));
  if (!handled.has("orders.place")) whole.handle(Place, { allow: anyone() }, (input) => ({ orderId: input.orderId }));
  if (!handled.has("orders.touch")) whole.handle(Touch, { allow: anyone() }, () => {});
  if (!handled.has("orders.get")) whole.answer(Get, { allow: anyone() }, (input) => input);
  const stock = context("stock", { contract: { GetPrice }, tx: tables() });
  stock.answer(GetPrice, { allow: roles("context") }, ({ sku }) => ({ cents: sku.length }));
  const application = app({
    contexts: [whole, stock] as readonly Context[],
    ports: () => ({ orders: { sign: (text: string) => `signed ${text}` } }) as never,
  });
  return RuntimeWorld.started(application, { store: memory(), hand: new ByHand(drained), ...options });
}

describe("who may use an operation", () => {
  test("anyone, or principals with one of the roles", async () => {
    const it = await world((whole) => whole.handle(Touch, { allow: roles("operator", "clerk") }, () => {}));
    expect(await it.reply("orders.place", { orderId: "1" })).toMatchObject({ answer: "ok" });
    expect(await it.reply("orders.touch", { orderId: "1" }, { roles: ["clerk"] })).toMatchObject({ answer: "empty" });
    const refused = await it.refusal("orders.touch", { orderId: "1" }, { who: "user:7", roles: ["customer"] });
    expect(refused).toMatchObject({ code: "not-allowed", message: '"user:7" may not use "orders.touch".' });
  });

  test("a predicate sees the request, the context's tables and ports", async () => {
    const seen: unknown[] = [];
    const it = await world((whole) => {
      const allow = async (asked: Asked<{ orderId: string }, TablesHandle, object>): Promise<boolean> => {
        seen.push(asked);
        return (await asked.read.table("owner").get(asked.input.orderId)) === "user:7";
      };
      whole.handle(Touch, { allow }, () => {});
      whole.handle(Place, { allow: anyone() }, async ({ orderId }, { tx, principal }) => {
        await tx.table("owner").set(orderId, principal.id);
        return { orderId };
      });
    });
    await it.reply("orders.place", { orderId: "1" }, { who: "user:7" });
    await it.reply("orders.touch", { orderId: "1" }, { tenant: "acme", headers: { "x-a": "b" }, roles: ["r"] });
    expect(seen).toMatchObject([
      {
        principal: { id: "guest", roles: ["r"] },
        tenant: "acme",
        input: { orderId: "1", cents: 100 },
        headers: { "x-a": "b" },
        ports: { sign: expect.any(Function) },
      },
    ]);
    expect(await it.refusal("orders.touch", { orderId: "2" })).toMatchObject({ code: "not-allowed" });
  });

  test("a predicate admits by `true` alone, and has a limit in time", async () => {
    const it = await world((whole) => {
      whole.handle(Touch, { allow: () => "yes" as never }, () => {});
      whole.answer(Get, { allow: () => new Promise<boolean>(() => {}) }, (input) => input);
    });
    expect(await it.refusal("orders.touch", { orderId: "1" })).toMatchObject({ code: "not-allowed" });
    const asked = it.ask("orders.get", { orderId: "1" });
    await it.hand.pass(30_000);
    expect(await it.hand.outcome(asked)).toMatchObject({ error: { code: "before-timeout" } });
  });
});

describe("what goes in and comes out", () => {
  test("the handler receives what the schema makes of the input", async () => {
    const seen: unknown[] = [];
    const it = await world((whole) => whole.handle(Touch, { allow: anyone() }, (input) => void seen.push(input)));
    await it.reply("orders.touch", { orderId: "1", more: true });
    expect(seen).toEqual([{ orderId: "1", cents: 100 }]);
  });

  test("an input its schema refuses never reaches policy or body", async () => {
    const seen: string[] = [];
    const allow = (): boolean => seen.push("allow") > 0;
    const it = await world((whole) => whole.handle(Touch, { allow }, () => void seen.push("body")));
    const refused = await it.refusal("orders.touch", { cents: "x" });
    expect(refused).toMatchObject({ code: "input-invalid", kind: "invalid", retry: "never" });
    expect(refused.details).toMatchObject({ issues: [{ path: "orderId" }, { path: "cents" }] });
    expect(seen).toEqual([]);
  });

  test("an output its schema refuses is the handler's fault, and nothing of the unit is kept", async () => {
    const it = await world((whole) => {
      whole.answer(Get, { allow: anyone() }, () => ({ orderId: 1 }) as never);
      whole.handle(Place, { allow: anyone() }, async ({ orderId }, { tx, emit }) => {
        await tx.table("order").set(orderId, true);
        emit(Placed, { orderId, cents: 1 });
        return { order: orderId } as never;
      });
    });
    expect(await it.refusal("orders.get", { orderId: "1" })).toMatchObject({
      code: "output-invalid",
      kind: "internal",
    });
    expect(await it.refusal("orders.place", { orderId: "1" })).toMatchObject({ code: "output-invalid" });
    expect(await it.rows("orders", "order")).toEqual({});
    expect(await it.log("orders", "orders.placed")).toEqual([]);
  });

  test("an answer is ok, accepted, or empty where the contract has no output", async () => {
    const it = await world((whole) => {
      whole.handle(Place, { allow: anyone() }, ({ orderId }) => accepted({ orderId }));
      whole.handle(Touch, { allow: anyone() }, () => "ignored" as never);
    });
    expect(await it.reply("orders.place", { orderId: "1" })).toMatchObject({
      answer: "accepted",
      value: { orderId: "1" },
    });
    expect(await it.reply("orders.touch", { orderId: "1" })).toMatchObject({ answer: "empty", value: undefined });
    expect(await it.reply("orders.get", { orderId: "1" })).toEqual({
      answer: "ok",
      value: { orderId: "1", cents: 100 },
      commandId: undefined,
      replayed: false,
    });
  });

  test("an operation nobody has", async () => {
    const it = await world(() => {});
    expect(await it.refusal("orders.nothing", {})).toMatchObject({ code: "operation-unknown", kind: "not-found" });
  });

  test("what a handler throws keeps its code, or becomes `handler-failed`", async () => {
    const it = await world((whole) => {
      whole.handle(Touch, { allow: anyone() }, () => {
        throw refuse("order-closed", "It has shipped.", { kind: "conflict" });
      });
      whole.answer(Get, { allow: anyone() }, () => {
        throw new TypeError("no field");
      });
    });
    expect(await it.refusal("orders.touch", { orderId: "1" })).toMatchObject({
      code: "order-closed",
      kind: "conflict",
    });
    expect(await it.refusal("orders.get", { orderId: "1" })).toMatchObject({ code: "handler-failed", retry: "later" });
    const done = it.hand.signals.filter((one) => one.name === "command.done" || one.name === "query.done");
    expect(done).toMatchObject([
      { name: "command.done", outcome: "refused", code: "order-closed" },
      { name: "query.done", outcome: "failed", code: "handler-failed" },
    ]);
  });
});

describe("the body", () => {
  test("is the transaction: its writes and events are kept together, under the command's id", async () => {
    const it = await world((whole) =>
      whole.handle(Place, { allow: anyone() }, async ({ orderId }, { tx, emit, commandId, now, newId, tenant }) => {
        await tx.table("order").set(orderId, { commandId, now, tenant, id: newId() });
        emit(Placed, { orderId, cents: 1 });
        return { orderId };
      }),
    );
    const by = { who: "user:7", tenant: "acme", correlation: "flow", traceparent: "00-a-b-01" };
    const { commandId } = await it.reply("orders.place", { orderId: "1" }, by);
    const [row, ...more] = Object.values(await it.rows("orders", "order"));
    expect([row, more]).toEqual([{ commandId, now: it.hand.wall, tenant: "acme", id: expect.any(String) }, []]);
    expect(await it.log("orders", "orders.placed")).toMatchObject([
      {
        key: "1",
        causation: commandId,
        correlation: "flow",
        tenant: "acme",
        principal: "user:7",
        traceparent: "00-a-b-01",
      },
    ]);
  });

  test("begins a flow of its own where the request is in none", async () => {
    const it = await world((whole) =>
      whole.handle(Touch, { allow: anyone() }, ({ orderId }, { emit }) => emit(Placed, { orderId, cents: 1 })),
    );
    const { commandId } = await it.reply("orders.touch", { orderId: "1" });
    expect(await it.log("orders", "orders.placed")).toMatchObject([{ correlation: commandId, causation: commandId }]);
  });

  test("may emit only events its contract exports", async () => {
    const Foreign = event("stock.moved", { version: 1, key: "orderId", data: Order });
    const it = await world((whole) =>
      whole.handle(Touch, { allow: anyone() }, ({ orderId }, { emit }) =>
        emit(Foreign as never, { orderId, cents: 1 } as never),
      ),
    );
    expect(await it.refusal("orders.touch", { orderId: "1" })).toMatchObject({ code: "event-foreign" });
  });

  test("is told when what it emits is undefined: a misspelt member of the contract's module", async () => {
    const contract: Record<string, typeof Placed> = { Placed };
    const it = await world((whole) =>
      whole.handle(Touch, { allow: anyone() }, ({ orderId }, { emit }) =>
        emit(contract["Plaeced"] as never, { orderId, cents: 1 } as never),
      ),
    );
    expect(await it.refusal("orders.touch", { orderId: "1" })).toMatchObject({
      code: "event-foreign",
      message: expect.stringContaining("undefined"),
      remedy: expect.stringContaining("misspelt"),
    });
  });

  test("is over when it has returned: neither `emit` nor `tx` works any more", async () => {
    const late: unknown[] = [];
    const it = await world((whole) =>
      whole.handle(Touch, { allow: anyone() }, ({ orderId }, { emit, tx }) => {
        void drained().then(async () => {
          late.push(await Promise.try(() => emit(Placed, { orderId, cents: 1 })).catch((error: unknown) => error));
          late.push(
            await tx
              .table("order")
              .set("1", 1)
              .catch((error: unknown) => error),
          );
        });
      }),
    );
    await it.reply("orders.touch", { orderId: "1" });
    await drained();
    expect(late).toMatchObject([{ code: "body-ended" }, { code: "handle-dead" }]);
    expect(await it.rows("orders", "order")).toEqual({});
  });
});

test("commands from outside stand in one line for the store: the last of them are refused in time, and nothing of them is kept", async () => {
  const it = await world(() => {}, { limits: { commandsAtOnce: 1, commandWaitMs: 100 } });
  const asked = ["1", "2", "3"].map((orderId) => it.ask("orders.touch", { orderId }));
  await drained();
  it.hand.elapse(50);
  const [late] = await Promise.allSettled([it.ask("orders.touch", { orderId: "4" })]);
  expect(late).toMatchObject({ reason: { code: "overloaded", retry: "later", retryAfterMs: 1_000 } });
  await it.hand.settle();
  expect(await Promise.all(asked)).toHaveLength(3);
});

test("beyond so many waiting units commands are refused as overloaded, to be asked again", async () => {
  const it = await world(() => {}, { limits: { queuedUnits: 2 } });
  const asked = ["1", "2", "3"].map((orderId) => it.ask("orders.touch", { orderId }));
  await drained();
  const late = it.ask("orders.touch", { orderId: "4" });
  const [outcome] = await Promise.allSettled([late]);
  expect(outcome).toMatchObject({ reason: { code: "overloaded", retry: "later", retryAfterMs: 1_000 } });
  await it.hand.settle();
  expect(await Promise.all(asked)).toHaveLength(3);
});

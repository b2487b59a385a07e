import {
  anyone,
  backoff,
  command,
  context,
  event,
  memory,
  needs,
  query,
  refuse,
  tables,
  type Store,
} from "@banyan/core";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { scenario } from "./scenario.ts";
import type { ScenarioTest } from "./scenario-test.ts";
import { stub, type Stub } from "./stub.ts";

// A desk takes orders, asks a neighbour for prices, and follows the deliveries of another.
const id = z.string();
const Ordered = event("desk.ordered", { version: 1, key: "id", data: z.object({ id, cents: z.int() }) });
const Closed = event("desk.closed", { version: 1, key: "id", data: z.object({ id }) });
const Order = command("desk.order", {
  input: z.object({ id, sku: z.string() }),
  output: z.object({ cents: z.int() }),
});
const Count = query("desk.count", {
  input: z.object({}),
  output: z.object({ orders: z.int(), note: z.string().optional() }),
});
const GetPrice = query("prices.get-price", {
  input: z.object({ sku: z.string() }),
  output: z.object({ cents: z.int() }),
});
const Book = command("prices.book", { input: z.object({ id }) });
const Delivered = event("couriers.delivered", { version: 1, key: "id", data: z.object({ id }) });

const desk = context("desk", {
  contract: { Ordered, Closed, Order, Count },
  uses: [GetPrice, Book],
  tx: tables(),
  ports: needs<{ readonly ring: () => Promise<void> }>("ring"),
});

desk.handle(
  Order,
  { allow: anyone(), before: ({ sku }, { call }) => call(GetPrice, { sku }) },
  async ({ id }, { tx, emit, before: { cents } }) => {
    await tx.table("desk_order").set(id, {});
    emit(Ordered, { id, cents });
    return { cents };
  },
);

desk.answer(Count, { allow: anyone() }, async (_input, { read }) => ({
  orders: (await read.table("desk_order").entries()).length,
  note: undefined,
}));

desk.on(
  Delivered,
  {
    name: "close",
    from: "start",
    retry: backoff("1s", "1m", 3),
    before: async ({ data: { id } }, { call, ports }) => {
      await ports.ring();
      await call(Book, { id });
    },
  },
  ({ data: { id } }, { emit }) => emit(Closed, { id }),
);

const running: ScenarioTest[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

async function alone(stubs: readonly Stub[], ring = async (): Promise<void> => {}): Promise<ScenarioTest> {
  const one = await scenario.context(desk, { store: () => memory(), stubs, ports: { ring } });
  running.push(one);
  return one;
}

const price = stub(GetPrice, ({ sku }) => ({ cents: sku.length }));
const book = stub(Book, () => {});

test("stubs answer what the context calls, and events of neighbours reach it", async () => {
  const one = await alone([price, book]);
  expect((await one.when(Order, { id: "1", sku: "mug" })).value).toEqual({ cents: 3 });
  expect(await one.ask(Count, {})).toEqual({ orders: 1 });
  expect(one.expectEvent(Ordered, { id: "1" }).data).toEqual({ id: "1", cents: 3 });
  one.expectNoEvent(Closed);
  await one.given(Delivered, { id: "1" });
  one.expectEvent(Closed, { id: "1" });
  // What was given was not emitted.
  expect(one.events(Delivered)).toEqual([]);
});

test("input comes as over a wire, and so does the answer", async () => {
  const one = await alone([price]);
  await one.when(Order, { id: new Date(0) as never, sku: "mug" });
  expect(one.expectEvent(Ordered).key).toBe("1970-01-01T00:00:00.000Z");
  expect(await one.ask(Count, {})).toStrictEqual({ orders: 1 });
  expect((await one.when(Count, {})).value).toStrictEqual({ orders: 1 });
});

test("a call without a stub says which one to write, from a command and from a subscription", async () => {
  const one = await alone([]);
  const order = one.when(Order, { id: "1", sku: "mug" });
  await expect(order).rejects.toMatchObject({
    code: "stub-missing",
    message: '"desk" called "prices.get-price", and no stub answers it; add stub(GetPrice, (input) => ({ … })).',
  });
  await expect(one.given(Delivered, { id: "1" })).rejects.toMatchObject({
    code: "stub-missing",
    message: expect.stringContaining("stub(Book,"),
  });
  expect(one.parked()).toMatchObject([{ subscription: "desk.close", state: "dead", code: "stub-missing" }]);
});

test("an answer that the contract does not allow names the contract and the path", async () => {
  const one = await alone([stub(GetPrice, () => ({ cents: 1.5 }))]);
  await expect(one.when(Order, { id: "1", sku: "mug" })).rejects.toMatchObject({
    code: "stub-invalid",
    message: expect.stringMatching(/"prices.get-price".*cents: .*int/),
  });
});

test("an input that the contract does not allow never reaches the stub", async () => {
  const one = await alone([price]);
  await expect(one.when(Order, { id: "1", sku: 3 } as never)).rejects.toMatchObject({ code: "input-invalid" });
});

test("a stub refuses as its neighbour would, and a later stub may be written over an earlier one", async () => {
  const one = await alone([price, stub(GetPrice, () => Promise.reject(refuse("sku-unknown", "No such thing.")))]);
  await expect(one.when(Order, { id: "1", sku: "mug" })).rejects.toMatchObject({ code: "sku-unknown" });
  one.expectNoEvent(Ordered);
});

test("a stub for what the context does not use is refused", async () => {
  const started = scenario.context(desk, {
    store: () => memory(),
    stubs: [stub(Count, () => ({ orders: 1 }))],
    ports: { ring: async () => {} },
  });
  await expect(started).rejects.toMatchObject({
    code: "stub-invalid",
    message: expect.stringContaining('"desk.count"'),
  });
});

test("what is given must be an event of this scenario, with the data of its contract", async () => {
  const one = await alone([price, book]);
  await expect(one.given(Delivered, { id: 7 } as never)).rejects.toMatchObject({
    code: "event-invalid",
    message: '"couriers.delivered" does not allow the data given: id: Invalid input: expected string, received number.',
  });
  await expect(one.given({ ...Delivered }, { id: "1" })).rejects.toMatchObject({
    code: "event-foreign",
    message: expect.stringContaining("is no event of a context in this scenario"),
  });
});

test("a handler that never ends is named, not waited for", async () => {
  const one = await alone([price, book], () => new Promise(() => {}));
  await expect(one.given(Delivered, { id: "1" })).rejects.toMatchObject({
    code: "scenario-stuck",
    message: expect.stringContaining('`before` of "desk.close"'),
  });
  const stubbed = await alone([stub(GetPrice, () => new Promise<never>(() => {}))]);
  await expect(stubbed.when(Order, { id: "1", sku: "mug" })).rejects.toMatchObject({
    code: "scenario-stuck",
    message: expect.stringContaining('`before` of "desk.order"; the body of "prices.get-price"'),
  });
});

test("a failing subscription is tried again as time passes, in virtual time, and dies when its tries are used up", async () => {
  let rings = 0;
  const one = await alone([price, book], async () => {
    if (++rings < 3) throw new Error("nobody at home");
  });
  await one.given(Delivered, { id: "1" });
  expect(rings).toBe(1);
  expect(() => one.expectEvent(Closed)).toThrow("nobody at home");
  expect(one.parked()).toMatchObject([
    {
      subscription: "desk.close",
      event: "couriers.delivered",
      key: "1",
      state: "retrying",
      attempts: 1,
      code: "handler-failed",
    },
  ]);
  await one.advance("999ms");
  expect(rings).toBe(1);
  await one.advance("10m");
  expect(rings).toBe(3);
  expect(one.parked()).toEqual([]);
  one.expectNothingParked();
  expect(one.expectEvent(Closed, {}, { within: "1m" }).at).toBeGreaterThan(one.now - 600_000);
  expect(() => one.expectEvent(Closed, {}, { within: "1s" })).toThrow(/emitted \d+ ms later than within "1s"/);
});

test("what is parked and was never looked at makes the end of a scenario fail", async () => {
  const options = {
    store: () => memory(),
    stubs: [price, book],
    ports: { ring: () => Promise.reject(new Error("no bell")) },
  };
  const silent = await scenario.context(desk, options);
  await silent.given(Delivered, { id: "1" });
  await silent.given(Delivered, { id: "1" });
  await silent.advance("3d");
  expect(() => silent.expectNothingParked()).toThrow(
    /desk.close: couriers.delivered of key "1" is dead after 3 tries: handler-failed: .*no bell\n.* is waiting$/,
  );
  await expect(silent.stop()).rejects.toThrow("is dead after 3 tries");
  await silent.stop();
  const seen = await scenario.context(desk, options);
  await seen.given(Delivered, { id: "1" });
  expect(seen.parked()).toHaveLength(1);
  await seen.stop();
  await expect(seen.ask(Count, {})).rejects.toThrow("This scenario has been stopped.");
  await expect(seen.advance("1s")).rejects.toThrow("This scenario has been stopped.");
});

const Ticked = event("clock.ticked", { version: 1, key: "id", data: z.object({ id }) });

test("events that lead back to themselves are named, not followed for ever", async () => {
  const clock = context("clock", { contract: { Ticked } });
  clock.on(Ticked, { name: "tick", from: "start" }, ({ data }, { emit }) => emit(Ticked, data));
  const one = await scenario.context(clock, { store: () => memory() });
  await expect(one.given(Ticked, { id: "1" })).rejects.toMatchObject({
    code: "scenario-stuck",
    message: expect.stringMatching(/Run most often: the body of "clock.tick" \(\d+ times\)/),
  });
});

test("a body that waits for anything but its transaction is named, and so is one that waits for real time", async () => {
  const clock = context("clock", { contract: { Ticked } });
  let wait = (): Promise<unknown> => new Promise(() => {});
  clock.on(Ticked, { name: "tick", from: "start" }, async () => void (await wait()));
  const one = await scenario.context(clock, { store: () => memory() });
  const stuck = { code: "scenario-stuck", message: expect.stringContaining('the body of "clock.tick"') };
  await expect(one.given(Ticked, { id: "1" })).rejects.toMatchObject(stuck);
  expect(one.parked()).toMatchObject([{ subscription: "clock.tick", code: "unit-stalled", state: "retrying" }]);
  wait = () => new Promise((resolve) => setTimeout(resolve, 60_000).unref());
  await expect(one.advance("2s")).rejects.toMatchObject(stuck);
  wait = async () => {};
  await one.advance("10m");
  one.expectNothingParked();
  await one.stop();
});

test("an application that is put together wrong does not start, and a duration is a number and a unit", async () => {
  const clock = context("clock", { contract: { Ticked, Order } });
  const started = scenario.context(clock, { store: () => memory() });
  await expect(started).rejects.toMatchObject({ code: "registration-refused" });
  const one = await alone([]);
  await expect(one.advance("3 days")).rejects.toMatchObject({ code: "config-invalid" });
});

test("a store that fails while a subscription works is told, not waited for", async () => {
  const options = { stubs: [price, book], ports: { ring: () => Promise.reject(new Error("no bell")) } };
  const one = await scenario.context(desk, { ...options, store: () => withoutParking(memory()) });
  await expect(one.given(Delivered, { id: "1" })).rejects.toMatchObject({
    code: "scenario-stuck",
    message: expect.stringMatching(/"desk.close" waits: .*no room/),
  });
  await one.stop();
});

function withoutParking(store: Store): Store {
  const begin = store.begin.bind(store);
  return Object.assign(store, {
    begin: async () => Object.assign(await begin(), { park: () => Promise.reject(new Error("no room")) }),
  });
}

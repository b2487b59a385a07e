import { memoryDisk, mount, sqlite } from "banyan";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ordersApp } from "./orders.ts";

// An application whose bodies go through Prisma, in development: a body that waited for a turn of the event loop would be refused.

let mounted: Awaited<ReturnType<typeof mount>>;
/** Vitest takes a lost rejection for its own; here it has to be ours to deal with, as in a process that nobody watches. */
let watchers: NodeJS.UnhandledRejectionListener[] = [];
let lost: unknown[] = [];

beforeEach(async () => {
  watchers = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  lost = [];
  process.on("unhandledRejection", (reason) => lost.push(reason));
  const store = sqlite({ memory: memoryDisk() });
  mounted = await mount(ordersApp(), { mode: "dev", data: "", env: {}, faults: false, store, write: () => {} });
});

afterEach(async () => {
  await mounted.stop();
  process.removeAllListeners("unhandledRejection");
  for (const watcher of watchers) process.on("unhandledRejection", watcher);
});

async function post(path: string, id: string, skus: readonly string[]): Promise<{ status: number; body: unknown }> {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ id, skus }) };
  const answer = await mounted.fetch(new Request(`http://localhost${path}`, init));
  return { status: answer.status, body: await answer.json() };
}

async function found(): Promise<unknown> {
  return (await mounted.fetch(new Request("http://localhost/orders"))).json();
}

test("bodies at one time write each in their own unit, and one that fails keeps nothing", async () => {
  const names = Array.from({ length: 20 }, (_, i) => String(i + 10));
  const answers = await Promise.all(names.map(async (id) => post("/orders", id, [`${id}-a`, `${id}-b`])));
  expect(answers.map(({ body }) => body)).toEqual(names.map(() => ({ lines: 2 })));
  expect(await post("/orders", "late", ["new", "10-a"])).toMatchObject({ status: 500 });
  const orders = names.map((id) => ({ id, skus: [`${id}-a`, `${id}-b`] }));
  await vi.waitFor(async () => expect(await found()).toEqual({ orders, seen: 20 }), 5_000);
});

test("a write that a body does not wait for is refused by the name of its unit, and is in no other", async () => {
  const [forgotten, placed] = await Promise.all([post("/forget", "lost", ["x"]), post("/orders", "kept", ["y"])]);
  expect([forgotten.status, placed.status]).toEqual([200, 200]);
  expect(await found()).toMatchObject({ orders: [{ id: "kept", skus: ["y"] }] });
  expect(lost).toMatchObject([{ code: "handle-dead", message: /"orders\.forget"/ }]);
});

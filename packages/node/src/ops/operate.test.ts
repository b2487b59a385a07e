import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  anyone,
  app,
  backoff,
  command,
  context,
  event,
  type App,
  type LogState,
  type SubscriptionState,
} from "@banyan/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { mount, type Mounted } from "../process/mount.ts";
import { operate } from "./operate.ts";

const ANN = { name: "ann", why: "ticket 7" };
const subscription = "orders.charge";
const Placed = event("orders.placed", { version: 1, key: "orderId", data: z.object({ orderId: z.string() }) });
const Place = command("orders.place", { http: "POST /orders", input: z.object({ orderId: z.string() }) });

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "banyan-operate-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function ordersApp(failing: ReadonlySet<string>, charged: string[]): App {
  const orders = context("orders", { contract: { Placed, Place } });
  orders.handle(Place, { allow: anyone() }, (input, { emit }) => emit(Placed, input));
  orders.on(Placed, { name: "charge", from: "start", retry: backoff("1ms", "2ms", 2) }, ({ data, position }) => {
    if (failing.has(data.orderId)) throw new Error(`no charge for ${data.orderId}`);
    charged.push(`${data.orderId}@${position}`);
  });
  return app({ contexts: [orders] });
}

function running(failing: ReadonlySet<string>, charged: string[] = []): Promise<Mounted> {
  const options = { mode: "dev", data: folder, faults: false, env: {}, write: () => {} } as const;
  return mount(ordersApp(failing, charged), options);
}

/** "bad" is dead at position 1 with two behind it, "worse" at 5; nobody runs any more. Answers what the process said last. */
async function stopped(): Promise<{
  states: readonly SubscriptionState[];
  parked: unknown;
  logs: readonly LogState[];
}> {
  const mounted = await running(new Set(["bad", "worse"]));
  for (const orderId of ["bad", "bad", "good", "bad", "worse"]) {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ orderId }) };
    expect((await mounted.fetch(new Request("http://localhost/orders", init))).status).toBe(204);
  }
  await expect.poll(() => mounted.runtime.status).toMatchObject({ parked: 4, dead: 2, lag: 0 });
  const { delivery } = mounted.runtime;
  const last = {
    states: await delivery.subscriptions(),
    parked: await delivery.parked({}),
    logs: await delivery.logs(),
  };
  await mounted.stop();
  return last;
}

test("what a stopped process left is seen as it saw it", async () => {
  const { states, parked, logs } = await stopped();
  const { delivery, running: runs, end } = await operate(folder);
  expect(runs).toBe(false);
  // nothing goes on any more, and so there is no rate either
  expect(await delivery.subscriptions()).toEqual(states.map((state) => ({ ...state, rate: { in: 0, out: 0 } })));
  expect(await delivery.parked({})).toEqual(parked);
  // what the code decides is not known without it
  expect(await delivery.logs()).toEqual(logs.map((log) => ({ ...log, budgetBytes: undefined })));
  await end();
  expect(readdirSync(folder).sort()).toEqual(["banyan.db", "banyan.lock", "dev-token"]);
});

test("skip moves up what stands behind, redrive makes a key due at once, and only the next process tries them", async () => {
  await stopped();
  const operated = await operate(folder);
  const { delivery } = operated;
  expect(await delivery.skip({ subscription, position: 1 }, ANN)).toMatchObject({ position: 1, state: "dead" });
  expect(await delivery.redrive({ subscription, key: "worse" }, ANN)).toEqual({ keys: 1 });
  await expect(delivery.redrive({ subscription, key: "good" }, ANN)).rejects.toMatchObject({ code: "parked-unknown" });
  await expect(delivery.skip({ subscription: "orders.chrage", position: 1 }, ANN)).rejects.toMatchObject({
    code: "subscription-unknown",
  });
  const after = [
    { position: 2, key: "bad", state: "retrying", attempts: 0, due: 0 },
    { position: 4, key: "bad", state: "waiting" },
    { position: 5, key: "worse", state: "retrying", attempts: 0, due: 0, errors: [{}, {}] },
  ];
  expect(await delivery.parked({})).toMatchObject(after);
  await operated.end();
  const again = await operate(folder);
  expect(await again.delivery.parked({})).toMatchObject(after);
  expect(await again.delivery.subscriptions()).toMatchObject([{ pos: 5, behind: 0, inFlight: 0 }]);
  expect(await again.delivery.audit()).toMatchObject([
    { action: "redrive", operator: "ann", why: "ticket 7", subject: { subscription, key: "worse" } },
    { action: "skip", subject: { subscription, source: "orders", position: 1, key: "bad" } },
  ]);
  await again.end();
  const charged: string[] = [];
  const mounted = await running(new Set(), charged);
  await expect.poll(() => charged.toSorted()).toEqual(["bad@2", "bad@4", "worse@5"]);
  await mounted.stop();
});

test("an operator has the data alone for as long as it takes, and a process that runs is asked instead", async () => {
  await stopped();
  const first = await operate(folder);
  await expect(operate(folder)).rejects.toMatchObject({
    code: "ops-unreachable",
    message: expect.stringContaining(`pid ${process.pid}`),
    remedy: expect.stringContaining("Ask again"),
  });
  await expect(running(new Set())).rejects.toMatchObject({ code: "data-locked" });
  await first.end();
  const mounted = await running(new Set(["bad", "worse"]));
  const asked = await operate(folder);
  expect(asked.running).toBe(true);
  expect(await asked.delivery.parked({})).toHaveLength(4);
  await asked.end();
  await mounted.stop();
});

test("a folder without data is not made", async () => {
  const none = join(folder, "none");
  await expect(operate(none)).rejects.toMatchObject({
    code: "ops-unreachable",
    message: `${none} has no data: no process runs on it, and there is no database.`,
    remedy: expect.stringContaining("--data DIR"),
  });
  expect(existsSync(none)).toBe(false);
  await expect(operate(join(folder, "x".repeat(100)))).rejects.toMatchObject({ code: "socket-path-long" });
});

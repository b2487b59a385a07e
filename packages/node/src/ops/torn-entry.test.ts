import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { anyone, app, backoff, command, context, event, type App } from "@banyan/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { mount, type Mounted } from "../process/mount.ts";
import { operate } from "./operate.ts";

// A parked row whose stored entry cannot be read any more, as a broken disk or a hand at the file may leave it.

const ANN = { name: "ann", why: "ticket 7" };
const subscription = "orders.charge";
const Placed = event("orders.placed", { version: 1, key: "orderId", data: z.object({ orderId: z.string() }) });
const Place = command("orders.place", { http: "POST /orders", input: z.object({ orderId: z.string() }) });

let folder: string;
let mounted: Mounted | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "banyan-torn-"));
});
afterEach(async () => {
  await mounted?.stop();
  mounted = undefined;
  rmSync(folder, { recursive: true });
});

function ordersApp(failing: boolean, charged: Set<number>): App {
  const orders = context("orders", { contract: { Placed, Place } });
  orders.handle(Place, { allow: anyone() }, (input, { emit }) => emit(Placed, input));
  orders.on(Placed, { name: "charge", from: "start", retry: backoff("1ms", "2ms", 2) }, ({ position }) => {
    if (failing) throw new Error("no charge");
    charged.add(position);
  });
  return app({ contexts: [orders] });
}

async function running(failing: boolean, charged: Set<number> = new Set()): Promise<Mounted> {
  const options = { mode: "dev", data: folder, faults: false, env: {}, write: () => {} } as const;
  return (mounted = await mount(ordersApp(failing, charged), options));
}

/** Two keys, a and b, each with a dead head and one behind it; a's head at position 1 is torn, and is to be tried again. */
async function torn(text = '{"id":"torn'): Promise<void> {
  const process = await running(true);
  for (const orderId of ["a", "a", "b", "b"]) {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ orderId }) };
    expect((await process.fetch(new Request("http://localhost/orders", init))).status).toBe(204);
  }
  await expect.poll(() => process.runtime.status).toMatchObject({ parked: 4, dead: 2, lag: 0 });
  await process.stop();
  mounted = undefined;
  const db = new DatabaseSync(join(folder, "banyan.db"));
  db.prepare("UPDATE banyan_park SET entry = ?, state = 'retrying', due = 0 WHERE position = 1").run(text);
  db.close();
}

test.each(['{"id":"torn', "null", "[]", '{"id":"1"}'])(
  "a torn entry (%s) is tried once and is dead, with why",
  async (text) => {
    await torn(text);
    const { runtime } = await running(true);
    await expect.poll(() => runtime.delivery.parked({ key: "a", state: "dead" })).toMatchObject([{ position: 1 }]);
    const [row] = await runtime.delivery.parked({ key: "a" });
    expect(row?.errors.at(-1)).toMatchObject({ code: "entry-torn", message: expect.stringContaining("position 1") });
    const state = await runtime.delivery.subscriptions();
    expect(state).toMatchObject([{ parked: { dead: 2, waiting: 2 }, parkedBytes: expect.any(Number) }]);
  },
);

test("a skip releases what stands behind a torn entry, in a process that runs", async () => {
  await torn();
  const charged = new Set<number>();
  const { runtime } = await running(false, charged);
  await expect.poll(() => runtime.delivery.parked({ key: "a", state: "dead" })).toHaveLength(1);
  await runtime.delivery.skip({ subscription, position: 1 }, ANN);
  await runtime.delivery.redrive({ subscription, key: "b" }, ANN);
  await expect.poll(() => [...charged]).toEqual([2, 3, 4]);
  expect(runtime.status).toMatchObject({ parked: 0, dead: 0 });
});

test("a redrive says why a torn entry cannot be delivered, and redrives the other keys", async () => {
  await torn();
  const charged = new Set<number>();
  const { runtime } = await running(false, charged);
  const { delivery } = runtime;
  await expect.poll(() => delivery.parked({ key: "a", state: "dead" })).toHaveLength(1);
  await expect(delivery.redrive({ subscription, key: "a" }, ANN)).rejects.toMatchObject({ code: "entry-torn" });
  expect(await delivery.redrive({ subscription }, ANN)).toEqual({ keys: 1 });
  await expect.poll(() => [...charged]).toEqual([3, 4]);
  await expect(delivery.redrive({ subscription }, ANN)).rejects.toMatchObject({ code: "entry-torn" });
  expect((await delivery.audit()).map(({ action, subject }) => [action, subject["key"]])).toEqual([["redrive", "b"]]);
});

test("on stopped data a torn entry is listed, refused to a redrive, and skipped", async () => {
  await torn();
  const { delivery, end } = await operate(folder);
  expect(await delivery.parked({ key: "a" })).toMatchObject([{ position: 1, type: "" }, { position: 2 }]);
  await expect(delivery.redrive({ subscription, key: "a" }, ANN)).rejects.toMatchObject({ code: "entry-torn" });
  expect(await delivery.skip({ subscription, position: 1 }, ANN)).toMatchObject({ position: 1, key: "a" });
  await end();
  const charged = new Set<number>();
  await running(false, charged);
  await expect.poll(() => [...charged]).toEqual([2]);
});

test("a torn entry that waits moves up in its turn, and is dead then", async () => {
  await torn();
  const db = new DatabaseSync(join(folder, "banyan.db"));
  db.exec("UPDATE banyan_park SET entry = '{' WHERE position = 4");
  db.close();
  const { runtime } = await running(false);
  await runtime.delivery.redrive({ subscription, key: "b" }, ANN);
  await expect.poll(() => runtime.delivery.parked({ key: "b" })).toMatchObject([{ position: 4, state: "dead" }]);
  const dry = await runtime.delivery.dryReplay({ subscription, of: "parked", key: "b" });
  expect(dry.entries).toMatchObject([{ position: 4, outcome: "failed", code: "entry-torn" }]);
});

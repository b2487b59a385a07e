import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { anyone, app, backoff, command, context, event, type App } from "@banyan/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { mount, type Mounted } from "./mount.ts";

const subscription = "orders.charge";
const Placed = event("orders.placed", { version: 1, key: "orderId", data: z.object({ orderId: z.string() }) });
const Place = command("orders.place", { http: "POST /orders", input: z.object({ orderId: z.string() }) });

let folder: string;
let running: Mounted | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "banyan-retention-"));
});
afterEach(async () => {
  await running?.stop();
  rmSync(folder, { recursive: true });
});

/** Orders that are paid outside, then charged; "bad" ones fail. Nothing is kept for longer than it is needed. */
function ordersApp(failing: ReadonlySet<string>, charged: Set<string>): App {
  const orders = context("orders", { contract: { Placed, Place }, keep: "0ms" });
  orders.handle(Place, { allow: anyone() }, (input, { emit }) => emit(Placed, input));
  orders.on(
    Placed,
    {
      name: "charge",
      from: "start",
      retry: backoff("1ms", "2ms", 2),
      before: (_, { once }) => once("pay", { idempotent: true }, () => "paid"),
    },
    ({ data, position }) => {
      if (failing.has(data.orderId)) throw new Error(`no charge for ${data.orderId}`);
      charged.add(`${data.orderId}@${position}`);
    },
  );
  return app({ contexts: [orders] });
}

async function start(failing: ReadonlySet<string>, charged: Set<string>): Promise<Mounted> {
  const options = { mode: "dev", data: folder, faults: false, env: {}, write: () => {} } as const;
  running = await mount(ordersApp(failing, charged), { ...options, limits: { retentionEveryMs: 10 } });
  return running;
}

async function place(mounted: Mounted, ...orderIds: readonly string[]): Promise<void> {
  for (const orderId of orderIds) {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ orderId }) };
    expect((await mounted.fetch(new Request("http://localhost/orders", init))).status).toBe(204);
  }
}

const logOf = async (mounted: Mounted): Promise<unknown> => (await mounted.runtime.delivery.logs())[0];

/** Positions whose act outside is still known, once nobody has the file. */
function known(): number[] {
  using db = new DatabaseSync(join(folder, "banyan.db"), { readOnly: true });
  const rows = db.prepare("SELECT position FROM banyan_act ORDER BY position").all();
  return rows.map(({ position }) => Number(position));
}

test("on a disk the log shrinks, positions go on after a restart, and what is parked is delivered from its copy", async () => {
  const failing = new Set(["bad"]);
  const charged = new Set<string>();
  const first = await start(failing, charged);
  await place(first, "bad", "good", "bad");
  await expect.poll(() => logOf(first)).toMatchObject({ first: 4, last: 3, entries: 0 });
  await first.stop();
  const second = await start(failing, charged);
  expect(await logOf(second)).toMatchObject({ first: 4, last: 3, entries: 0 });
  await place(second, "late");
  await expect.poll(() => [...charged]).toEqual(["good@2", "late@4"]);
  await expect.poll(() => logOf(second)).toMatchObject({ first: 5, last: 4, entries: 0 });
  await second.stop();
  expect(known()).toContain(1);
  const third = await start(new Set(), charged);
  await third.runtime.delivery.redrive({ subscription }, { name: "ann", why: "it works now" });
  await expect
    .poll(() => [...charged].toSorted((a, b) => (a < b ? -1 : 1)))
    .toEqual(["bad@1", "bad@3", "good@2", "late@4"]);
  expect((await third.runtime.delivery.logs())[0]).toMatchObject({ heldBy: undefined, keepMs: 0 });
});

test("on a disk what is known of acts outside goes, where its entry is not parked", async () => {
  const first = await start(new Set(["bad"]), new Set());
  await place(first, "bad", "good");
  await expect.poll(() => first.runtime.status).toMatchObject({ dead: 1 });
  await first.stop();
  expect(known()).toEqual([1, 2]);
  const charged = new Set<string>();
  const second = await start(new Set(["bad"]), charged);
  // every look of the poll appends; the first append 10 ms after the start is followed by a sweep, and later ones come behind it
  await expect.poll(() => place(second, "more").then(() => charged.size)).toBeGreaterThan(4);
  await second.stop();
  const left = known();
  expect(left).toContain(1);
  expect(left).not.toContain(2);
});

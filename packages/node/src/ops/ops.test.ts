import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer, type Server } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  anyone,
  app,
  backoff,
  command,
  context,
  event,
  memory,
  type App,
  type Once,
  type SubscriptionState,
} from "@banyan/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { openLog } from "../log/log.ts";
import { mount, type Mounted } from "../process/mount.ts";
import { OpsClient } from "./client.ts";
import { OpsApi } from "./ops-api.ts";
import { socketDoor } from "./ops-doors.ts";

const ANN = { name: "ann", why: "ticket 7" };
const subscription = "orders.charge";
const Placed = event("orders.placed", { version: 1, key: "orderId", data: z.object({ orderId: z.string() }) });
const Place = command("orders.place", {
  http: "POST /orders",
  input: z.object({ orderId: z.string(), due: z.number().optional() }),
});

let folder: string;
const ends: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "banyan-ops-"));
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
  rmSync(folder, { recursive: true });
});

/** Orders that are charged, unless their id is in `failing`; a body may run again, so what it says counts once. */
function ordersApp(failing: ReadonlySet<string>, charged: Set<string>): App {
  const orders = context("orders", { contract: { Placed, Place } });
  orders.handle(Place, { allow: anyone() }, ({ orderId, due }, { emit }) => {
    emit(Placed, { orderId }, due === undefined ? undefined : { due });
  });
  const before = async ({ data }: { data: { orderId: string } }, { once: act }: { once: Once }): Promise<unknown> =>
    data.orderId === "good" ? act("ring", { idempotent: true }, () => "grüße") : undefined;
  orders.on(
    Placed,
    { name: "charge", from: "start", retry: backoff("1ms", "2ms", 2), before },
    ({ data, position }) => {
      if (failing.has(data.orderId)) throw new Error(`no charge for ${data.orderId}`);
      charged.add(`${data.orderId}@${position}`);
    },
  );
  return app({ contexts: [orders] });
}

interface World {
  readonly mounted: Mounted;
  readonly client: OpsClient;
  readonly failing: Set<string>;
  readonly charged: Set<string>;
}

function placed(order: { readonly orderId: string; readonly due?: number }): Request {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(order) };
  return new Request("http://localhost/orders", init);
}

/** Running on the folder; the order "bad" is dead at position 1, two wait behind it, "good" is charged. */
async function world(): Promise<World> {
  const failing = new Set(["bad"]);
  const charged = new Set<string>();
  const options = { mode: "dev", data: folder, faults: false, env: {}, write: () => {} } as const;
  const mounted = await mount(ordersApp(failing, charged), options);
  ends.push(() => mounted.stop());
  for (const orderId of ["bad", "bad", "good", "bad"]) {
    expect((await mounted.fetch(placed({ orderId }))).status).toBe(204);
  }
  await expect.poll(() => [mounted.runtime.status, [...charged]]).toMatchObject([{ parked: 3, dead: 1 }, ["good@3"]]);
  return { mounted, client: new OpsClient(socketDoor(folder)), failing, charged };
}

test("over the socket an operator sees what is scheduled", async () => {
  const { client, mounted } = await world();
  expect(await client.scheduled()).toEqual([]);
  const due = Date.UTC(2200, 0, 1);
  for (const later of [0, 5]) await mounted.fetch(placed({ orderId: "late", due: due + later }));
  expect(await client.scheduled()).toEqual([{ context: "orders", entries: 2, overdue: 0, first: due, held: false }]);
});

test("over the socket an operator sees how much is kept of acts outside", async () => {
  const { client } = await world();
  expect(await client.onceRecords()).toEqual([{ subscription, source: "orders", records: 1, bytes: 19 }]);
});

test("over the socket an operator sees what the process itself sees", async () => {
  const { client, mounted } = await world();
  const { delivery } = mounted.runtime;
  const seen = (states: readonly SubscriptionState[]): unknown =>
    JSON.parse(JSON.stringify(states.map((state) => ({ ...state, rate: {} }))));
  expect(seen(await client.subscriptions())).toEqual(seen(await delivery.subscriptions()));
  expect(await client.subscriptions()).toMatchObject([
    { subscription, behind: 0, parked: { retrying: 0, waiting: 2, dead: 1, unknown: 0 }, parkedBytes: 51 },
  ]);
  expect(await client.logs()).toEqual(JSON.parse(JSON.stringify(await delivery.logs())));
  expect(await client.logs()).toMatchObject([{ source: "orders", first: 1, last: 4, entries: 4 }]);
  expect(await client.parked({})).toEqual(await delivery.parked({}));
  const { store, ...itself } = await client.facts();
  expect(itself).toEqual({ pid: process.pid, node: process.versions.node });
  expect(store).toMatchObject({
    cursors: [subscription],
    migrations: [],
    lastEntryAt: expect.any(Number),
    settings: { journal_mode: { is: "wal", needed: "wal" }, synchronous: { is: 2, needed: 2 } },
  });
  const [dead] = await client.parked({ subscription, key: "bad", state: "dead", limit: 1 });
  expect(dead).toMatchObject({ position: 1, attempts: 2, errors: [{ code: "handler-failed" }, {}] });
  expect(dead?.errors[1]?.message).toContain("no charge for bad");
  expect(await client.parked({ state: "waiting" })).toHaveLength(2);
  expect(await client.parked({ limit: 2 })).toHaveLength(2);
  expect(await client.parked({ key: "good" })).toEqual([]);
});

test("skip and redrive release what waits, and the audit has who and why, newest first", async () => {
  const { client, failing, charged } = await world();
  failing.clear();
  expect(await client.skip({ subscription, position: 1 }, ANN)).toMatchObject({ position: 1, state: "dead" });
  await expect.poll(() => [...charged]).toEqual(["good@3", "bad@2", "bad@4"]);
  expect(await client.redrive({ subscription }, { name: "bob", why: "all of it" })).toEqual({ keys: 0 });
  await expect(client.redrive({ subscription, key: "bad" }, ANN)).rejects.toMatchObject({
    code: "parked-unknown",
    kind: "not-found",
  });
  expect(await client.audit()).toMatchObject([
    { action: "skip", operator: "ann", why: "ticket 7", subject: { subscription, position: 1, key: "bad" } },
  ]);
});

test("redrive delivers a key in order", async () => {
  const { client, failing, charged } = await world();
  failing.clear();
  expect(await client.redrive({ subscription, key: "bad" }, ANN)).toEqual({ keys: 1 });
  await expect.poll(() => [...charged]).toEqual(["good@3", "bad@1", "bad@2", "bad@4"]);
  expect(await client.parked({})).toEqual([]);
  expect(await client.audit(1)).toMatchObject([{ action: "redrive", operator: "ann" }]);
});

const skipping = { subscription, position: 1, as: "ann", why: "x" };
const REFUSALS: readonly [string, string, unknown, number, string][] = [
  ["GET", "/delivery/parked?state=lost", undefined, 400, '"state" must be one of retrying, waiting, dead, unknown.'],
  ["GET", "/delivery/parked?limit=0", undefined, 400, '"limit" must be a whole number from 1 to 1000.'],
  ["GET", "/delivery/parked?limit=1e2", undefined, 400, '"limit" must be'],
  ["GET", "/delivery/parked?keys=a", undefined, 400, '"keys" is not a field of this request.'],
  ["GET", "/delivery/parked?subscription=orders.chrage", undefined, 404, 'Did you mean "orders.charge"?'],
  ["GET", "/delivery/subscriptions?x=1", undefined, 400, '"x" is not'],
  ["GET", "/delivery/logs?x=1", undefined, 400, '"x" is not'],
  ["GET", "/audit?limit=x", undefined, 400, '"limit" must be'],
  ["POST", "/delivery/skip", undefined, 400, "The body must be a JSON object."],
  ["POST", "/delivery/skip", [], 400, "The body must be a JSON object."],
  ["POST", "/delivery/skip", { ...skipping, why: undefined }, 400, '"why" is missing.'],
  ["POST", "/delivery/skip", { ...skipping, why: " \n" }, 400, '"why" must not be empty.'],
  ["POST", "/delivery/skip", { ...skipping, why: "x".repeat(2_001) }, 400, '"why" must have at most 2000 characters.'],
  ["POST", "/delivery/skip", { ...skipping, as: "" }, 400, '"as" must not be empty.'],
  ["POST", "/delivery/skip", { ...skipping, as: 7 }, 400, '"as" must be a text.'],
  ["POST", "/delivery/skip", { ...skipping, position: 1.5 }, 400, '"position" must be'],
  ["POST", "/delivery/skip", { ...skipping, position: undefined }, 400, '"position" is missing.'],
  ["POST", "/delivery/skip", { ...skipping, key: "bad" }, 400, '"key" is not a field of this request.'],
  ["POST", "/delivery/skip", { ...skipping, position: 3 }, 404, "3"],
  ["POST", "/delivery/redrive", { as: "ann", why: "x" }, 400, '"subscription" is missing.'],
  ["POST", "/delivery/redrive", { subscription, why: "x" }, 400, '"as" is missing.'],
  ["POST", "/delivery/redrive", { ...skipping, why: "x".repeat(70_000) }, 413, "larger than 65536 bytes"],
  ["GET", "/audit?limit=1&limit=2", undefined, 400, '"limit" is there more than once.'],
  ["DELETE", "/audit", undefined, 405, "does not take DELETE."],
  ["GET", "/delivery/skip", undefined, 405, "does not take GET."],
  ["GET", "/delivery", undefined, 404, "The operations API has no /delivery."],
];

test("what is asked wrongly is refused with code and remedy, and nothing happens", async () => {
  const { mounted } = await world();
  const api = new OpsApi({ runtime: mounted.runtime, log: openLog("json", () => {}) });
  for (const [method, path, body, status, words] of REFUSALS) {
    const headers = { "content-type": "application/json" };
    const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
    const answer = await api.fetch(new Request(`http://localhost${path}`, init));
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    const problem: unknown = await answer.json();
    expect({ status: answer.status, problem }, `${method} ${path} ${JSON.stringify(body)}`).toMatchObject({
      status,
      problem: {
        status,
        code: expect.any(String),
        detail: expect.stringContaining(words),
        remedy: expect.stringMatching(/\.$/),
      },
    });
  }
  expect(await mounted.runtime.delivery.audit()).toEqual([]);
  expect(mounted.runtime.status).toMatchObject({ parked: 3 });
});

test("the socket is for its owner alone, stands alone in the folder, and is gone after the stop", async () => {
  const { client, mounted } = await world();
  const path = join(folder, "banyan.sock");
  expect(statSync(path).isSocket()).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder).filter((name) => name.startsWith("s-"))).toEqual([]);
  await mounted.stop();
  expect(existsSync(path)).toBe(false);
  await expect(client.subscriptions()).rejects.toMatchObject({
    code: "ops-unreachable",
    message: expect.stringContaining("there is no such socket"),
    remedy: expect.stringContaining("--data"),
  });
});

test("a socket that a killed process left is said to be that, and replaced by the next start", async () => {
  const path = join(folder, "banyan.sock");
  const killed = await listening(createServer(), join(folder, "other"));
  // closing removes the name it was made under
  renameSync(join(folder, "other"), path);
  await new Promise((resolve) => killed.close(resolve));
  expect(statSync(path).isSocket()).toBe(true);
  await expect(new OpsClient(socketDoor(folder)).subscriptions()).rejects.toMatchObject({
    code: "ops-unreachable",
    message: expect.stringContaining("nobody listens there any more"),
  });
  const { client } = await world();
  expect(await client.subscriptions()).toHaveLength(1);
});

test("an application without a data folder has no socket", async () => {
  const before = existsSync("banyan.sock");
  const mounted = await mount(ordersApp(new Set(), new Set()), {
    mode: "start",
    data: "",
    store: memory(),
    write: () => {},
  });
  ends.push(() => mounted.stop());
  expect(existsSync("banyan.sock")).toBe(before);
});

test("a folder whose socket would have too long a path is refused before anything is made", async () => {
  const data = join(folder, "x".repeat(100));
  const options = { mode: "start", data, env: {}, write: () => {} } as const;
  const refusal = { code: "socket-path-long", remedy: expect.stringContaining("shorter") };
  await expect(mount(ordersApp(new Set(), new Set()), options)).rejects.toMatchObject(refusal);
  expect(existsSync(data)).toBe(false);
  expect(() => socketDoor(data)).toThrow("socket");
});

test("a socket that cannot be made refuses the start, and gives the data back", async () => {
  const app = ordersApp(new Set(), new Set());
  const options = { mode: "start", data: folder, env: {}, write: () => {} } as const;
  const orders = await mount(app, options);
  await orders.stop();
  mkdirSync(join(folder, "banyan.sock"));
  await expect(mount(app, options)).rejects.toMatchObject({
    code: "data-unusable",
    message: expect.stringContaining("banyan.sock"),
  });
  rmSync(join(folder, "banyan.sock"), { recursive: true });
  const again = await mount(app, options);
  await again.stop();
});

test.each<[string, RequestListener, string]>([
  ["not of banyan", (_, response) => void response.end("hello"), "is not a process of banyan"],
  ["silent", () => {}, "no answer came within 50 ms; whether it was done is not known"],
  [
    "cut off",
    (request) => void request.socket.destroy(),
    "ECONNRESET: it was cut off; whether it was done is not known",
  ],
])("what answers is %s: said as such", async (...row) => {
  const [, answer, words] = row;
  const server = createHttpServer(answer);
  await listening(server, join(folder, "banyan.sock"));
  ends.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  await expect(new OpsClient(socketDoor(folder), { answerMs: 50 }).subscriptions()).rejects.toMatchObject({
    code: "ops-unreachable",
    message: expect.stringContaining(words),
  });
});

test("what changes a key may wait for its attempt that hangs: its answer has longer than others", async () => {
  const answers: Record<string, object> = { "/delivery/redrive": { keys: 1 }, "/delivery/skip": { skipped: {} } };
  const server = createHttpServer(({ url = "" }, response) => {
    setTimeout(() => response.end(JSON.stringify(answers[url] ?? { subscriptions: [] })), 600);
  });
  await listening(server, join(folder, "banyan.sock"));
  ends.push(() => new Promise((resolve) => server.close(resolve)));
  const client = new OpsClient(socketDoor(folder), { answerMs: 300 });
  const said = [client.redrive({ subscription }, ANN), client.skip({ subscription, position: 1 }, ANN)];
  await expect(client.subscriptions()).rejects.toMatchObject({ code: "ops-unreachable" });
  expect(await Promise.all(said)).toEqual([{ keys: 1 }, {}]);
});

async function listening<S extends Server>(server: S, path: string): Promise<S> {
  server.listen({ path });
  await once(server, "listening");
  return server;
}

import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { anyone, app, backoff, command, context, event } from "@banyan/core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { apiKeys, newApiKey, type ApiKey } from "../auth/api-keys.ts";
import { serve, type Served } from "../process/serve.ts";
import { OpsClient } from "./client.ts";
import { urlDoor } from "./ops-doors.ts";
import { operateAt } from "./operate.ts";
import { OPS_REQUESTS } from "./ops-requests.ts";

const subscription = "orders.charge";
const Placed = event("orders.placed", { version: 1, key: "orderId", data: z.object({ orderId: z.string() }) });
const Place = command("orders.place", { http: "POST /orders", input: z.object({ orderId: z.string() }) });

const keys: ApiKey[] = [];
const tokenOf = (id: string, of: Pick<ApiKey, "roles" | "tenants">): string => {
  const { key, hash } = newApiKey(id);
  keys.push({ id, hash, ...of });
  return key;
};
const OPERATOR = tokenOf("ops", { roles: ["operator"], tenants: "*" });
const CUSTOMER = tokenOf("shop", { roles: ["customer"], tenants: "*" });
const NARROW = tokenOf("acme", { roles: ["operator"], tenants: ["acme"] });
const TENANTLESS = tokenOf("plain", { roles: ["operator"] });

let folder: string;
let served: Served;
let failing: boolean;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "banyan-ops-http-"));
  failing = true;
  const orders = context("orders", { contract: { Placed, Place } });
  orders.handle(Place, { allow: anyone() }, (input, { emit }) => emit(Placed, input));
  orders.on(Placed, { name: "charge", from: "start", retry: backoff("1ms", "2ms", 2) }, ({ data }) => {
    if (failing && data.orderId === "bad") throw new Error("no charge");
  });
  const whole = app({ contexts: [orders], auth: [apiKeys({ keys })] });
  served = await serve(whole, { mode: "start", data: folder, port: 0, env: {}, write: () => {} });
  for (const orderId of ["bad", "bad", "good"]) {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify({ orderId }) };
    await fetch(`${served.url}/orders`, init);
  }
  await vi.waitUntil(() => {
    const { parked, dead, lag } = served.runtime.status;
    return parked === 2 && dead === 1 && lag === 0;
  });
});
afterAll(async () => {
  await served.stop();
  rmSync(folder, { recursive: true });
});

interface Asking {
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask(
  method: string,
  path: string,
  { token, body, headers }: Asking,
): Promise<{ status: number; headers: Headers; body: Readonly<Record<string, unknown>> }> {
  const all = {
    host: new URL(served.url).host,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...headers,
  };
  const init = { method, headers: all, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const answer = await served.fetch(new Request(`${served.url}/_banyan/ops${path}`, init));
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}

const refused = [
  { who: "without a token", token: undefined, status: 403, code: "not-allowed" },
  { who: "with a token nobody knows", token: `bk_ops_${"x".repeat(43)}`, status: 401, code: "token-invalid" },
  { who: "as a customer", token: CUSTOMER, status: 403, code: "not-allowed" },
  { who: "as an operator of one tenant", token: NARROW, status: 403, code: "tenant-foreign" },
  { who: "as an operator of the default tenant", token: TENANTLESS, status: 403, code: "tenant-foreign" },
];

test("every request of the operations API is refused to whoever is not an operator of every tenant", async () => {
  expect(OPS_REQUESTS.length).toBeGreaterThan(8);
  const paths = [...OPS_REQUESTS, { method: "GET", path: "/none" }, { method: "POST", path: "" }];
  for (const { method, path } of paths)
    for (const { who, token, status, code } of refused) {
      const body =
        method === "POST" ? { subscription, position: 1, why: "x", file: join(folder, "copy.db") } : undefined;
      const answer = await ask(method, path, { token, body });
      expect({ status: answer.status, code: answer.body["code"] }, `${method} ${path} ${who}`).toEqual({
        status,
        code,
      });
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(answer.body["remedy"]).toMatch(/\.$/);
    }
  expect(await served.runtime.delivery.audit()).toEqual([]);
  expect(served.runtime.status).toMatchObject({ parked: 2, dead: 1 });
});

const CHANGES = OPS_REQUESTS.filter(({ method }) => method === "POST");

test("no page of another site makes a browser change anything", async () => {
  const sent = { subscription, position: 1, why: "x", file: join(folder, "copy.db") };
  const foreign = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    // what a browser says now outweighs what older ones said
    { "sec-fetch-site": "cross-site", origin: served.url },
  ];
  for (const { path } of CHANGES)
    for (const headers of foreign) {
      const answer = await ask("POST", path, { token: OPERATOR, body: sent, headers });
      expect([answer.status, answer.body["code"]], `${path} ${JSON.stringify(headers)}`).toEqual([
        403,
        "cross-site-refused",
      ]);
    }
  for (const headers of [{ origin: served.url }, { "sec-fetch-site": "same-origin" }, { "sec-fetch-site": "none" }])
    expect(
      await ask("POST", "/delivery/dry-replay", { token: OPERATOR, body: { subscription }, headers }),
    ).toMatchObject({
      status: 200,
    });
});

test("what changes something takes POST only, and what changes nothing GET", async () => {
  for (const { method, path } of OPS_REQUESTS) {
    for (const other of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]) {
      if (other === method || (method === "GET" && other === "HEAD")) continue;
      const body = /GET|HEAD/.test(other) ? undefined : { subscription, position: 1, why: "x" };
      const answer = await ask(other, path, { token: OPERATOR, body });
      expect([answer.status, answer.headers.get("allow")], `${other} ${path}`).toEqual([405, method]);
    }
  }
  expect(await served.runtime.delivery.audit()).toEqual([]);
  expect((await ask("HEAD", "/audit", { token: OPERATOR })).status).toBe(200);
  expect(await ask("GET", "/none", { token: OPERATOR })).toMatchObject({
    status: 404,
    body: { code: "route-unknown" },
  });
});

test("names and keys of what stands aside are for the operator; everybody else is told counts", async () => {
  const ready = async (token?: string): Promise<unknown> => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const answer = await served.fetch(new Request(`${served.url}/_banyan/health/ready`, { headers }));
    expect(answer.status).toBe(200);
    return answer.json();
  };
  const counts = { status: "ready", parked: 2, dead: 1 };
  for (const { token } of refused) {
    const body = await ready(token);
    expect(body).toMatchObject(counts);
    expect(JSON.stringify(body)).not.toMatch(/charge|"bad"/);
  }
  expect(await ready(OPERATOR)).toMatchObject({
    ...counts,
    subscriptions: [{ subscription, held: false, parked: 2, dead: 1, deadKeys: ["bad"] }],
  });
});

test("who did it is whom the token belongs to, and a request cannot say otherwise", async () => {
  const change = { subscription, position: 1, why: "charged by hand" };
  const forged = await ask("POST", "/delivery/skip", { token: OPERATOR, body: { ...change, as: "ann" } });
  expect(forged).toMatchObject({ status: 400, body: { detail: '"as" is not a field of this request.' } });
  const unsaid = await ask("POST", "/delivery/skip", { token: OPERATOR, body: { ...change, why: undefined } });
  expect(unsaid).toMatchObject({ status: 400, body: { detail: '"why" is missing.' } });
  expect(await served.runtime.delivery.audit()).toEqual([]);

  const { delivery, running } = operateAt(`${served.url}/`, OPERATOR);
  expect(running).toBe(true);
  expect(await delivery.subscriptions()).toMatchObject([{ subscription, parked: { dead: 1, waiting: 1 } }]);
  expect(await delivery.parked({ key: "bad", limit: 1 })).toMatchObject([{ position: 1 }]);
  failing = false;
  expect(await delivery.skip({ subscription, position: 1 }, { name: "ignored", why: "by hand" })).toMatchObject({
    position: 1,
  });
  expect(await delivery.audit()).toMatchObject([{ action: "skip", operator: "key:ops", why: "by hand" }]);
  await expect.poll(() => served.runtime.status).toMatchObject({ parked: 0 });
  await expect(delivery.redrive({ subscription, key: "no" }, { name: "", why: "x" })).rejects.toMatchObject({
    code: "parked-unknown",
  });
});

test("the client says what is wrong, and sends its token nowhere else", async () => {
  const guest = new OpsClient(urlDoor(served.url, CUSTOMER));
  await expect(guest.audit()).rejects.toMatchObject({ code: "not-allowed", kind: "forbidden" });
  const seen: unknown[] = [];
  const elsewhere = createServer((request, response) => {
    seen.push(request.url);
    response.writeHead(307, { location: `${served.url}/_banyan/ops/audit` }).end();
  });
  elsewhere.listen(0, "127.0.0.1");
  await once(elsewhere, "listening");
  const address = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  const lost = new OpsClient(urlDoor(`${address}/shop/`, OPERATOR));
  await expect(lost.audit()).rejects.toMatchObject({ message: expect.stringContaining("not a process of banyan") });
  expect(seen).toEqual(["/shop/_banyan/ops/audit"]);
  await new Promise((resolve) => elsewhere.close(resolve));
  await expect(new OpsClient(urlDoor(address, OPERATOR)).audit()).rejects.toMatchObject({
    code: "ops-unreachable",
    remedy: expect.stringContaining("--url"),
  });
  for (const url of ["127.0.0.1:3000", "ftp://x", "http://me:secret@x", "http://x/?a=1"])
    expect(() => urlDoor(url, OPERATOR)).toThrow("address of an application");
  expect(() => urlDoor(served.url, "two words")).toThrow("token");
});

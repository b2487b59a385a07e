import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ProviderUnavailable } from "./port.ts";
import { httpProvider } from "./client.ts";
import { launchProvider } from "./launch.ts";
import { providerFolder, readPlace, writePlace } from "./place.ts";
import { type ProviderServer, serveProvider } from "./server.ts";

let data: string;
beforeEach(() => void (data = mkdtempSync(join(tmpdir(), "shop-provider-"))));
afterEach(() => rmSync(data, { recursive: true }));

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

async function ask(port: number, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, body };
}

const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  body: typeof body === "string" ? body : JSON.stringify(body),
  headers,
});

const charge = (cents: unknown, key: string): RequestInit =>
  post({ orderId: "o-1", cents }, { "idempotency-key": key });

describe("at the door", () => {
  let server: ProviderServer;
  beforeEach(async () => void (server = await serveProvider({ data, idleMs: 60_000 })));
  afterEach(() => server.close());

  const refusals: [string, string, RequestInit, number, string][] = [
    ["an unknown route", "/nothing", {}, 404, "unknown-route"],
    ["a route named like an object's own", "/constructor", {}, 404, "unknown-route"],
    ["a wrong method", "/charges", {}, 405, "method-not-allowed"],
    ["a body that is not JSON", "/charges", post("{", { "idempotency-key": "k" }), 400, "malformed-json"],
    ["a body that is not an object", "/charges", post([1], { "idempotency-key": "k" }), 400, "invalid-body"],
    ["a missing key", "/charges", post({ orderId: "o-1", cents: 1 }), 400, "missing-idempotency-key"],
    ["a key with spaces", "/charges", charge(1, "two words"), 400, "missing-idempotency-key"],
    ["no cents", "/charges", charge(undefined, "k"), 400, "invalid-body"],
    ["parts of a cent", "/charges", charge(1.5, "k"), 400, "invalid-body"],
    ["cents as text", "/charges", charge("100", "k"), 400, "invalid-body"],
    ["negative cents", "/charges", charge(-1, "k"), 400, "invalid-body"],
    ["a refund without a charge", "/refunds", charge(1, "k"), 400, "invalid-body"],
    ["a large body", "/charges", post({ orderId: "o".repeat(200_000), cents: 1 }), 413, "body-too-large"],
    ["a page that is too long", "/ledger?limit=1001", {}, 400, "invalid-parameter"],
    ["a page after nothing", "/ledger?after=x", {}, 400, "invalid-parameter"],
    ["no time to be down", "/down", post({ seconds: "5" }), 400, "invalid-body"],
  ];
  for (const [what, path, init, status, code] of refusals) {
    test(`${what} gets a code and a remedy, and the provider stays up`, async () => {
      const answer = await ask(server.port, path, init);
      expect(answer).toMatchObject({ status, body: { status, code, remedy: expect.stringMatching(/\w/) } });
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(await ask(server.port, "/health")).toMatchObject({ body: { status: "up", pid: process.pid } });
    });
  }

  test("the ledger has pages with everything, in order", async () => {
    for (const key of ["a", "b", "c"]) await ask(server.port, "/charges", charge(100, key));
    const first = await ask(server.port, "/ledger?limit=2");
    expect(first.body).toMatchObject({ items: [{ key: "a" }, { key: "b" }], next: "2" });
    const rest = await ask(server.port, `/ledger?limit=2&after=${String(first.body["next"])}`);
    expect(rest.body).toEqual({
      items: [{ seq: 3, kind: "charge", chargeId: "ch-3", orderId: "o-1", cents: 100, status: "captured", key: "c" }],
      next: null,
    });
  });

  test("a summary of thousands of orders is complete", async () => {
    const provider = httpProvider({ data });
    const ids = Array.from({ length: 2_345 }, (_, index) => `o-${index}`);
    await Promise.all(ids.map((orderId) => provider.charge({ orderId, cents: 100, key: orderId })));
    expect(await provider.ledger()).toEqual(new Map(ids.map((id) => [id, 100])));
    await provider.close();
  });

  test("down answers 503 except to /health and /down, and records nothing", async () => {
    await ask(server.port, "/down", post({ seconds: 60 }));
    expect(await ask(server.port, "/charges", charge(100, "k"))).toMatchObject({ status: 503, body: { code: "down" } });
    expect(await ask(server.port, "/health")).toMatchObject({ status: 200, body: { status: "down" } });
    await ask(server.port, "/down", post({ seconds: 0 }));
    expect((await ask(server.port, "/ledger")).body).toEqual({ items: [], next: null });
  });

  test("a second provider for the folder is refused and names the first", async () => {
    await expect(serveProvider({ data, idleMs: 60_000 })).rejects.toThrow(`Process ${process.pid} already serves`);
  });
});

test("without a shop it ends by itself and forgets its port", async () => {
  const server = await serveProvider({ data, idleMs: 20 });
  expect(await server.closed).toBe("idle");
  expect(readPlace(data)).toBeUndefined();
});

test("an idle client goes on telling the provider that a shop is there", async () => {
  const asked: string[] = [];
  const thrice = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    response.end(JSON.stringify({ pid: process.pid }));
    if (asked.push(request.url ?? "") === 3) thrice.resolve();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  mkdirSync(providerFolder(data));
  writePlace(data, { port: (server.address() as AddressInfo).port, pid: process.pid });
  const provider = httpProvider({ data, pingMs: 5 });
  await thrice.promise;
  expect(new Set(asked)).toEqual(new Set(["/health"]));
  await provider.close();
  server.close();
});

test("a client that asks while it is down gets an unknown outcome, and its answer later with the same key", async () => {
  const server = await serveProvider({ data, idleMs: 60_000 });
  const provider = httpProvider({ data });
  const request = { orderId: "o-1", cents: 100, key: "k" };
  await ask(server.port, "/down", post({ seconds: 60 }));
  await expect(provider.charge(request)).rejects.toThrow(ProviderUnavailable);
  await ask(server.port, "/down", post({ seconds: 0 }));
  expect(await provider.charge(request)).toMatchObject([{ status: "captured" }]);
  await provider.close();
  await server.close();
});

test("without any provider a charge has an unknown outcome", async () => {
  const provider = httpProvider({ data });
  await expect(provider.charge({ orderId: "o-1", cents: 1, key: "k" })).rejects.toThrow(ProviderUnavailable);
  await provider.close();
});

test("a port that belongs to another process by now is not asked for money", async () => {
  const server = await serveProvider({ data, idleMs: 60_000 });
  writePlace(data, { port: server.port, pid: process.pid + 1 });
  const provider = httpProvider({ data });
  await expect(provider.charge({ orderId: "o-1", cents: 1, key: "k" })).rejects.toThrow("is not the payment provider");
  expect((await ask(server.port, "/ledger")).body["items"]).toEqual([]);
  await provider.close();
  await server.close();
});

test("killed and started again: the ledger is there, the client finds the new port", async () => {
  const first = await launchProvider({ data, idleSeconds: 60 });
  const provider = httpProvider({ data });
  const request = { orderId: "o-1", cents: 100, key: "k" };
  const answer = await provider.charge(request);
  process.kill(first.pid, "SIGKILL");
  await expect.poll(() => provider.charge(request).catch((error: Error) => error.name)).toBe("ProviderUnavailable");

  const second = await launchProvider({ data, idleSeconds: 60 });
  expect(second).toMatchObject({ adopted: false });
  expect(await provider.charge(request)).toEqual(answer);
  expect(await provider.ledger()).toEqual(new Map([["o-1", 100]]));
  await provider.close();
  await second.stop();
});

test("a running provider is adopted, also by two starts at once, and whoever stops it ends it", async () => {
  const [one, two] = await Promise.all([launchProvider({ data }), launchProvider({ data })]);
  expect(one.pid).toBe(two.pid);
  const third = await launchProvider({ data });
  expect(third).toMatchObject({ adopted: true, pid: one.pid });
  await third.stop();
  await one.stop();
  expect(readPlace(data)).toBeUndefined();
});

describe("its command line", () => {
  const run = async (args: string[]): Promise<{ code: number; errors: string }> => {
    const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), ...args]);
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    const [code] = (await once(child, "close")) as [number];
    return { code, errors };
  };

  test("needs a data folder", async () => {
    expect(await run([])).toMatchObject({ code: 2, errors: expect.stringContaining("usage-invalid: --data DIR") });
  });

  test("names the process that already serves the folder", async () => {
    const server = await serveProvider({ data, idleMs: 60_000 });
    const { code, errors } = await run(["--data", data]);
    expect(code).toBe(2);
    expect(errors).toContain(`provider-already-runs: Process ${process.pid}`);
    await server.close();
  });
});

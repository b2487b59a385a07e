import { once } from "node:events";
import { createServer, request as send, type ClientRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { anyone, app, backoff, command, context, event, query, type Abort } from "@banyan/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { abortSignalOf } from "../platform/abort-signal.ts";
import { temporaryFolder } from "../sqlite/fixture.ts";
import { serve, type Served, type ServeOptions } from "./serve.ts";

const input = z.object({ orderId: z.string() });
const Place = command("orders.place", { http: "POST /orders", input });
const Placed = event("orders.placed", { version: 1, key: "orderId", data: input });
const Track = command("orders.track", { http: "POST /tracked", input });
const GetPrice = query("orders.get-price", { http: "GET /price", input: z.object({}), output: z.unknown() });

/** An outside that takes requests and never answers; it tells of those that were given up. */
let outside: Server;
let asked: PromiseWithResolvers<void>;
let closed: PromiseWithResolvers<void>;

beforeEach(async () => {
  [asked, closed] = [Promise.withResolvers(), Promise.withResolvers()];
  outside = createServer((request) => {
    request.socket.once("close", () => closed.resolve());
    asked.resolve();
  });
  outside.listen(0, "127.0.0.1");
  await once(outside, "listening");
});

afterEach(async () => {
  outside.close();
  outside.closeAllConnections();
});

/** Three ways to wait for the outside: in `before` of a command, in a query, in `before` of a subscription. */
function application(reasons: unknown[]) {
  const hang = async ({ abort }: { readonly abort: Abort }): Promise<unknown> => {
    const { port } = outside.address() as AddressInfo;
    abort.onAbort(() => reasons.push((abort.reason as { code?: string }).code));
    const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: abortSignalOf(abort) });
    return answer.text();
  };
  const orders = context("orders", { contract: { Place, Placed, Track, GetPrice } });
  orders.handle(Place, { allow: anyone(), before: (_, tools) => hang(tools) }, () => {});
  orders.handle(Track, { allow: anyone() }, (data, { emit }) => emit(Placed, data));
  orders.answer(GetPrice, { allow: anyone() }, async (_, tools) => {
    // a view that is open when the query is given up
    await tools.read.execute("SELECT 1");
    return hang(tools);
  });
  const retry = backoff("1h", "1h", 2);
  orders.on(Placed, { name: "track", from: "start", retry, before: (_, tools) => hang(tools) }, () => {});
  return app({ contexts: [orders] });
}

async function served(
  limits: ServeOptions["limits"],
  work: (served: Served, reasons: unknown[]) => Promise<void>,
): Promise<void> {
  using folder = temporaryFolder();
  const reasons: unknown[] = [];
  const quiet = { mode: "dev", data: folder.path, env: {}, faults: false, port: 0, write: () => {} } as const;
  const running = await serve(application(reasons), { ...quiet, limits: limits ?? {} });
  await work(running, reasons).finally(() => running.stop());
}

function post({ url }: Served, path: string): Promise<Response> {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: '{"orderId":"1"}' };
  return fetch(`${url}${path}`, init);
}

const outcomeOf = async (response: Response): Promise<unknown> => [
  response.status,
  ((await response.json()) as { code: string }).code,
];

test("at the limit of `before` what hangs is ended, its socket closed", () =>
  served({ beforeLimitMs: 100 }, async (running, reasons) => {
    expect(await outcomeOf(await post(running, "/orders"))).toEqual([503, "before-timeout"]);
    await closed.promise;
    expect(reasons).toEqual(["before-timeout"]);
  }));

test("in a subscription too", () =>
  served({ beforeLimitMs: 100 }, async (running, reasons) => {
    expect((await post(running, "/tracked")).status).toBe(204);
    await closed.promise;
    expect(reasons).toEqual(["before-timeout"]);
  }));

test.each([
  ["a query", "GET", "/price"],
  ["`before` of a command", "POST", "/orders"],
])("when the client goes away %s is ended", (_, method, path) =>
  served({}, async ({ port }, reasons) => {
    const headers = method === "POST" ? { "content-type": "application/json" } : {};
    const client: ClientRequest = send({ host: "127.0.0.1", port, method, path, headers, agent: false });
    client.on("error", () => {});
    client.end(method === "POST" ? '{"orderId":"1"}' : undefined);
    await asked.promise;
    client.destroy();
    await closed.promise;
    expect(reasons).toEqual(["caller-gone"]);
  }),
);

test("a request of the web platform that is aborted is a client that went away", () =>
  served({}, async (running, reasons) => {
    const client = new AbortController();
    const answer = running.fetch(
      new Request("http://localhost/price", { headers: { host: "localhost" }, signal: client.signal }),
    );
    await asked.promise;
    client.abort();
    await closed.promise;
    expect([await outcomeOf(await answer), reasons]).toEqual([[503, "caller-gone"], ["caller-gone"]]);
  }));

test("a stop that has waited long enough ends it, and whoever asked is told", () =>
  served({ finishMs: 50, drainMs: 50 }, async (running, reasons) => {
    const answer = fetch(`${running.url}/price`);
    await asked.promise;
    const stopped = running.stop();
    expect(await outcomeOf(await answer)).toEqual([503, "draining"]);
    await closed.promise;
    await stopped;
    expect(reasons).toEqual(["draining"]);
  }));

import type { IncomingMessage, ServerResponse } from "node:http";
import { anyone, app, command, context, query } from "@banyan/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { Edge } from "./edge.ts";
import { DEFAULT_HTTP_LIMITS } from "./limits.ts";

const Touch = command("a.touch", { http: "POST /touch/:id", input: z.object({ id: z.string() }) });
const Look = query("a.look", { http: "GET /look", input: z.object({}), output: z.null() });
const a = context("a", { contract: { Touch, Look } });
a.handle(Touch, { allow: anyone() }, () => {});
a.answer(Look, { allow: anyone() }, () => null);

const PAGE = "https://app.example.test";

function edgeWith({ commands = 1, hosts = "any" as "any" | "loopback" } = {}): Edge {
  const http = { cors: { origins: [PAGE] }, tls: "in-front" } as const;
  return new Edge({
    app: app({ contexts: [a], http }),
    auth: [],
    runtime: {
      status: {} as never,
      delivery: {} as never,
      load: { commands, turnMs: 0 },
      execute: () => Promise.reject(new Error("nothing is executed here")),
    },
    ops: {} as never,
    settings: {},
    data: "",
    token: undefined,
    hosts,
    base: "/api",
    limits: DEFAULT_HTTP_LIMITS,
    log: {} as never,
    words: false,
  });
}

interface Coming {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Record<string, string>;
}

/** The status of what is refused at once, or undefined. */
function refused(edge: Edge, { method = "POST", url = "/api/touch/1", headers = {} }: Coming = {}) {
  const answer = edge.refusal({ method, url, headers: { host: "127.0.0.1", ...headers } } as IncomingMessage);
  let given: { status: number; headers: Record<string, string>; body: string } | undefined;
  const end = (body: string): void => void (given = { ...(given as NonNullable<typeof given>), body });
  const writeHead = (status: number, flat: string[]): object => {
    const pairs = Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at], flat[2 * at + 1]]);
    given = { status, headers: Object.fromEntries(pairs) as Record<string, string>, body: "" };
    return { end };
  };
  answer?.give({ writeHead } as unknown as ServerResponse);
  edge.close();
  return given;
}

test("what is refused unread is answered as it would be after it was read", async () => {
  const edge = edgeWith();
  const request = new Request("http://127.0.0.1/api/touch/1", { method: "POST", body: "{}" });
  const answer = await edge.fetch(request);
  const body = await answer.text();
  const headers = { ...Object.fromEntries(answer.headers), "content-length": String(body.length) };
  expect(refused(edge)).toEqual({ status: 503, headers, body });
  expect(headers).toMatchObject({ "retry-after": "1", vary: "origin" });
});

test("commands, and batches of them, are refused unread as long as the line is too long", () => {
  expect(refused(edgeWith())?.status).toBe(503);
  expect(refused(edgeWith(), { url: "/api/touch/1?x=y" })?.status).toBe(503);
  expect(refused(edgeWith(), { url: "/api/_banyan/commands" })?.status).toBe(503);
  expect(refused(edgeWith({ commands: 0.99 }))).toBeUndefined();
});

test.each<[string, Coming]>([
  ["a query", { method: "GET", url: "/api/look" }],
  ["health", { method: "GET", url: "/api/_banyan/health/ready" }],
  ["an operator", { url: "/api/_banyan/ops/pause" }],
  ["a path that does not exist", { url: "/api/nowhere" }],
  ["what is not below the base", { url: "/touch/1" }],
  ["a page of a browser", { headers: { origin: PAGE } }],
  ["a large body", { headers: { "content-length": "65537" } }],
  ["a body of unknown length", { headers: { "transfer-encoding": "chunked" } }],
])("%s is not", (name, coming) => {
  expect({ [name]: refused(edgeWith(), coming) }).toEqual({ [name]: undefined });
});

test("nor is who calls this machine by another name, where it must be called by its own", () => {
  expect(refused(edgeWith({ hosts: "loopback" }))?.status).toBe(503);
  expect(refused(edgeWith({ hosts: "loopback" }), { headers: { host: "evil.test" } })).toBeUndefined();
});

import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { anyone, roles } from "banyan";
import { expect, test } from "vitest";
import { Book, Bookings } from "./ledger/contract.ts";
import { bodyOf, headOf, type ServedApp } from "./served-app.ts";
import { problemOf, served } from "./served-ledger.ts";

test("a raw route gets the request as it is, knows who asks, and answers as it likes", async () => {
  await using app = await served((ledger) => {
    ledger.route("POST /echo/:name", { allow: anyone() }, async (request, { params, principal, tenant, headers }) => {
      const said = { name: params.name, query: new URL(request.url).search, body: await request.text() };
      const hidden = [request.headers.get("authorization"), headers["x-forwarded-for"]];
      return Response.json(
        { ...said, by: principal.id, tenant, hidden, type: request.headers.get("content-type") },
        { status: 201, headers: { "x-own": "1", "cache-control": "max-age=60", "transfer-encoding": "identity" } },
      );
    });
  });
  const answer = await app.fetch("/echo/a%20b?x=1", {
    method: "POST",
    headers: {
      "content-type": "text/x-odd",
      authorization: `Bearer ${app.served.token}`,
      "x-forwarded-for": "1.2.3.4",
    },
    body: "\0raw",
  });
  expect(answer.status).toBe(201);
  expect(answer.headers.get("x-own")).toBe("1");
  expect(answer.headers.get("cache-control")).toBe("max-age=60");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect(await answer.json()).toEqual({
    name: "a b",
    query: "?x=1",
    body: "\0raw",
    by: "operator",
    tenant: "default",
    hidden: [null, null],
    type: "text/x-odd",
  });
});

test("a route that is not open to somebody is not run, nor is what stands around it", async () => {
  const ran: string[] = [];
  await using app = await served((ledger) => {
    const around = [
      (request: Request, _: unknown, next: (request: Request) => Promise<Response>): Promise<Response> => (
        ran.push("around"),
        next(request)
      ),
    ];
    const body = (): Response => (ran.push("body"), new Response("seen"));
    ledger.route("GET /staff", { allow: roles("staff"), around }, body);
    ledger.route("GET /own/:who", { allow: ({ principal, params }) => principal.id === params.who, around }, body);
  });
  expect(await problemOf(await app.fetch("/staff"))).toEqual({ status: 403, code: "not-allowed" });
  expect(await problemOf(await app.fetch("/own/operator"))).toEqual({ status: 403, code: "not-allowed" });
  const wrong = await app.fetch("/staff", { headers: { authorization: "Bearer wrong" } });
  expect(await problemOf(wrong)).toEqual({ status: 401, code: "token-invalid" });
  expect(ran).toEqual([]);
  // in development the operator has every role that a policy names, those of raw routes included
  const token = { authorization: `Bearer ${app.served.token}` };
  expect(await (await app.fetch("/staff", { headers: token })).text()).toBe("seen");
  expect((await app.fetch("/own/operator", { headers: token })).status).toBe(200);
  expect(ran).toEqual(["around", "body", "around", "body"]);
});

test("functions around a body see the request before it and the answer after it, the first one outermost", async () => {
  await using app = await served((ledger) => {
    const mark =
      (name: string) =>
      async (request: Request, _: unknown, next: (request: Request) => Promise<Response>): Promise<Response> => {
        const answer = await next(
          new Request(request, { headers: { "x-way": `${request.headers.get("x-way") ?? ""}${name}` } }),
        );
        answer.headers.append("x-back", name);
        return answer;
      };
    const refusing = (): Response => new Response("closed", { status: 418 });
    ledger.route(
      "GET /way",
      { allow: anyone(), around: [mark("a"), mark("b")] },
      (request) => new Response(request.headers.get("x-way")),
    );
    ledger.route("GET /closed", { allow: anyone(), around: [refusing] }, () => new Response("open"));
  });
  const answer = await app.fetch("/way");
  expect([await answer.text(), answer.headers.get("x-back")]).toEqual(["ab", "b, a"]);
  expect((await app.fetch("/closed")).status).toBe(418);
});

test("commands and queries are called as whoever asks: their own policy decides, their refusals are told", async () => {
  await using app = await served((ledger) => {
    ledger.route("POST /book/:what", { allow: anyone() }, async (_, { call, params }) => {
      const { booking } = await call(Book, { what: params.what, cents: 5 });
      const { bookings } = await call(Bookings, {});
      return Response.json({ booking, bookings });
    });
  });
  expect(await problemOf(await app.fetch("/book/tea", { method: "POST" }))).toEqual({
    status: 403,
    code: "not-allowed",
  });
  const token = { authorization: `Bearer ${app.served.token}` };
  const ask = (what: string, headers = {}): Promise<Response> =>
    app.fetch(`/book/${what}`, { method: "POST", headers: { ...token, ...headers } });
  expect(await (await ask("tea")).json()).toEqual({
    booking: 1,
    bookings: [{ what: "tea", cents: 5, by: "operator" }],
  });
  expect(await problemOf(await ask("refused"))).toEqual({ status: 409, code: "not-this" });
  const failing = await ask("failing");
  const text = await failing.text();
  expect([failing.status, text.includes("handler-failed"), text.includes("pen")]).toEqual([500, true, false]);
  // under one key once
  const key = { "idempotency-key": "k1" };
  const both = [await ask("cake", key), await ask("cake", key)].map(
    async (one) => ((await one.json()) as { booking: number }).booking,
  );
  expect(await Promise.all(both)).toEqual([2, 2]);
});

test("a large upload goes where the route says, as it comes", async () => {
  await using app = await served((ledger) => {
    ledger.route(
      "PUT /files/:name",
      { allow: anyone(), limits: { body: "8MiB" } },
      async (request, { params, data }) => {
        await writeFile(join(data, params.name), request.body ?? []);
        return new Response(null, { status: 204 });
      },
    );
  });
  const bytes = Buffer.alloc(5 * 1024 * 1024, "abcdefg");
  expect((await app.fetch("/files/a.bin", { method: "PUT", body: bytes })).status).toBe(204);
  expect(readFileSync(join(app.folder, "a.bin")).equals(bytes)).toBe(true);
  expect((await app.fetch("/files/empty", { method: "PUT" })).status).toBe(204);
  expect(readFileSync(join(app.folder, "empty")).length).toBe(0);
  for (const name of ["..%2Fup", "a%5Cb", "a%00b", "a%0Ab"]) {
    expect(await problemOf(await app.fetch(`/files/${name}`, { method: "PUT", body: "x" }))).toEqual({
      status: 404,
      code: "route-unknown",
    });
  }
});

test("a body over its limit is 413 whatever the route makes of it, announced or not", async () => {
  const seen: unknown[] = [];
  await using app = await served((ledger) => {
    const limits = { body: "10B" };
    ledger.route("POST /read", { allow: anyone(), limits }, async (request) => new Response(await request.text()));
    ledger.route("POST /swallow", { allow: anyone(), limits }, async (request) => {
      await request.text().catch((error: unknown) => seen.push((error as { code: unknown }).code));
      return new Response("fine");
    });
  });
  expect((await app.fetch("/read", { method: "POST", body: "0123456789" })).status).toBe(200);
  const tooLarge = { status: 413, code: "body-too-large" };
  expect(await problemOf(await app.fetch("/read", { method: "POST", body: "0123456789a" }))).toEqual(tooLarge);
  for (const path of ["/read", "/swallow"]) {
    const body = new ReadableStream({
      start: (controller) => (controller.enqueue(new TextEncoder().encode("0123456789a")), controller.close()),
    });
    expect(await problemOf(await app.fetch(path, { method: "POST", body, duplex: "half" }))).toEqual(tooLarge);
  }
  expect(seen).toEqual(["body-too-large"]);
});

test("a client that goes away in the middle of its upload: the route is told, and nothing is answered as if whole", async () => {
  const outcome = Promise.withResolvers<unknown>();
  const begun = Promise.withResolvers<void>();
  await using app = await served((ledger) => {
    ledger.route("POST /slow", { allow: anyone() }, async (request) => {
      begun.resolve();
      const aborted = new Promise((resolve) => request.signal.addEventListener("abort", resolve));
      const read = await request.text().catch((error: unknown) => (error as { code: unknown }).code);
      await aborted;
      outcome.resolve([read, (request.signal.reason as { code: unknown }).code]);
      return new Response("whole");
    });
  });
  const request = app.open("POST", "/slow", { headers: { "content-length": 100 } });
  request.on("error", () => {});
  request.write("half");
  await begun.promise;
  request.destroy();
  expect(await outcome.promise).toEqual(["request-malformed", "caller-gone"]);
});

test("a body that does not come in time is 408, an answer that does not is 503, and the route is told", async () => {
  const reasons: unknown[] = [];
  await using app = await served((ledger) => {
    const limits = { time: "300ms" };
    ledger.route("POST /read", { allow: anyone(), limits }, async (request) => new Response(await request.text()));
    ledger.route("GET /never", { allow: anyone(), limits }, (request) => {
      request.signal.addEventListener("abort", () => reasons.push((request.signal.reason as { code: unknown }).code));
      return new Promise<Response>(() => {});
    });
  });
  const request = app.open("POST", "/read", { headers: { "content-length": 100 } });
  request.on("error", () => {});
  request.write("half");
  const answer = await headOf(request);
  expect([answer.statusCode, JSON.parse((await bodyOf(answer)).text)]).toMatchObject([
    408,
    { code: "request-timeout" },
  ]);
  const late = await app.fetch("/never");
  expect(late.headers.get("retry-after")).toBe("1");
  expect(await problemOf(late)).toEqual({ status: 503, code: "route-timeout" });
  expect(reasons).toEqual(["route-timeout"]);
});

test("a route may take longer than others, whose limits stay", async () => {
  await using app = await served(
    (ledger) => {
      ledger.route(
        "POST /slow",
        { allow: anyone(), limits: { time: "1m" } },
        async (request) => new Response(await request.text()),
      );
    },
    { limits: { requestMs: 400, headersMs: 300 } },
  );
  const patient = app.open("POST", "/slow", { headers: { "content-length": 8 } });
  patient.write("half");
  const other = app.open("POST", "/bookings", { headers: { "content-type": "application/json", "content-length": 8 } });
  other.on("error", () => {});
  other.write("{");
  const refused = await headOf(other);
  expect([refused.statusCode, JSON.parse((await bodyOf(refused)).text)]).toMatchObject([
    408,
    { code: "request-timeout" },
  ]);
  // by then the server's own check has had its second, too
  await passed(1_300);
  patient.end("half");
  expect((await bodyOf(await headOf(patient))).text).toBe("halfhalf");
});

test("as many at once as a route says; a place is free once the answer is sent", async () => {
  const gate = Promise.withResolvers<void>();
  const inside = Promise.withResolvers<void>();
  await using app = await served((ledger) => {
    ledger.route("GET /narrow", { allow: anyone(), limits: { concurrent: 1 } }, async () => {
      inside.resolve();
      await gate.promise;
      return new Response("through");
    });
  });
  const first = app.fetch("/narrow");
  await inside.promise;
  const second = await app.fetch("/narrow");
  expect(second.headers.get("retry-after")).toBe("1");
  expect(await problemOf(second)).toEqual({ status: 503, code: "overloaded" });
  gate.resolve();
  expect(await (await first).text()).toBe("through");
  expect(await (await app.fetch("/narrow")).text()).toBe("through");
});

test("the same through `fetch` of a mounted application", async () => {
  await using app = await served((ledger) => {
    ledger.route(
      "POST /echo",
      { allow: anyone(), limits: { body: "10B" } },
      async (request) => new Response(request.body),
    );
  });
  const ask = (body: string): Promise<Response> =>
    app.served.fetch(new Request("http://localhost/echo", { method: "POST", body, headers: { host: "localhost" } }));
  expect(await (await ask("bytes")).text()).toBe("bytes");
  await expect((await ask("more than that")).text()).rejects.toMatchObject({ code: "body-too-large" });
});

test("one connection goes on after an answer that did not wait for its body, and no byte of that is taken for a request", async () => {
  await using app = await served((ledger) => {
    ledger.route("POST /ignore", { allow: anyone() }, () => new Response("ignored"));
    ledger.route("POST /echo", { allow: anyone() }, async (request) => new Response(await request.text()));
  });
  const hidden = "GET /bookings HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(20_000);
  const head = (path: string, length: number, more = ""): string =>
    `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${length}\r\n${more}\r\n`;
  const close = "connection: close\r\n";
  const ignored = await bytes(app, head("/ignore", hidden.length) + hidden + head("/echo", 4, close) + "last");
  expect(ignored.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 200"]);
  expect(ignored).toMatch(/ignored[^]*last/);
  // more than was announced is the beginning of another request, and of none that there is
  const longer = await bytes(app, `${head("/echo", 4)}12345678`);
  expect(longer.match(/HTTP\/1\.1 \d+/g)?.at(-1)).toBe("HTTP/1.1 400");
  expect(longer).not.toContain("12345");
});

test("who reads on after the answer is told that there is no more, and never that it was all", async () => {
  const second = Promise.withResolvers<unknown>();
  await using app = await served((ledger) => {
    ledger.route("POST /early", { allow: anyone() }, async (request) => {
      const reader = request.body?.getReader();
      await reader?.read();
      void reader?.read().then(second.resolve, (error: unknown) => second.resolve((error as { code: unknown }).code));
      return new Response("early");
    });
  });
  const request = app.open("POST", "/early", { headers: { "content-length": 8 } });
  request.on("error", () => {});
  request.write("half");
  expect((await bodyOf(await headOf(request))).text).toBe("early");
  request.end("half");
  expect(await second.promise).toBe("request-malformed");
});

test("an upload that is refused at once is told so, and its connection does not stay open for the rest", async () => {
  await using app = await served((ledger) => {
    ledger.route("PUT /staff", { allow: roles("staff"), limits: { body: "1GiB" } }, () => new Response());
  });
  const request = app.open("PUT", "/staff", { headers: { "content-length": 1_000_000_000 } });
  const closed = new Promise((resolve) => request.on("error", resolve).on("close", resolve));
  request.write(Buffer.alloc(300_000));
  const answer = await headOf(request);
  expect([answer.statusCode, JSON.parse((await bodyOf(answer)).text)]).toMatchObject([403, { code: "not-allowed" }]);
  await closed;
});

/** All that comes until the server closes. */
function bytes(app: ServedApp, text: string): Promise<string> {
  const socket = app.socket();
  let received = "";
  socket.setEncoding("utf8").on("data", (piece: string) => (received += piece));
  socket.on("error", () => {}).write(text);
  return new Promise((resolve) => socket.once("close", () => resolve(received)));
}

/** For what must not have happened by then. */
function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

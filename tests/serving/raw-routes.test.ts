import { createReadStream, readFileSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import type { ClientRequest } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { anyone, roles, type Application } from "banyan";
import { expect, test } from "vitest";
import { Book, Bookings } from "./ledger/contract.ts";
import { ledgerApp, type LedgerSettings } from "./ledger/index.ts";
import { bodyOf, headOf, ServedApp } from "./served-app.ts";

type Ledger = Application<LedgerSettings>;

async function served(register: (app: Ledger) => void, options = {}): Promise<ServedApp> {
  const app = ledgerApp();
  register(app);
  return new ServedApp().start(app, options);
}

async function problemOf(answer: Response): Promise<{ readonly status: number; readonly code: unknown }> {
  const { code } = (await answer.json()) as { readonly code: unknown };
  return { status: answer.status, code };
}

/** Text of which each piece is told when it is taken, and a promise of its end. */
function endless(): {
  readonly stream: ReadableStream<Uint8Array>;
  taken: number;
  readonly cancelled: Promise<unknown>;
} {
  const cancelled = Promise.withResolvers<unknown>();
  const piece = new Uint8Array(64 * 1024);
  const source = {
    taken: 0,
    cancelled: cancelled.promise,
    stream: new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          source.taken++;
          controller.enqueue(piece);
        },
        cancel: (reason) => cancelled.resolve(reason),
      },
      { highWaterMark: 0 },
    ),
  };
  return source;
}

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

test("a download is read as fast as the client takes it, and its source is told when the client is gone", async () => {
  const source = endless();
  await using app = await served((ledger) => {
    ledger.route("GET /endless", { allow: anyone() }, () => new Response(source.stream));
  });
  const answer = await headOf(app.open("GET", "/endless").end());
  answer.pause();
  let before = -1;
  while (before !== source.taken) {
    before = source.taken;
    await passed(200);
  }
  // what sockets and buffers hold, and no more: the source would go on for ever
  expect(source.taken * 64).toBeLessThan(16 * 1024);
  answer.destroy();
  expect(await source.cancelled).toBeDefined();
  expect(app.lines.filter((line) => line.includes("cut off"))).toEqual([]);
});

test("an answer that breaks off is cut, and never looks whole", async () => {
  const broken = (): ReadableStream<Uint8Array> => {
    let pieces = 0;
    return new ReadableStream({
      pull: (controller) => {
        if (pieces++ === 2) throw new Error("the disk is gone, and so is secret-word");
        controller.enqueue(Buffer.from("some bytes"));
      },
    });
  };
  await using app = await served((ledger) => {
    ledger.route("GET /broken", { allow: anyone() }, () => new Response(broken()));
    ledger.route("GET /short", { allow: anyone() }, () => new Response("four", { headers: { "content-length": "9" } }));
    ledger.route("GET /long", { allow: anyone() }, () => new Response("four", { headers: { "content-length": "3" } }));
    ledger.route("GET /late", { allow: anyone(), limits: { time: "200ms" } }, () => {
      const stream = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from("a")) });
      return new Response(stream);
    });
  });
  for (const path of ["/broken", "/short", "/long", "/late"]) {
    const { text, whole } = await whatCame(app.open("GET", path).end());
    expect([path, whole, text.includes("secret-word")]).toEqual([path, false, false]);
  }
  const cut = app.lines.filter((line) => line.includes("answer cut off"));
  expect(cut).toHaveLength(4);
  // an old client that knows no chunks has the end of the connection alone to go by
  const socket = app.socket();
  const ended: string[] = [];
  socket.on("error", (error: NodeJS.ErrnoException) => ended.push(error.code ?? "")).on("end", () => ended.push("end"));
  socket.resume().write("GET /broken HTTP/1.0\r\nhost: localhost\r\n\r\n");
  await new Promise((resolve) => socket.once("close", resolve));
  expect(ended).toEqual(["ECONNRESET"]);
});

test("what is no answer, and what would inject headers, is a failure with a code", async () => {
  await using app = await served((ledger) => {
    ledger.route("GET /none", { allow: anyone() }, () => "text" as never);
    ledger.route("GET /used", { allow: anyone() }, async () => {
      const answer = new Response("x");
      await answer.text();
      return answer;
    });
    ledger.route("GET /inject", { allow: anyone() }, (request) => {
      const wanted = new URL(request.url).searchParams.get("to") ?? "";
      return new Response("x", { headers: { location: wanted } });
    });
    ledger.route(
      "GET /hop",
      { allow: anyone() },
      () => new Response("x", { headers: { connection: "upgrade", upgrade: "h2c", "set-cookie": "a=1" } }),
    );
    ledger.route("GET /length", { allow: anyone() }, () => new Response(null, { headers: { "content-length": "5" } }));
  });
  expect(await problemOf(await app.fetch("/none"))).toEqual({ status: 500, code: "output-invalid" });
  expect(await problemOf(await app.fetch("/used"))).toEqual({ status: 500, code: "output-invalid" });
  expect(await problemOf(await app.fetch("/inject?to=a%0D%0Aset-cookie%3A%20evil"))).toEqual({
    status: 500,
    code: "handler-failed",
  });
  const hop = await app.fetch("/hop");
  expect([hop.headers.get("upgrade"), hop.headers.getSetCookie(), await hop.text()]).toEqual([null, ["a=1"], "x"]);
  const empty = await app.fetch("/length");
  expect([empty.status, await empty.text()]).toEqual([200, ""]);
});

test("HEAD is answered without a body, whose source is told; a GET brings none", async () => {
  const source = endless();
  await using app = await served((ledger) => {
    ledger.route(
      "GET /file",
      { allow: anyone() },
      () => new Response(source.stream, { headers: { "content-length": "7" } }),
    );
  });
  const answer = await app.fetch("/file", { method: "HEAD" });
  expect([answer.status, answer.headers.get("content-length")]).toEqual([200, "7"]);
  await source.cancelled;
  const request = app.open("GET", "/file", { headers: { "content-length": 1 } });
  request.end("x");
  expect((await headOf(request)).statusCode).toBe(400);
  const other = await app.fetch("/file", { method: "DELETE" });
  expect([other.headers.get("allow"), await problemOf(other)]).toEqual([
    "GET, HEAD",
    { status: 405, code: "method-not-allowed" },
  ]);
});

test("a stop waits for answers that are under way, and lets nothing new in", async () => {
  const gate = Promise.withResolvers<void>();
  let pieces = 0;
  const app = await served((ledger) => {
    ledger.route("GET /slowly", { allow: anyone() }, () => {
      const stream = new ReadableStream({
        pull: async (controller) => {
          if (pieces++ > 0) await gate.promise;
          controller.enqueue(Buffer.from("piece"));
          if (pieces === 2) controller.close();
        },
      });
      return new Response(stream);
    });
  });
  const answer = await headOf(app.open("GET", "/slowly").end());
  const stopping = app.served.stop();
  const ended: string[] = [];
  void stopping.then(() => ended.push("stopped"));
  await passed(100);
  expect(ended).toEqual([]);
  gate.resolve();
  expect(await bodyOf(answer)).toEqual({ text: "piecepiece", whole: true });
  await stopping;
  await app[Symbol.asyncDispose]();
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

test("a file is sent from where it lies", async () => {
  await using app = await served((ledger) => {
    ledger.route("GET /files/:name", { allow: anyone() }, (_, { params, data }) => {
      const file = createReadStream(join(data, params.name));
      return new Response(Readable.toWeb(file) as ReadableStream<Uint8Array>, {
        headers: { "content-type": "application/octet-stream" },
      });
    });
  });
  const bytes = Buffer.alloc(3 * 1024 * 1024, "xyz");
  writeFileSync(join(app.folder, "b.bin"), bytes);
  const answer = await app.fetch("/files/b.bin");
  expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
});

/** For what must not have happened by then. */
function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What came of an answer until it ended, in whichever way. */
async function whatCame(request: ClientRequest): Promise<{ readonly text: string; readonly whole: boolean }> {
  try {
    return await bodyOf(await headOf(request));
  } catch {
    return { text: "", whole: false };
  }
}

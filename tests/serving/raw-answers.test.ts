import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createReadStream, writeFileSync } from "node:fs";
import type { ClientRequest } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { anyone } from "banyan";
import { expect, test } from "vitest";
import { bodyOf, headOf } from "./served-app.ts";
import { problemOf, served } from "./served-ledger.ts";

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
  expect(
    await problemOf(await app.served.fetch(new Request("http://localhost/slowly", { headers: { host: "localhost" } }))),
  ).toEqual({
    status: 503,
    code: "draining",
  });
  const ended: string[] = [];
  void stopping.then(() => ended.push("stopped"));
  await passed(100);
  expect(ended).toEqual([]);
  gate.resolve();
  expect(await bodyOf(answer)).toEqual({ text: "piecepiece", whole: true });
  await stopping;
  await app[Symbol.asyncDispose]();
});

/** Takes what nothing refers to. */
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

test("a stop that has waited long enough tells routes that are still under way, and their clients", async () => {
  const source = endless();
  const reasons: unknown[] = [];
  const reached = Promise.withResolvers<void>();
  const app = await served(
    (ledger) => {
      ledger.route("GET /never", { allow: anyone(), limits: { time: "1h" } }, (request) => {
        request.signal.addEventListener("abort", () => reasons.push((request.signal.reason as { code: unknown }).code));
        reached.resolve();
        return new Promise<Response>(() => {});
      });
      ledger.route("GET /endless", { allow: anyone(), limits: { time: "1h" } }, () => new Response(source.stream));
    },
    { limits: { finishMs: 100 } },
  );
  const never = app.fetch("/never");
  await reached.promise;
  const answer = await headOf(app.open("GET", "/endless").end());
  const came = bodyOf(answer);
  // nobody but the function that waits knows of its request
  collectGarbage();
  await app.served.stop();
  expect(await problemOf(await never)).toEqual({ status: 503, code: "draining" });
  expect([reasons, (await came).whole]).toEqual([["draining"], false]);
  await source.cancelled;
  await app[Symbol.asyncDispose]();
});

test("an answer that comes too late is nobody's, and its source is told; its place is taken until then", async () => {
  const source = endless();
  const late = Promise.withResolvers<Response>();
  await using app = await served((ledger) => {
    ledger.route("GET /late", { allow: anyone(), limits: { time: "100ms", concurrent: 1 } }, () => late.promise);
  });
  expect(await problemOf(await app.fetch("/late"))).toEqual({ status: 503, code: "route-timeout" });
  expect(await problemOf(await app.fetch("/late"))).toEqual({ status: 503, code: "overloaded" });
  late.resolve(new Response(source.stream));
  await source.cancelled;
  // what is answered now has been read before
  expect(await problemOf(await app.fetch("/late"))).toEqual({ status: 500, code: "output-invalid" });
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

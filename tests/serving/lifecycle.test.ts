import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { Agent, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { app, memoryDisk, mount, serve } from "banyan";
import { sqlite } from "@banyan/node";
import { expect, test } from "vitest";
import { notesApp } from "./notes/index.ts";
import { ServedNotes } from "./served-notes.ts";

const READY = "/_banyan/health/ready";
const quiet = { mode: "dev", env: {}, faults: false, write: () => {} } as const;
const notes = () => notesApp({ held: async () => {}, added: () => {} });

const bodyOf = async (response: Response): Promise<Record<string, unknown>> =>
  (await response.json()) as Record<string, unknown>;

function temporary(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "banyan-lifecycle-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("a ready process says so, with counts and what it costs, and no names", async () => {
  await using served = await new ServedNotes().start();
  expect(await served.ask("GET", "/_banyan/health/live")).toMatchObject({ status: 200, body: { status: "live" } });
  const { status, body } = await served.ask("GET", READY);
  const about = {
    pid: process.pid,
    rssBytes: expect.any(Number),
    uptimeS: expect.any(Number),
    eventLoopDelayP99Ms: expect.any(Number),
    eventLoopDelayMaxMs: expect.any(Number),
  };
  expect({ status, body }).toMatchObject({
    status: 200,
    body: { status: "ready", parked: 0, dead: 0, held: 0, lag: expect.any(Number), process: about },
  });
});

test("while starting, health and operations say so", async () => {
  using data = temporary();
  const port = await freePort();
  const gate = Promise.withResolvers<object>();
  const serving = serve(app({ contexts: [], ports: () => gate.promise as Promise<{}> }), {
    ...quiet,
    data: data.path,
    port,
  });
  const ask = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`);
  await expect
    .poll(() =>
      ask("/_banyan/health/live").then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200);
  const early = await ask(READY);
  expect([early.status, (await bodyOf(early))["reasons"]]).toEqual([503, [expect.stringContaining("starting")]]);
  gate.resolve({});
  const served = await serving;
  expect((await ask(READY)).status).toBe(200);
  await served.stop();
});

test("a stop finishes what is in flight, refuses the rest, and may be asked for twice", async () => {
  await using served = await new ServedNotes().start();
  const agents = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })] as const;
  const held = served.ask("POST", "/notes/slow/hold", { agent: agents[0] });
  await served.reached("slow");
  // a request on this connection is under way when the stop comes, so that the connection lives on
  const other = served.ask("POST", "/notes/other/hold", { agent: agents[1] });
  await served.reached("other");
  const stopped = served.served.stop();
  const ready = await served.served.fetch(new Request(`http://localhost${READY}`, { headers: { host: "localhost" } }));
  expect([ready.status, (await bodyOf(ready))["reasons"]]).toEqual([503, [expect.stringContaining("draining")]]);
  const refused = await served.served.fetch(
    new Request("http://localhost/notes/count", { headers: { host: "localhost" } }),
  );
  expect([refused.status, (await bodyOf(refused))["code"]]).toEqual([503, "draining"]);
  await expect(served.ask("GET", "/notes/count")).rejects.toThrow("ECONNREFUSED");
  served.release("slow");
  served.release("other");
  const answers = await Promise.all([held, other]);
  expect(answers.map(({ status, headers }) => [status, headers.connection])).toEqual([
    [204, "close"],
    [204, "close"],
  ]);
  await stopped;
  await served.served.stop();
  expect(served.served.runtime.status.state).toBe("stopped");
});

test("a stop does not wait for ever for a request that never ends: it is given up, and told so", async () => {
  await using served = await new ServedNotes().start({ limits: { finishMs: 50, drainMs: 50 } });
  const held = served.ask("POST", "/notes/slow/hold");
  await served.reached("slow");
  await served.served.stop();
  expect(await held).toMatchObject({ status: 503, body: { code: "draining" }, headers: { connection: "close" } });
});

test("an application is mounted without a server, under the same rules", async () => {
  using data = temporary();
  const mounted = await mount(notes(), { ...quiet, mode: "start", data: data.path });
  const ask = (path: string, init?: RequestInit): Promise<Response> =>
    mounted.fetch(new Request(`https://shop.example${path}`, init));
  const post = (body: string | ReadableStream): Promise<Response> =>
    ask("/notes", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      duplex: "half",
    } as RequestInit);
  expect((await post('{"noteId":"a","text":"x"}')).status).toBe(202);
  expect(await (await ask("/notes/a")).json()).toMatchObject({ text: "x" });
  expect((await ask("/notes/a/")).status).toBe(404);
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) });
  const large = await post(endless);
  expect([large.status, (await bodyOf(large))["code"]]).toEqual([413, "body-too-large"]);
  await mounted.stop();
  await mounted.stop();
  expect((await ask("/notes/a")).status).toBe(503);
});

test("a store that cannot commit makes the process not ready, and says that it has to end", async () => {
  const disk = memoryDisk();
  const served = await serve(notes(), { ...quiet, data: "", port: 0, store: sqlite({ memory: disk }) });
  const usurper = await mount(notes(), { ...quiet, data: "", store: sqlite({ memory: disk }) });
  const body = JSON.stringify({ text: "x" });
  const post = (): Promise<Response> =>
    fetch(`${served.url}/notes`, { method: "POST", headers: { "content-type": "application/json" }, body });
  expect((await post()).status).toBe(503);
  expect(await served.failed).toEqual(expect.any(String));
  const ready = await fetch(served.url + READY);
  expect([ready.status, (await bodyOf(ready))["reasons"]]).toEqual([503, [expect.stringContaining("failed")]]);
  await served.stop();
  await usurper.stop();
});

test("the development token is kept for its owner only, set by the environment, and checked", async () => {
  using data = temporary();
  const start = (env: Record<string, string>) => serve(notes(), { ...quiet, data: data.path, port: 0, env });
  const first = await start({});
  await first.stop();
  const file = join(data.path, "dev-token");
  expect(readFileSync(file, "utf8").trim()).toBe(first.token);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const again = await start({});
  await again.stop();
  expect(again.token).toBe(first.token);
  const set = await start({ BANYAN_DEV_TOKEN: "a-token-of-my-own" });
  await set.stop();
  expect(set.token).toBe("a-token-of-my-own");
  await expect(start({ BANYAN_DEV_TOKEN: "short" })).rejects.toThrow("BANYAN_DEV_TOKEN is not one");
  writeFileSync(file, "broken token\n");
  await expect(start({})).rejects.toThrow(file);
});

test("production refuses a development token, an unknown process and a folder that cannot be made", async () => {
  using data = temporary();
  const start = (options: object) => serve(notes(), { ...quiet, mode: "start", data: data.path, port: 0, ...options });
  await expect(start({ env: { BANYAN_DEV_TOKEN: "0123456789abcdef" } })).rejects.toMatchObject({
    code: "dev-token-refused",
  });
  await expect(start({ process: "payments" })).rejects.toMatchObject({ code: "config-invalid" });
  writeFileSync(join(data.path, "file"), "");
  await expect(start({ data: join(data.path, "file", "data") })).rejects.toMatchObject({ code: "data-unusable" });
  await expect(start({ host: "192.0.2.1" })).rejects.toMatchObject({ code: "config-invalid" });
});

import { expect, test } from "vitest";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Banyan, freePort, NotesFolder } from "./command.ts";

const LISTENING = /Debugger listening on ws:\/\/(127\.0\.0\.1:\d+)\//;

const words = (folder: NotesFolder, ...more: string[]): string[] => [
  ...more,
  "--port",
  "0",
  "--data",
  join(folder.path, ".banyan"),
];

/** The command line of the process that a debugger attaches to. */
async function attached(address: string): Promise<string> {
  const socket = new WebSocket(await targetAt(address));
  const expression = "process.argv.join(' ')";
  const said = Promise.withResolvers<string>();
  socket.addEventListener("open", () =>
    socket.send(JSON.stringify({ id: 1, method: "Runtime.evaluate", params: { expression } })),
  );
  socket.addEventListener("message", ({ data }) => {
    const { result } = JSON.parse(String(data)) as { result?: { result: { value: string } } };
    if (result !== undefined) said.resolve(result.result.value);
  });
  socket.addEventListener("error", () => said.reject(new Error("no debugger")));
  try {
    return await said.promise;
  } finally {
    socket.close();
  }
}

async function targetAt(address: string): Promise<string> {
  const targets = (await (await fetch(`http://${address}/json/list`)).json()) as { webSocketDebuggerUrl: string }[];
  return targets[0]?.webSocketDebuggerUrl ?? "";
}

test("a debugger attaches to `start` on the port it is given, and on none unasked", async () => {
  using folder = new NotesFolder();
  await using banyan = new Banyan(folder.path, words(folder, "start", "--inspect=0"));
  expect(await attached(await banyan.said(LISTENING))).toContain(" start ");
  banyan.child.kill("SIGTERM");
  await banyan.ended;
  await using unasked = new Banyan(folder.path, words(folder, "start"));
  await unasked.said(/"serving"/);
  expect(unasked.err).not.toMatch(LISTENING);
});

test.each<[string, readonly string[], Readonly<Record<string, string>>]>([
  ["--inspect", ["--inspect=0"], {}],
  ["NODE_OPTIONS", [], { NODE_OPTIONS: "--inspect=0" }],
])("under `dev` it attaches to the process that runs the application, also after a restart: %s", async (...row) => {
  using folder = new NotesFolder();
  await using banyan = new Banyan(folder.path, words(folder, "dev", ...row[1]), row[2]);
  await banyan.said(/serving url=/);
  const address = /(?:[\s\S]*)ws:\/\/(127\.0\.0\.1:\d+)\//.exec(banyan.err)?.[1] ?? "";
  expect(await attached(address)).toContain(" dev --no-watch ");
  const before = banyan.printed;
  folder.edit("index.ts", (text) => `${text}\n`);
  await banyan.said(/serving url=/, before);
  expect(await attached(await banyan.said(LISTENING, before))).toContain(" dev --no-watch ");
});

test("what a handler throws is logged with the line of the file that threw it", async () => {
  using folder = new NotesFolder();
  const line = 1 + lineOf(folder, 'throw new Error("secret words")');
  await using banyan = new Banyan(folder.path, words(folder, "dev", "--no-watch", "--no-faults"));
  const url = await banyan.said(/serving url=(\S+)/);
  await fetch(`${url}/failures/throw`, { method: "POST" });
  const place = await banyan.said(/secret words\n\s+at [^\n]*\/([\w.]+:\d+):\d+/);
  expect(place).toBe(`index.ts:${line}`);
});

test("what a schema refuses of a handler is logged with the field and what to do", async () => {
  using folder = new NotesFolder();
  folder.edit("index.ts", (text) => text.replace("{ noteId: id, text, stars });", "{ noteId: id, text } as never);"));
  await using banyan = new Banyan(folder.path, words(folder, "dev", "--no-watch", "--no-faults"));
  const url = await banyan.said(/serving url=(\S+)/);
  const body = JSON.stringify({ text: "x" });
  await fetch(`${url}/notes`, { method: "POST", headers: { "content-type": "application/json" }, body });
  await banyan.said(/request failed .*code=event-invalid .*"path":"stars".*\n {2}remedy: Correct the handler/);
  expect(banyan.out).toContain(`${folder.path}/index.ts:`);
});

test("a breakpoint in a handler is hit at its line, also after a restart, on the same port, with the debugger attached", async () => {
  using folder = new NotesFolder();
  const inspect = String(await freePort());
  const handled = 'const { rows } = await read.execute("SELECT text, stars';
  await using banyan = new Banyan(folder.path, words(folder, "dev", "--no-faults", `--inspect=${inspect}`));
  let url = await banyan.said(/serving url=(\S+)/);
  for (let round = 0; round < 2; round++) {
    const line = lineOf(folder, handled);
    const paused = await pausedAt(`127.0.0.1:${inspect}`, { line, ask: () => fetch(`${url}/notes/none`) });
    expect(paused).toEqual({ place: `index.ts:${line}`, status: 404 });
    const seen = banyan.printed;
    folder.edit("index.ts", (text) => `// one line more\n${text}`);
    url = await banyan.said(/serving url=(\S+)/, seen);
  }
});

interface Paused {
  readonly place: string;
  /** Of the answer, once the handler was let go. */
  readonly status: number;
}

/** Attaches, sets a breakpoint in index.ts, asks, and says where it paused. */
async function pausedAt(
  address: string,
  { line, ask }: { line: number; ask: () => Promise<Response> },
): Promise<Paused> {
  const socket = new WebSocket(await targetAt(address));
  await new Promise((open) => socket.addEventListener("open", open));
  let ids = 0;
  const waiting = new Map<number, () => void>();
  const paused = Promise.withResolvers<string>();
  const send = (method: string, params: object = {}): Promise<void> =>
    new Promise((done) => {
      waiting.set(++ids, done);
      socket.send(JSON.stringify({ id: ids, method, params }));
    });
  const urls = new Map<string, string>();
  socket.addEventListener("message", ({ data }) => {
    const { id, method, params } = JSON.parse(String(data));
    waiting.get(id)?.();
    if (method === "Debugger.scriptParsed") urls.set(params.scriptId, params.url);
    if (method !== "Debugger.paused") return;
    const { scriptId, lineNumber } = params.callFrames[0].location;
    paused.resolve(`${urls.get(scriptId)?.split("/").at(-1)}:${lineNumber}`);
    void send("Debugger.resume");
  });
  await send("Debugger.enable");
  await send("Debugger.setBreakpointByUrl", { lineNumber: line, urlRegex: "banyan-notes-[^/]*/index\\.ts$" });
  const answer = ask();
  return { place: await paused.promise, status: (await answer).status };
}

/** Counted from 0. */
function lineOf(folder: NotesFolder, words: string): number {
  const lines = readFileSync(join(folder.path, "index.ts"), "utf8").split("\n");
  return lines.findIndex((one) => one.includes(words));
}

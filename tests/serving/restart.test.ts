import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "banyan";
import { expect, test } from "vitest";
import { Banyan, freePort, NotesFolder } from "./command.ts";
import { notesApp } from "./notes/index.ts";

const SERVING = /serving url=(\S+)/;

const dev = (folder: NotesFolder, port: number): string[] => [
  "dev",
  "--port",
  String(port),
  "--data",
  join(folder.path, ".banyan"),
  "--no-faults",
];

const rename = (folder: NotesFolder, from: string, to: string): void =>
  folder.edit("contract.ts", (text) => text.replace(`"GET /${from}"`, `"GET /${to}"`));

/** Asks until a connection is taken: between two processes the port is nobody's for a moment. */
async function taken(ask: () => Promise<Response>): Promise<Response> {
  for (;;) {
    const answer = await ask().catch((error: Error) => error);
    if (answer instanceof Response) return answer;
  }
}

test("code that does not load or register leaves the code before it answering, and the next save recovers", async () => {
  using folder = new NotesFolder();
  await using banyan = new Banyan(folder.path, dev(folder, await freePort()));
  const url = await banyan.said(SERVING);
  for (const [broken, words] of [
    ["GET reflection", /route-invalid[\s\S]*ended with 2 and the code before it still answers; a change starts/],
    ['GET /reflection", nonsense(', /config-invalid[\s\S]*ended with 2 and the code before it still answers/],
  ] as const) {
    const seen = banyan.printed;
    folder.edit("contract.ts", (text) => text.replace("GET /reflection", broken));
    await banyan.said(words, seen);
    expect((await fetch(`${url}/reflection`)).status).toBe(200);
    const again = banyan.printed;
    folder.edit("contract.ts", (text) => text.replace(broken, "GET /reflection"));
    await banyan.said(SERVING, again);
    expect((await fetch(`${url}/reflection`)).status).toBe(200);
  }
});

test("a request in flight is finished by the code it came to, and one that comes meanwhile waits for the new code", async () => {
  using folder = new NotesFolder();
  await using banyan = new Banyan(folder.path, dev(folder, await freePort()), { NOTES_HOLD_MS: "3000" });
  const url = await banyan.said(SERVING);
  const order: string[] = [];
  const held = fetch(`${url}/notes/slow/hold`, { method: "POST" }).then(({ status }) => order.push(`held ${status}`));
  rename(folder, "reflection", "mirror");
  // the new code listens, and waits for the data
  const health = (): Promise<Response> => fetch(`${url}/_banyan/health/ready`);
  while (!(await (await taken(health)).text()).includes("starting"));
  const mirror = taken(() => fetch(`${url}/mirror`)).then(({ status }) => order.push(`mirror ${status}`));
  await Promise.all([held, mirror]);
  expect(order).toEqual(["held 204", "mirror 200"]);
});

test("what was answered while files change again and again is there, whoever answered it", async () => {
  using folder = new NotesFolder();
  await using banyan = new Banyan(folder.path, dev(folder, await freePort()));
  const url = await banyan.said(SERVING);
  const answered: string[] = [];
  let busy = true;
  const statuses = new Set<number>();
  const clients = Array.from({ length: 3 }, async (_, client) => {
    for (let i = 0; busy; i++) {
      const noteId = `note-${client}-${i}`;
      const body = JSON.stringify({ noteId, text: "x" });
      const headers = { "content-type": "application/json", "idempotency-key": randomUUID() };
      const answer = await taken(() => fetch(`${url}/notes`, { method: "POST", headers, body }));
      statuses.add(answer.status);
      if (answer.status === 202) answered.push(noteId);
    }
  });
  for (let i = 0; i < 3; i++) {
    const seen = banyan.printed;
    rename(folder, i === 0 ? "reflection" : `mirror-${i - 1}`, `mirror-${i}`);
    await banyan.said(SERVING, seen);
  }
  busy = false;
  await Promise.all(clients);
  const count = await fetch(`${url}/notes/count`).then((answer) => answer.json() as Promise<{ count: number }>);
  expect(answered.length).toBeGreaterThan(0);
  expect(count.count).toBeGreaterThanOrEqual(answered.length);
  const found = await Promise.all(answered.slice(-50).map((noteId) => fetch(`${url}/notes/${noteId}`)));
  expect(found.filter(({ status }) => status !== 200)).toEqual([]);
  // 503 says `draining`: a connection that was open before; it tells to ask again
  expect([202, 503]).toEqual(expect.arrayContaining([...statuses]));
});

test("requests wait until the data is free, while health says that it starts", async () => {
  const data = mkdtempSync(join(tmpdir(), "banyan-restart-"));
  const free = Promise.withResolvers<void>();
  const app = notesApp({ held: async () => {}, added: () => {} });
  const port = await freePort();
  const options = { mode: "dev", data, env: {}, faults: false, port, write: () => {} } as const;
  const serving = serve(app, { ...options, dataFree: free.promise });
  const url = `http://127.0.0.1:${port}`;
  const health = await taken(() => fetch(`${url}/_banyan/health/ready`));
  let settled = false;
  const waiting = fetch(`${url}/reflection`).finally(() => (settled = true));
  expect([health.status, await health.json()]).toMatchObject([
    503,
    { status: "not-ready", reasons: ["starting: the store is being opened"] },
  ]);
  // a later request that does not wait has been answered, and this one has not
  expect((await fetch(`${url}/_banyan/health/live`)).status).toBe(200);
  expect(settled).toBe(false);
  free.resolve();
  expect((await waiting).status).toBe(200);
  await (await serving).stop();
  rmSync(data, { recursive: true });
});

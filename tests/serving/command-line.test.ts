import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Banyan, NotesFolder } from "./command.ts";

const URL_LINE = /serving url=(\S+)/;
const dev = (folder: NotesFolder, ...words: string[]): string[] => [
  "dev",
  "--no-watch",
  "--port",
  "0",
  "--data",
  join(folder.path, ".banyan"),
  ...words,
];

const post = (url: string, path: string, body?: object): Promise<Response> => {
  return fetch(
    url + path,
    body === undefined
      ? { method: "POST" }
      : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
  );
};

test("dev says where it serves, gives a token that works, and ends with 0 when told", async () => {
  using folder = new NotesFolder();
  await using banyan = new Banyan(folder.path, dev(folder));
  const url = await banyan.said(URL_LINE);
  const token = await banyan.said(/^development token: (\S+)$/m);
  const answer = await fetch(`${url}/notes/purge`, { method: "POST", headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(204);
  banyan.child.kill("SIGINT");
  expect(await banyan.ended).toBe(0);
  expect(banyan.err).toBe("");
});

test("a request in flight is finished after SIGTERM, nothing new is taken, and the process ends with 0", async () => {
  using folder = new NotesFolder();
  await using banyan = new Banyan(folder.path, dev(folder, "--no-faults"), { NOTES_HOLD_MS: "600" });
  const url = await banyan.said(URL_LINE);
  const held = post(url, "/notes/slow/hold");
  await expect.poll(async () => (await fetch(`${url}/_banyan/health/ready`)).status).toBe(200);
  banyan.child.kill("SIGTERM");
  await expect.poll(() => refused(Number(new URL(url).port))).toBe(true);
  expect((await held).status).toBe(204);
  expect(await banyan.ended).toBe(0);
  await using again = new Banyan(folder.path, dev(folder));
  const got = await fetch(`${await again.said(URL_LINE)}/notes/slow`);
  expect(await got.json()).toMatchObject({ text: "held" });
});

test("a second Ctrl-C does not wait", async () => {
  using folder = new NotesFolder();
  await using banyan = new Banyan(folder.path, dev(folder), { NOTES_HOLD_MS: "30000" });
  const url = await banyan.said(URL_LINE);
  const held = post(url, "/notes/slow/hold").catch((error: Error) => error);
  await fetch(`${url}/_banyan/health/live`);
  banyan.child.kill("SIGINT");
  await expect.poll(() => refused(Number(new URL(url).port))).toBe(true);
  banyan.child.kill("SIGINT");
  expect(await banyan.ended).toBe(130);
  expect(await held).toBeInstanceOf(Error);
});

test("a second process on the same data is refused by name and pid, one on the same port by its number", async () => {
  using folder = new NotesFolder();
  await using first = new Banyan(folder.path, dev(folder));
  const { port } = new URL(await first.said(URL_LINE));
  await using locked = new Banyan(folder.path, dev(folder));
  expect(await locked.ended).toBe(2);
  expect(locked.err).toMatch(new RegExp(`^banyan: data-locked: .*pid ${first.child.pid}\\b.*\n {2}remedy: `, "m"));
  await using clash = new Banyan(folder.path, [
    "dev",
    "--no-watch",
    "--port",
    port,
    "--data",
    join(folder.path, ".other"),
  ]);
  expect(await clash.ended).toBe(2);
  expect(clash.err).toMatch(/^banyan: port-in-use: Port \d+ .*\n {2}remedy: /m);
});

test("start logs JSON lines, accepts no token and refuses to have one", async () => {
  using folder = new NotesFolder();
  const words = ["start", "--port", "0", "--data", join(folder.path, ".banyan")];
  await using refusing = new Banyan(folder.path, words, { BANYAN_DEV_TOKEN: "0123456789abcdef" });
  expect(await refusing.ended).toBe(2);
  expect(refusing.err).toContain("dev-token-refused");
  await using banyan = new Banyan(folder.path, words);
  const url = await banyan.said(/"url":"([^"]+)"/);
  expect((await fetch(`${url}/reflection`, { headers: { authorization: "Bearer 0123456789abcdef" } })).status).toBe(
    401,
  );
  expect(await (await fetch(`${url}/reflection`)).json()).toMatchObject({ principal: { id: "guest" } });
  banyan.child.kill("SIGTERM");
  expect(await banyan.ended).toBe(0);
  const lines = banyan.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ msg }) => msg)).toEqual(["process ready", "serving", "process draining", "process stopped"]);
  await using named = new Banyan(folder.path, [...words, "--process", "payments"]);
  expect(await named.ended).toBe(2);
  expect(named.err).toContain('no process "payments"');
});

test("a stored subscription that the code no longer has is refused, and held by name", async () => {
  using folder = new NotesFolder();
  const words = ["start", "--port", "0", "--data", join(folder.path, ".banyan")];
  {
    await using first = new Banyan(folder.path, words);
    await first.said(/"serving"/);
  }
  folder.edit("index.ts", (text) => text.replace('name: "tell"', 'name: "tell-all"'));
  await using refused_ = new Banyan(folder.path, words);
  expect(await refused_.ended).toBe(2);
  expect(refused_.err).toMatch(/cursor-orphaned.*notes\.tell/);
  await using held = new Banyan(folder.path, [...words, "--hold", "notes.tell"]);
  const url = await held.said(/"url":"([^"]+)"/);
  expect(await (await fetch(`${url}/_banyan/health/ready`)).json()).toMatchObject({ status: "ready", held: 1 });
});

test("a stored subscription goes on under another name, and one that is forgotten is told of", async () => {
  using folder = new NotesFolder();
  const words = ["start", "--port", "0", "--data", join(folder.path, ".banyan")];
  const served = async (): Promise<string> => {
    await using banyan = new Banyan(folder.path, words);
    await banyan.said(/"serving"/);
    return banyan.out;
  };
  await served();
  const saying = (name: string, change: string): void =>
    folder.edit("index.ts", (text) =>
      text
        .replace(/name: "tell[^"]*"/, `name: "${name}"`)
        .replace(/(context\("notes", \{)( (rename|forget): [^\]}]*[\]}],)?/, `$1 ${change},`),
    );
  saying("tell-all", 'rename: { tell: "tell-all" }');
  expect(await served()).not.toMatch(/forgotten/);
  expect(await served()).not.toMatch(/forgotten/);
  saying("tell-more", 'forget: ["tell-all"]');
  expect(await served()).toMatch(/notes\.tell-all.*was forgotten, with its place and 0 parked entries/);
  expect(await served()).not.toMatch(/forgotten/);
});

test("what nobody caught is said, and ends the process with 1", async () => {
  using folder = new NotesFolder();
  folder.edit("banyan.config.ts", (text) =>
    text.replace("added: () => {}", 'added: () => void setTimeout(() => { throw new Error("stray"); })'),
  );
  await using banyan = new Banyan(folder.path, dev(folder));
  const url = await banyan.said(URL_LINE);
  await post(url, "/notes", { text: "x" }).catch(() => {});
  expect(await banyan.ended).toBe(1);
  expect(banyan.err).toMatch(/banyan: uncaught: [\s\S]*stray[\s\S]*remedy: /);
});

test("graph shows the application without touching data, check is clean, and both say what is wrong with it", async () => {
  using folder = new NotesFolder();
  await using graph = new Banyan(folder.path, ["graph"]);
  expect(await graph.ended).toBe(0);
  expect(graph.out).toMatch(/notes\.add-note +POST \/notes +anyone +ends with notes\.note-added/);
  await using data = new Banyan(folder.path, ["graph", "--json"]);
  expect(await data.ended).toBe(0);
  expect(JSON.parse(data.out)).toMatchObject({ banyan: 1, contexts: [{ name: "notes" }], edges: [{ kind: "event" }] });
  await using clean = new Banyan(folder.path, ["check"]);
  expect(await clean.ended).toBe(0);
  folder.edit("contract.ts", (text) => text.replace('"GET /reflection"', '"GET reflection"'));
  folder.edit("index.ts", (text) => text.replace('allow: roles("editor")', "before: () => {}"));
  await using refused_ = new Banyan(folder.path, ["graph"]);
  expect(await refused_.ended).toBe(2);
  expect(refused_.err).toMatch(/registration-refused[\s\S]*contract\.ts:\d+:\d+ route-invalid[\s\S]*remedy/);
  await using check = new Banyan(folder.path, ["check", "--json"]);
  expect(await check.ended).toBe(1);
  const { violations } = JSON.parse(check.out);
  expect(violations.map(({ code, file }: { code: string; file: string }) => `${file} ${code}`)).toEqual([
    "contract.ts route-invalid",
    "index.ts policy-missing",
  ]);
});

test("a config that cannot be run is said with file, line and code", async () => {
  using folder = new NotesFolder();
  folder.edit("index.ts", (text) =>
    text.replace("const notes = context(", 'throw new Error("not today");\n  const notes = context('),
  );
  await using check = new Banyan(folder.path, ["check"]);
  expect(await check.ended).toBe(2);
  expect(check.out).toMatch(/^index\.ts:\d+:\d+ not judged: config-invalid .*not today/m);
  await using graph = new Banyan(folder.path, ["graph"]);
  expect(await graph.ended).toBe(2);
  expect(graph.err).toMatch(/^banyan: config-invalid: .*index\.ts:\d+:\d+: Error: not today/m);
  folder.edit("banyan.config.ts", () => "export const nothing = 1;\n");
  await using none = new Banyan(folder.path, dev(folder));
  expect(await none.ended).toBe(2);
  expect(none.err).toContain("does not export an application by default");
});

test("dev starts again when a file changes, waits after an error, and ends with one signal", async () => {
  using folder = new NotesFolder();
  const words = ["dev", "--port", "0", "--data", join(folder.path, ".banyan"), "--no-faults"];
  await using banyan = new Banyan(folder.path, words);
  const first = await banyan.said(URL_LINE);
  expect((await fetch(`${first}/reflection`)).status).toBe(200);

  let seen = banyan.printed;
  folder.edit("contract.ts", (text) => text.replace("GET /reflection", "GET /mirror"));
  const second = await banyan.said(URL_LINE, seen);
  expect((await fetch(`${second}/mirror`)).status).toBe(200);
  expect((await fetch(`${second}/reflection`)).status).toBe(404);

  seen = banyan.printed;
  folder.edit("contract.ts", (text) => text.replace("GET /mirror", "GET mirror"));
  await banyan.said(/route-invalid[\s\S]*a change starts it again/, seen);

  seen = banyan.printed;
  folder.edit("contract.ts", (text) => text.replace("GET mirror", "GET /mirror"));
  const third = await banyan.said(URL_LINE, seen);
  expect((await fetch(`${third}/mirror`)).status).toBe(200);

  seen = banyan.printed;
  folder.edit("migrations/001-notes.sql", (text) => text.replace("text TEXT", "text  TEXT"));
  await banyan.said(/migration-changed[\s\S]*a change starts it again/, seen);
  banyan.child.kill("SIGTERM");
  expect(await banyan.ended).toBe(0);
});

test("dev --reset keeps the old database aside, and begins afresh once and not at each change of a file", async () => {
  using folder = new NotesFolder();
  const data = join(folder.path, ".banyan");
  const asides = (): string[] => readdirSync(data).filter((name) => name.startsWith("reset-"));
  const note = (url: string): Promise<Response> => fetch(`${url}/notes/first`);
  {
    await using banyan = new Banyan(folder.path, dev(folder, "--no-faults"));
    await post(await banyan.said(URL_LINE), "/notes", { noteId: "first", text: "x" });
    await using second = new Banyan(folder.path, dev(folder, "--reset"));
    expect(await second.ended).toBe(2);
    expect(second.err).toMatch(new RegExp(`data-locked: .*pid ${banyan.child.pid}\\b`));
    expect(asides()).toEqual([]);
  }
  folder.edit("migrations/001-notes.sql", (text) => text.replace("text TEXT", "text  TEXT"));
  {
    await using edited = new Banyan(folder.path, dev(folder));
    expect(await edited.ended).toBe(2);
    expect(edited.err).toMatch(/migration-changed[\s\S]*remedy: .*`banyan dev --reset`/);
  }
  await using banyan = new Banyan(folder.path, ["dev", "--port", "0", "--data", data, "--no-faults", "--reset"]);
  const aside = await banyan.said(/^banyan dev: the data so far is in (.+)$/m);
  expect(asides().map((name) => join(data, name))).toEqual([aside]);
  const first = await banyan.said(URL_LINE);
  expect((await note(first)).status).toBe(404);
  await post(first, "/notes", { noteId: "first", text: "y" });
  const seen = banyan.printed;
  folder.edit("contract.ts", (text) => text.replace("GET /reflection", "GET /mirror"));
  expect((await note(await banyan.said(URL_LINE, seen))).status).toBe(200);
  expect(asides()).toHaveLength(1);
});

test("start knows no --reset", async () => {
  using folder = new NotesFolder();
  await using banyan = new Banyan(folder.path, ["start", "--reset"]);
  expect(await banyan.ended).toBe(2);
  expect(banyan.err).toContain("option-unknown");
});

/** Seeds that add these notes. */
const seeding = (folder: NotesFolder, ...notes: string[]): void => {
  folder.edit(
    "banyan.config.ts",
    () => `import { notesApp } from "./index.ts";
      import { AddNote } from "./contract.ts";
      const app = notesApp({ held: async () => {}, added: () => {} });
      const notes = ${JSON.stringify(notes)};
      const seeds = async ({ send }) => {
        for (const noteId of notes) await send(AddNote, { noteId, text: noteId });
      };
      export default { ...app, seeds };`,
  );
};

test("dev seeds a fresh folder once, goes on after a seed that failed, and leaves them out when told", async () => {
  using folder = new NotesFolder();
  const status = async (url: string, note: string): Promise<number> => (await fetch(`${url}/notes/${note}`)).status;
  // the second of the two is refused by its primary key
  seeding(folder, "first", "first");
  {
    await using failing = new Banyan(folder.path, dev(folder));
    expect(await failing.ended).toBe(2);
    expect(failing.err).toMatch(
      /^banyan: seed-failed: Seed 2, "notes.add-note", failed: .*\n {2}remedy: .*`--reset`.*`--no-seed`/m,
    );
  }
  seeding(folder, "first", "second");
  {
    await using banyan = new Banyan(folder.path, dev(folder));
    const url = await banyan.said(URL_LINE);
    expect(banyan.out).toMatch(/ seeded$/m);
    expect([await status(url, "first"), await status(url, "second")]).toEqual([200, 200]);
    expect((await post(url, "/notes", { noteId: "second", text: "x" })).ok).toBe(false);
    expect((await fetch(`${url}/notes/second`, { method: "DELETE" })).ok).toBe(true);
  }
  {
    await using again = new Banyan(folder.path, dev(folder));
    expect(await status(await again.said(URL_LINE), "second")).toBe(404);
  }
  await using fresh = new Banyan(folder.path, dev(folder, "--reset", "--no-seed"));
  expect(await status(await fresh.said(URL_LINE), "first")).toBe(404);
});

test("start executes no seeds", async () => {
  using folder = new NotesFolder();
  seeding(folder, "first");
  await using banyan = new Banyan(folder.path, ["start", "--port", "0"]);
  const url = await banyan.said(/"url":"([^"]+)"/);
  expect((await fetch(`${url}/notes/first`)).status).toBe(404);
});

/** Whether nothing listens on the port any more. */
function refused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const settle = (outcome: boolean): void => {
      socket.destroy();
      resolve(outcome);
    };
    socket.on("connect", () => settle(false)).on("error", () => settle(true));
  });
}

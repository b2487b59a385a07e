import { existsSync, rmSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { OpsClient, socketDoor } from "@banyan/node";
import { expect, test } from "vitest";
import { Banyan, NotesFolder } from "./command.ts";
import { ServedNotes } from "./served-notes.ts";

const subscription = "notes.tell";
const PATIENT = { timeout: 10_000, interval: 50 };
const POISON = 'if (noteId === "bad") throw new Error("no ink");';

/** Notes whose key is their text; telling the note "bad" always throws, telling another prints its name. */
function poisoned(): NotesFolder {
  const folder = new NotesFolder();
  folder.edit("contract.ts", (text) => text.replace('key: "noteId"', 'key: "text"'));
  folder.edit("index.ts", (text) =>
    text
      .replace("import { accepted,", "import { backoff, accepted,")
      .replace('name: "tell",', 'name: "tell", retry: backoff("5ms", "10ms", 3),'),
  );
  folder.edit("banyan.config.ts", (text) =>
    text.replace("added: () => {}", `added: (noteId) => { ${POISON} console.log(\`told \${noteId}.\`); }`),
  );
  return folder;
}

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** One operating command, in a process of its own. */
async function events(folder: NotesFolder, ...words: string[]): Promise<Ended> {
  await using banyan = new Banyan(folder.path, ["events", ...words]);
  const code = await banyan.ended;
  return { code, out: banyan.out, err: banyan.err };
}

async function asJson(folder: NotesFolder, ...words: string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await events(folder, ...words, "--json");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as Record<string, unknown>;
}

/** Serves the folder's notes; the data is where the operating commands look by themselves. */
async function started(folder: NotesFolder): Promise<{ readonly banyan: Banyan; readonly url: string }> {
  const banyan = new Banyan(folder.path, ["start", "--port", "0"]);
  return { banyan, url: await banyan.said(/"url":"([^"]+)"/) };
}

async function add(url: string, noteId: string, text: string): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}/notes`, { method: "POST", headers, body: JSON.stringify({ noteId, text }) });
  expect(answer.status).toBe(202);
}

/** "bad" is dead, "second" and "third" wait behind it, "else" was told. */
async function addAll(folder: NotesFolder, { banyan, url }: Awaited<ReturnType<typeof started>>): Promise<void> {
  for (const noteId of ["bad", "second", "third"]) await add(url, noteId, "ink");
  await add(url, "else", "paper");
  await banyan.said(/told else\./);
  const dead = async (): Promise<unknown> => (await asJson(folder, "parked", "--state", "dead"))["parked"];
  await expect.poll(dead, PATIENT).toHaveLength(1);
}

test("a handler that always throws for one entry holds its key only; skip releases what waits, and says who did it", async () => {
  using folder = poisoned();
  const process = await started(folder);
  await using banyan = process.banyan;
  await addAll(folder, process);
  const { parked } = await asJson(folder, "parked", "--subscription", subscription);
  const failed = { code: "handler-failed", message: expect.stringContaining("no ink"), at: expect.any(Number) };
  expect(parked).toMatchObject([
    { subscription, key: "ink", position: 1, state: "dead", attempts: 3, errors: [failed, failed, failed] },
    { position: 2, state: "waiting", attempts: 0 },
    { position: 3, state: "waiting", attempts: 0 },
  ]);
  const text = await events(folder, "parked", "--key", "ink");
  expect(text.out).toMatch(/^notes\.tell {2}position 1 {2}key "ink" {2}dead after 3 attempts$/m);
  expect(text.out.match(/^ {2}\S+Z {2}handler-failed: .*no ink$/gm)).toHaveLength(3);
  expect((await events(folder, "lag")).out).toMatch(/^notes\.tell +notes +0 +0 +2 +1\b/m);

  const skip = ["skip", "--subscription", subscription, "--position", "1"];
  const empty = await events(folder, ...skip, "--why", " ");
  expect(empty).toMatchObject({ code: 2, err: expect.stringContaining("option-invalid: --why must say something") });
  expect(banyan.out).not.toContain("told second.");
  const skipped = await events(folder, ...skip, "--why", "the ink is gone", "--as", "ann");
  expect(skipped).toEqual({ code: 0, out: "skipped notes.tell position 1\n", err: "" });
  await banyan.said(/told second\.[\s\S]*told third\./);
  expect(banyan.out).not.toContain("told bad.");
  await expect.poll(async () => (await asJson(folder, "parked"))["parked"], PATIENT).toEqual([]);
  const again = await events(folder, ...skip, "--why", "twice");
  expect(again).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^banyan: parked-unknown: .+\n {2}remedy: .+\n$/),
  });
  expect(await new OpsClient(socketDoor(join(folder.path, ".banyan"))).audit()).toMatchObject([
    { operator: "ann", why: "the ink is gone", action: "skip", subject: { subscription, position: 1, key: "ink" } },
  ]);
});

test("after the fix, redrive tells everything of the key in order", async () => {
  using folder = poisoned();
  {
    const process = await started(folder);
    await using _ = process.banyan;
    await addAll(folder, process);
  }
  folder.edit("banyan.config.ts", (text) => text.replace(POISON, ""));
  const { banyan } = await started(folder);
  await using _ = banyan;
  const redriven = await events(folder, "redrive", "--subscription", subscription, "--why", "new ink");
  expect(redriven).toEqual({ code: 0, out: "redriven: 1 key of notes.tell\n", err: "" });
  await expect.poll(async () => (await events(folder, "parked")).out).toBe("nothing is parked\n");
  const again = await events(folder, "redrive", "--subscription", subscription, "--why", "to be sure");
  expect(again).toEqual({ code: 0, out: "nothing is parked for notes.tell\n", err: "" });
  await banyan.said(/told bad\.[\s\S]*told second\.[\s\S]*told third\./);
  expect(await new OpsClient(socketDoor(join(folder.path, ".banyan"))).audit()).toMatchObject([
    { operator: userInfo().username, why: "new ink", action: "redrive", subject: { subscription, key: "ink" } },
  ]);
});

test("the socket is for its owner alone; what a killed process left is named as such and replaced by the next start", async () => {
  using folder = poisoned();
  const socket = join(folder.path, ".banyan", "banyan.sock");
  {
    const process = await started(folder);
    await using banyan = process.banyan;
    await addAll(folder, process);
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    banyan.child.kill("SIGKILL");
    await banyan.ended;
  }
  expect(statSync(socket).isSocket()).toBe(true);
  expect(await asJson(folder, "lag")).toMatchObject({ running: false, subscriptions: [{ parked: { dead: 1 } }] });
  const { banyan } = await started(folder);
  await using _ = banyan;
  expect(statSync(socket).mode & 0o777).toBe(0o600);
  expect(await asJson(folder, "lag")).toMatchObject({
    subscriptions: [{ subscription, parked: { dead: 1, waiting: 2 } }],
  });
  banyan.child.kill("SIGTERM");
  expect(await banyan.ended).toBe(0);
  expect(statSync(socket, { throwIfNoEntry: false })).toBeUndefined();
});

test(
  "where no process runs the commands own the data themselves, change it the same way, and deliver nothing",
  { timeout: 60_000 },
  async () => {
    using folder = poisoned();
    {
      const process = await started(folder);
      await using _ = process.banyan;
      await addAll(folder, process);
      const { running, subscriptions } = await asJson(folder, "lag");
      expect({ running, subscriptions }).toMatchObject({ running: true, subscriptions: [{ parked: { dead: 1 } }] });
    }
    // neither the code nor its migrations are asked
    folder.edit("banyan.config.ts", (text) => `throw new Error("not to be run");\n${text}`);
    expect((await events(folder, "lag")).out).toMatch(
      /^no process runs on this data[^]+^notes\.tell +notes +0 +0 +2 +1\b/m,
    );
    const before = (await asJson(folder, "parked"))["parked"] as {
      position: number;
      state: string;
      attempts: number;
    }[];
    expect(before.map(({ position, state, attempts }) => [position, state, attempts])).toEqual([
      [1, "dead", 3],
      [2, "waiting", 0],
      [3, "waiting", 0],
    ]);
    const on = ["--subscription", subscription, "--as", "ann"];
    const redriven = await events(folder, "redrive", ...on, "--why", "new ink");
    expect(redriven.out).toBe("redriven: 1 key of notes.tell, to be tried when a process starts\n");
    expect((await asJson(folder, "skip", ...on, "--position", "2", "--why", "torn"))["skipped"]).toMatchObject({
      state: "waiting",
    });
    expect((await asJson(folder, "parked"))["parked"]).toMatchObject([
      { position: 1, state: "retrying", attempts: 0, due: 0, errors: [{}, {}, {}] },
      { position: 3, state: "waiting" },
    ]);
    const audit = await events(folder, "audit");
    expect(audit.out).toMatch(/skip by ann: torn\n.*position 2, key "ink"\n\n.*redrive by ann: new ink\n/);
    expect(await events(folder, "skip", ...on, "--position", "2", "--why", "twice")).toMatchObject({
      code: 2,
      err: expect.stringContaining("parked-unknown"),
    });

    folder.edit("banyan.config.ts", (text) => text.replace(/^throw .*\n/, "").replace(POISON, ""));
    const { banyan } = await started(folder);
    await using _ = banyan;
    await banyan.said(/told bad\.[\s\S]*told third\./);
    expect(banyan.out).not.toContain("told second.");
  },
);

test("a process that owns the data and does not answer is named, and left alone", async () => {
  using folder = poisoned();
  const { banyan } = await started(folder);
  await using _ = banyan;
  const socket = join(folder.path, ".banyan", "banyan.sock");
  rmSync(socket);
  const refused = await events(folder, "redrive", "--subscription", subscription, "--why", "x");
  expect(refused).toMatchObject({ code: 2, out: "" });
  expect(refused.err).toMatch(
    new RegExp(`^banyan: ops-unreachable: .*pid ${banyan.child.pid}\\b.*no such socket\\.\n {2}remedy: Ask again once`),
  );
  expect(await events(folder, "lag", "--data", "none")).toMatchObject({
    code: 2,
    err: expect.stringMatching(/ops-unreachable.*none has no data/),
  });
  expect(existsSync(join(folder.path, "none"))).toBe(false);
});

test("a process that stops answers its operator until what is in flight has ended", async () => {
  await using notes = await new ServedNotes().start();
  const client = new OpsClient(socketDoor(notes.folder));
  const held = notes.ask("POST", "/notes/slow/hold");
  await notes.reached("slow");
  const stopped = notes.served.stop();
  expect(await client.subscriptions()).toMatchObject([{ subscription }]);
  notes.release("slow");
  expect((await held).status).toBe(204);
  await stopped;
  await expect(client.subscriptions()).rejects.toMatchObject({ code: "ops-unreachable" });
});

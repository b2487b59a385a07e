import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { Banyan, NotesFolder } from "./command.ts";

const SEEN = `
  notes.on(
    contract.NoteAdded,
    {
      name: "see",
      from: "start",
      rebuild: {
        clear: async (tx) => {
          await tx.execute("DELETE FROM notes_seen");
          console.log("clearing.");
        },
      },
    },
    async ({ key, position }, { tx }) => {
      await tx.execute("INSERT INTO notes_seen (key, position) VALUES (?, ?)", [key, position]);
      if (position % 40 === 0) console.log(\`seen \${position}.\`);
    },
  );

  return app(`;
const NOTES = 240;
const KEYS = 7;

/** Notes of a few keys, and a projection of them that has a row for each entry. */
function projected(): NotesFolder {
  const folder = new NotesFolder();
  folder.edit("contract.ts", (text) => text.replace('key: "noteId"', 'key: "text"'));
  folder.edit("index.ts", (text) => text.replace("\n  return app(", SEEN));
  writeFileSync(
    join(folder.path, "migrations", "002-seen.sql"),
    "CREATE TABLE notes_seen (n INTEGER PRIMARY KEY, key TEXT NOT NULL, position INTEGER NOT NULL) STRICT;\n",
  );
  return folder;
}

async function started(folder: NotesFolder): Promise<{ readonly banyan: Banyan; readonly url: string }> {
  const banyan = new Banyan(folder.path, ["start", "--port", "0"]);
  return { banyan, url: await banyan.said(/"url":"([^"]+)"/) };
}

async function add(url: string, from: number, to: number): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answers = Array.from({ length: to - from }, (_, i) => {
    const note = { noteId: `note-${from + i}`, text: `key-${(from + i) % KEYS}` };
    return fetch(`${url}/notes`, { method: "POST", headers, body: JSON.stringify(note) });
  });
  for (const { status } of await Promise.all(answers)) expect(status).toBe(202);
}

function replay(folder: NotesFolder): Banyan {
  return new Banyan(folder.path, ["events", "replay", "--subscription", "notes.see", "--why", "a test", "--as", "ann"]);
}

/** The rows of the projection, once the process that owned it has ended. */
function rows(folder: NotesFolder): readonly { readonly key: string; readonly position: number }[] {
  const db = new DatabaseSync(join(folder.path, ".banyan", "banyan.db"), { readOnly: true });
  const all = db.prepare("SELECT key, position FROM notes_seen ORDER BY n").all();
  db.close();
  return all.map(({ key, position }) => ({ key: String(key), position: Number(position) }));
}

async function lag(folder: NotesFolder): Promise<number> {
  await using banyan = new Banyan(folder.path, ["events", "lag", "--json"]);
  await banyan.ended;
  const { subscriptions } = JSON.parse(banyan.out) as {
    subscriptions: { subscription: string; behind: number; inFlight: number }[];
  };
  const see = subscriptions.find(({ subscription }) => subscription === "notes.see");
  return (see?.behind ?? Number.NaN) + (see?.inFlight ?? Number.NaN);
}

/** One effect for each entry of the log, in order within each key. */
function assertOnceInOrder(folder: NotesFolder, entries: number): void {
  const found = rows(folder);
  expect(found.map(({ position }) => position).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: entries }, (_, i) => i + 1),
  );
  for (let key = 0; key < KEYS; key++) {
    const positions = found.filter((row) => row.key === `key-${key}`).map(({ position }) => position);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  }
}

test(
  "a process that is killed anywhere in a replay leaves the old effects or the new ones, and goes on from there",
  { timeout: 120_000 },
  async () => {
    using folder = projected();
    const first = await started(folder);
    await add(first.url, 0, NOTES);
    await first.banyan.said(new RegExp(`seen ${NOTES}\\.`));
    first.banyan.child.kill("SIGKILL");
    await first.banyan.ended;
    for (const moment of [/clearing\./, /clearing\./, /seen 40\./, /seen 120\./, /seen 200\./]) {
      const { banyan } = await started(folder);
      const from = banyan.printed;
      const replaying = replay(folder);
      await banyan.said(moment, from);
      banyan.child.kill("SIGKILL");
      await Promise.all([banyan.ended, replaying.ended]);
      const found = rows(folder);
      const distinct = new Set(found.map(({ position }) => position));
      expect(found, "no effect is there twice").toHaveLength(distinct.size);
    }
    const { banyan, url } = await started(folder);
    const replaying = replay(folder);
    await add(url, NOTES, NOTES + 60);
    expect(await replaying.ended).toBe(0);
    await expect.poll(() => lag(folder), { timeout: 20_000, interval: 100 }).toBe(0);
    banyan.child.kill("SIGTERM");
    expect(await banyan.ended).toBe(0);
    assertOnceInOrder(folder, NOTES + 60);
  },
);

test("tail follows the log until Ctrl-C, and says so when the process goes away", { timeout: 60_000 }, async () => {
  using folder = projected();
  const { banyan, url } = await started(folder);
  await add(url, 0, 3);
  const following = new Banyan(folder.path, ["events", "tail", "--json", "--from", "start"]);
  await following.said(/"position":3/);
  await add(url, 3, 5);
  await following.said(/"position":5/);
  const another = new Banyan(folder.path, ["events", "tail", "--key", "key-5"]);
  await add(url, 5, 6);
  await following.said(/"position":6/);
  following.child.kill("SIGINT");
  expect(await following.ended).toBe(0);
  expect(following.err).toBe("");
  const lines = following.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { position: number });
  expect(lines.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6]);

  // it begins with what comes, whenever it has begun
  let next = 5;
  const shown = (): Promise<string> => add(url, (next += KEYS), next + 1).then(() => another.out);
  await expect.poll(shown, { timeout: 20_000, interval: 100 }).toContain('key "key-5"');
  banyan.child.kill("SIGKILL");
  expect(await another.ended).toBe(2);
  expect(another.err).toMatch(/^banyan: ops-unreachable: No process answers on .+\n {2}remedy: .+\n$/);
});

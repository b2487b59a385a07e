import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { restoreBackup } from "@banyan/node";
import { isBanyanError } from "banyan";
import { expect, test } from "vitest";
import { dice } from "./dice.ts";
import { TillFolder } from "./till-child.ts";
import type { Trouble } from "./till.ts";
import { MountedTill, type Sold } from "./till-mounted.ts";

const PATIENT = { timeout: 10_000, interval: 20 };

/** A sale of each number, on the till that is called as it is. */
const sales = (...ns: readonly number[]): Sold[] => ns.map((n) => ({ till: n % 2 === 0 ? "even" : "odd", n }));

/** The sale of this number is dead at once. */
const notYet = (n: number): Trouble => ({
  tries: 1,
  booked: ({ sale }) => {
    if (sale.n === n) throw new Error("not yet");
  },
});

/** Why a start is refused. */
const refusal = (folder: TillFolder): Promise<unknown> =>
  MountedTill.started(folder).then(
    (till) => till.stop().then(() => "it started"),
    (error: unknown) =>
      isBanyanError(error) ? { code: error.code, message: error.message, remedy: error.remedy } : error,
  );

/** Another process that has the database open in a transaction that writes, as a shell on it may, until it is released. */
async function shellWith(file: string): Promise<{ release: () => Promise<void> }> {
  const program = `const db = new (require("node:sqlite").DatabaseSync)(${JSON.stringify(file)}, { timeout: 5000 });
    db.exec("BEGIN IMMEDIATE"); console.log("held"); process.stdin.on("end", () => { db.exec("ROLLBACK"); db.close(); }).resume();`;
  return running(program);
}

/** A process that says when it is at it, and ends when it is told to. */
async function running(program: string): Promise<{ release: () => Promise<void> }> {
  const child = spawn(process.execPath, ["-e", program], { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return {
    release: async () => {
      child.stdin.end();
      await once(child, "exit");
    },
  };
}

test("while another process writes to the database commands are told to ask again, reads go on, and nothing is held against an entry", async () => {
  using folder = new TillFolder();
  let shell: Awaited<ReturnType<typeof shellWith>> | undefined;
  const till = await MountedTill.started(folder, {
    trouble: {
      before: async ({ n }) => {
        if (n === 3) shell ??= await shellWith(folder.database);
      },
    },
  });
  expect((await till.sell(...sales(1, 2, 3, 5))).status).toBe(204);
  await expect.poll(() => shell, PATIENT).toBeDefined();
  const refused = await till.sell(...sales(4));
  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).not.toBeNull();
  expect(await refused.json()).toMatchObject({ code: "commit-failed" });
  expect((await till.get("/booked")).status).toBe(200);
  expect(till.runtime.status).toMatchObject({ state: "ready", parked: 0 });
  await shell?.release();
  await till.quiet();
  expect((await till.sell(...sales(4))).status).toBe(204);
  await till.quiet();
  expect(till.runtime.status).toMatchObject({ parked: 0 });
  await till.stop();
  expect(folder.booked().toSorted()).toEqual(["1 odd 1", "2 even 2", "3 odd 3", "4 odd 5", "5 even 4"]);
});

/** Another process that takes the lock again and again, each time for a few milliseconds, until it is released. */
async function stormOn(file: string, seed: number): Promise<{ release: () => Promise<void> }> {
  const random = dice(seed);
  const waits = Array.from({ length: 400 }, () => [1 + random(12), 1 + random(6)]);
  const program = `const { DatabaseSync } = require("node:sqlite"), { setTimeout: pause } = require("node:timers/promises");
    const db = new DatabaseSync(${JSON.stringify(file)}, { timeout: 5000 });
    let over = false; process.stdin.on("end", () => (over = true)).resume();
    (async () => {
      for (let i = 0; !over; i++) {
        const [held, free] = ${JSON.stringify(waits)}[i % ${waits.length}];
        db.exec("BEGIN IMMEDIATE"); if (i === 0) console.log("held"); await pause(held); db.exec("ROLLBACK"); await pause(free);
      }
      db.close();
    })();`;
  return running(program);
}

test.each([1, 2])(
  "while another process takes and leaves the lock without end, commands get through, and afterwards every delivery has, once (seed %i)",
  { timeout: 60_000 },
  async (seed) => {
    using folder = new TillFolder();
    await using till = await MountedTill.started(folder);
    const storm = await stormOn(folder.database, seed);
    let refused = 0;
    for (let n = 0; n < 40; n++) {
      for (;;) {
        const { status } = await till.sell(...sales(n));
        if (status === 204) break;
        expect(status).toBe(503);
        refused++;
      }
    }
    // how much of the deliveries gets through beside it is luck; afterwards all of them do
    await storm.release();
    await till.quiet();
    await till.stop();
    expect(refused).toBe(0);
    const ns = (name: string): number[] =>
      folder
        .booked()
        .filter((row) => row.includes(name))
        .map((row) => Number(row.split(" ")[2]));
    const expected = (from: number): number[] => Array.from({ length: 20 }, (_, i) => from + 2 * i);
    expect([ns("even"), ns("odd")]).toEqual([expected(0), expected(1)]);
    expect(folder.told()).toHaveLength(40);
  },
);

test(
  "a start while another process writes to the database waits for it a moment, then says what is in the way",
  { timeout: 30_000 },
  async () => {
    using folder = new TillFolder();
    await (await MountedTill.started(folder)).stop();
    const shell = await shellWith(folder.database);
    expect(await refusal(folder)).toMatchObject({
      code: "database-busy",
      message: expect.stringContaining(folder.database),
    });
    await shell.release();
    await (await MountedTill.started(folder)).stop();
  },
);

test("what was dumped to SQL and read into a new file goes on where it was", async () => {
  using folder = new TillFolder();
  const first = await MountedTill.started(folder, { trouble: notYet(1) });
  await first.sell(...sales(1, 2, 3, 4));
  await expect.poll(() => first.runtime.status, PATIENT).toMatchObject({ lag: 0, dead: 1, parked: 2 });
  await first.stop();
  const dumped = dump(folder.database);
  for (const name of readdirSync(folder.data)) rmSync(join(folder.data, name), { recursive: true });
  {
    using db = new DatabaseSync(folder.database);
    db.exec(dumped);
  }
  const second = await MountedTill.started(folder);
  await second.runtime.delivery.redrive({ subscription: "tills.book" }, { name: "ann", why: "moved" });
  await second.sell(...sales(5));
  await expect.poll(() => second.runtime.status, PATIENT).toMatchObject({ lag: 0, parked: 0 });
  await second.stop();
  expect(folder.booked()).toEqual(["2 even 2", "4 even 4", "1 odd 1", "3 odd 3", "5 odd 5"]);
  expect(folder.told()).toEqual(["1", "2", "3", "4", "5"]);
});

test("data restored to an older snapshot has another incarnation, uses positions again, and delivers each entry it has once", async () => {
  using folder = new TillFolder();
  using elsewhere = new TillFolder();
  const snapshot = join(folder.path, "snapshot.db");
  const first = await MountedTill.started(folder);
  await first.sell(...sales(1, 2));
  await first.quiet();
  const [before] = await first.runtime.delivery.logs();
  await first.stop();
  mkdirSync(dirname(snapshot), { recursive: true });
  copyFileSync(folder.database, snapshot);
  const going = await MountedTill.started(folder);
  await going.sell(...sales(3, 4));
  await going.quiet();
  await going.stop();
  restoreBackup(snapshot, elsewhere.data, { name: "ann", why: "an older snapshot" });
  const lines: string[] = [];
  const second = await MountedTill.started(elsewhere, { lines });
  const [after] = await second.runtime.delivery.logs();
  expect(after).toMatchObject({ last: 2 });
  expect(after?.incarnation).not.toBe(before?.incarnation);
  expect(lines.join("\n")).toContain("was restored from");
  await second.sell(...sales(5));
  await second.quiet();
  await second.stop();
  expect(elsewhere.booked()).toEqual(["1 odd 1", "2 even 2", "3 odd 5"]);
  // who holds a place of the old incarnation cannot take it for one of this log
  const place = (data: TillFolder): unknown => data.byHand("SELECT DISTINCT incarnation FROM banyan_cursor");
  expect(place(elsewhere)).toEqual([{ incarnation: after?.incarnation }]);
  elsewhere.byHand(`UPDATE banyan_cursor SET incarnation = '${before?.incarnation}'`);
  expect(await refusal(elsewhere)).toMatchObject({ code: "cursor-incarnation" });
});

test("a cursor whose row was deleted by hand is missed at the start: nothing is delivered again, and nothing passed over", async () => {
  using folder = new TillFolder();
  const first = await MountedTill.started(folder);
  await first.sell(...sales(1, 2));
  await first.quiet();
  await first.stop();
  folder.byHand("DELETE FROM banyan_cursor WHERE subscription = 'tills.book'");
  for (const _ of [1, 2])
    expect(await refusal(folder)).toMatchObject({
      code: "cursor-lost",
      message: expect.stringContaining('"tills.book"'),
      remedy: expect.stringContaining("'cursor of tills.book'"),
    });
  expect(folder.booked()).toHaveLength(2);
  // on purpose, as the remedy says
  folder.byHand("DELETE FROM banyan_meta WHERE name = 'cursor of tills.book'");
  const anew = await MountedTill.started(folder);
  await anew.quiet();
  await anew.stop();
  expect(folder.booked()).toEqual(["1 odd 1", "2 even 2", "1 odd 1", "2 even 2"]);
  expect(folder.told()).toHaveLength(2);
});

test("who leaves reads everything with SQL alone, and keeps the tables of the contexts", async () => {
  using folder = new TillFolder();
  {
    await using till = await MountedTill.started(folder, { trouble: notYet(1) });
    await till.sell(...sales(1, 2, 3));
    await expect.poll(() => till.runtime.status, PATIENT).toMatchObject({ lag: 0, parked: 2 });
  }
  {
    await using till = await MountedTill.started(folder, { hold: ["tills.tell"] });
    await till.sell(...sales(4));
    await expect.poll(() => till.runtime.status, PATIENT).toMatchObject({ lag: 0, parked: 2 });
  }
  using db = new DatabaseSync(folder.database);
  const text = readFileSync(join(import.meta.dirname, "leaving.sql"), "utf8").replaceAll(/^--.*$/gm, "");
  const statements = text
    .split(";")
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
  const [events, undone, failed, scheduled, acts, drops] = statements.map((statement) => db.prepare(statement).all());
  expect(events).toHaveLength(4);
  expect(events?.[0]).toMatchObject({
    type: "tills.sold",
    source: "tills",
    subject: "odd",
    time: expect.stringMatching(/Z$/),
  });
  expect(JSON.parse(String(events?.[3]?.["data"]))).toEqual({ till: "even", n: 4, note: "" });
  expect(undone).toMatchObject([{ subscription: "tills.tell", type: "tills.sold", key: "even" }]);
  expect(failed).toMatchObject([
    { subscription: "tills.book", key: "odd", state: "dead", errors: expect.stringContaining("not yet") },
    { subscription: "tills.book", key: "odd", state: "waiting" },
  ]);
  expect(failed?.map(({ data }) => (JSON.parse(String(data)) as Sold).n)).toEqual([1, 3]);
  expect([scheduled, acts]).toEqual([[], []]);
  for (const { statement } of drops ?? []) db.exec(String(statement));
  const left = db.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
  );
  expect(left.all().map(({ name }) => name)).toEqual(["tills_booked", "tills_told"]);
  expect(db.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  expect(db.prepare("SELECT count(*) AS n FROM tills_booked").get()).toEqual({ n: 2 });
});

/** All of a database as SQL: what `.dump` of the sqlite3 shell writes. */
function dump(file: string): string {
  using db = new DatabaseSync(file, { readOnly: true });
  const objects = db
    .prepare(
      "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type = 'index'",
    )
    .all();
  const rows = (table: string): string[] => {
    const columns = db.prepare(`PRAGMA table_info("${table}")`).all();
    const quoted = columns.map(({ name }) => `quote("${String(name)}")`).join(" || ',' || ");
    return db
      .prepare(`SELECT 'INSERT INTO "${table}" VALUES (' || ${quoted} || ');' AS sql FROM "${table}"`)
      .all()
      .map(({ sql }) => String(sql));
  };
  const tables = objects.filter(({ type }) => type === "table").map(({ name }) => String(name));
  const sequences = db.prepare("SELECT name, seq FROM sqlite_sequence").all();
  return [
    ...objects.map(({ sql }) => `${String(sql)};`),
    ...tables.flatMap(rows),
    "DELETE FROM sqlite_sequence;",
    ...sequences.map(({ name, seq }) => `INSERT INTO sqlite_sequence VALUES ('${String(name)}', ${String(seq)});`),
  ].join("\n");
}

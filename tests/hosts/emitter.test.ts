import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import Database from "better-sqlite3";
import { emitter, event, mount } from "banyan";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { Sold, tills } from "./emit-app.ts";
import { drizzleTill } from "./emit-drizzle.ts";

const BY = { principal: "user:42", tenant: "default" };
const SALE = { till: "t1", n: 1, by: "host" } as const;

let template: string;
let folder: string;
let file: string;
const ends: (() => unknown)[] = [];

beforeAll(() => {
  template = mkdtempSync(join(tmpdir(), "banyan-emitter-"));
  // another process: this one must not have owned the data, for the sake of better-sqlite3
  const program = `
    import { mount } from "banyan";
    import { tills } from "./emit-app.ts";
    await (await mount(tills(), { mode: "start", data: ${JSON.stringify(template)}, env: {}, write: () => {} })).stop();`;
  const options = ["--conditions=source", "--input-type=module", "--eval", program];
  const { status, stderr } = spawnSync(process.execPath, options, { cwd: import.meta.dirname, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  const db = new DatabaseSync(join(template, "banyan.db"));
  db.exec("CREATE TABLE shop_sale (n INTEGER PRIMARY KEY, till TEXT NOT NULL) STRICT");
  db.close();
});
afterAll(() => rmSync(template, { recursive: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "banyan-emitter-"));
  file = join(folder, "banyan.db");
  copyFileSync(join(template, "banyan.db"), file);
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
  rmSync(folder, { recursive: true });
});

function opened(path = file): DatabaseSync {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA synchronous = FULL");
  ends.push(() => db.close());
  return db;
}

function better(): Database.Database {
  const db = new Database(file, { timeout: 0 });
  db.pragma("synchronous = FULL");
  ends.push(() => db.close());
  return db;
}

function log(): readonly Record<string, unknown>[] {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return db.prepare("SELECT * FROM banyan_log_tills ORDER BY position").all();
  } finally {
    db.close();
  }
}

describe("an entry of a host", () => {
  test("says who, for whom and what it belongs to, as one of a body does", () => {
    const db = opened();
    db.exec("BEGIN");
    const emit = emitter(db);
    const id = emit(Sold, SALE, BY);
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    emit(Sold, { ...SALE, n: 2 }, { ...BY, tenant: "acme", correlation: "flow", causation: "cause", traceparent });
    db.exec("COMMIT");
    expect(log()).toMatchObject([
      { position: 1, id, key: "t1", form: "json", body: JSON.stringify(SALE), correlation: id, causation: id, ...BY },
      { position: 2, tenant: "acme", correlation: "flow", causation: "cause", traceparent },
    ]);
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7/);
  });

  test.each([
    ["event-invalid", { ...SALE, n: 1.5 }, BY],
    ["event-invalid", { ...SALE, till: "" }, BY],
    ["event-invalid", SALE, { ...BY, principal: "" }],
    ["event-invalid", SALE, { tenant: "default" }],
    ["event-invalid", SALE, undefined],
    ["event-invalid", SALE, null],
    ["event-invalid", SALE, { ...BY, traceparent: 5 }],
    ["event-invalid", SALE, { ...BY, correlation: {} }],
    ["event-invalid", SALE, { ...BY, causation: null }],
    ["tenant-invalid", SALE, { ...BY, tenant: "*" }],
    ["tenant-invalid", SALE, { principal: "user:42" }],
  ])("%s: nothing is written", (code, data, by) => {
    const db = opened();
    db.exec("BEGIN");
    expect(() => emitter(db)(Sold, data as never, by as never)).toThrow(expect.objectContaining({ code }));
    db.exec("COMMIT");
    expect(log()).toEqual([]);
  });

  test("is refused where no transaction is open", () => {
    for (const db of [opened(), better()])
      expect(() => emitter(db)(Sold, SALE, BY)).toThrow(expect.objectContaining({ code: "emit-outside" }));
    expect(log()).toEqual([]);
  });

  test("is promised where the ORM promises, and fails with it", async () => {
    const db = opened();
    const emit = emitter(async (sql, parameters) => db.prepare(sql).run(...parameters).changes);
    db.exec("BEGIN");
    const id = await emit(Sold, SALE, BY);
    db.exec("COMMIT");
    expect(log()).toMatchObject([{ id }]);
    db.exec("DROP TABLE banyan_meta");
    await expect(emit(Sold, SALE, BY)).rejects.toMatchObject({ code: "emit-unready" });
  });
});

describe("a function that does not say how many rows it changed", () => {
  const answers: readonly [string, (result: object) => unknown][] = [
    ["nothing", () => undefined],
    ["null", () => null],
    ["what the driver gave", (result) => result],
    ["whether it went well", () => true],
    ["a text", () => "1"],
    ["more than was asked for", () => 2],
  ];

  test.each(answers)("%s: the event may be there, and the error says so", async (_, answer) => {
    const db = opened();
    const run = (sql: string, parameters: (string | number | null)[]) => answer(db.prepare(sql).run(...parameters));
    const promises = async (...statement: Parameters<typeof run>) => run(...statement);
    db.exec("BEGIN");
    expect(() => emitter(run as never)(Sold, SALE, BY)).toThrow(expect.objectContaining({ code: "emit-unsure" }));
    await expect(emitter(promises as never)(Sold, SALE, BY)).rejects.toMatchObject({ code: "emit-unsure" });
    expect(db.prepare("SELECT count(*) AS n FROM banyan_log_tills").get()).toEqual({ n: 2 });
    db.exec("ROLLBACK");
    expect(log()).toEqual([]);
  });

  test("is not suspected where nothing was written", () => {
    const db = opened();
    db.exec("PRAGMA synchronous = NORMAL; BEGIN");
    const emit = emitter((sql, parameters) => BigInt(db.prepare(sql).run(...parameters).changes));
    expect(() => emit(Sold, SALE, BY)).toThrow(expect.objectContaining({ code: "emit-unready" }));
    db.exec("COMMIT");
  });
});

test("a promise that is no Promise and begins when it is waited for, as Prisma has it, is waited for", async () => {
  const db = opened();
  const lazy = (run: () => number | bigint): PromiseLike<number | bigint> => ({
    // oxlint-disable-next-line unicorn/no-thenable -- that is what it is about
    then: (told, failed) => new Promise<number | bigint>((resolve) => resolve(run())).then(told, failed),
  });
  db.exec("BEGIN");
  const id = await emitter((sql, parameters) => lazy(() => db.prepare(sql).run(...parameters).changes))(Sold, SALE, BY);
  db.exec("COMMIT");
  expect(log()).toMatchObject([{ id }]);
});

describe("a database that does not take events of hosts as it is", () => {
  const Other = event("other.done", { version: 1, key: "id", data: z.object({ id: z.string() }) });

  test.each([
    ["has a newer format", "UPDATE banyan_meta SET value = value + 1 WHERE name = 'format'"],
    ["has another log", "UPDATE banyan_context SET log = 'banyan_log_old'"],
    ["does not wait for the disk", "PRAGMA synchronous = NORMAL"],
  ])("%s", (_, sql) => {
    const db = opened();
    db.exec(sql);
    db.exec("BEGIN");
    expect(() => emitter(db)(Sold, SALE, BY)).toThrow(expect.objectContaining({ code: "emit-unready" }));
    db.exec("COMMIT");
    expect(log()).toEqual([]);
  });

  test.each([
    ["a file", () => join(folder, "app.db")],
    ["a database in memory", () => ":memory:"],
  ])("is attached to %s: two files are not committed together", (_, main) => {
    for (const db of [new DatabaseSync(main()), new Database(main())]) {
      ends.push(() => db.close());
      db.exec(`PRAGMA synchronous = FULL; ATTACH '${file}' AS banyan; PRAGMA banyan.synchronous = OFF; BEGIN`);
      expect(() => emitter(db as Database.Database)(Sold, SALE, BY)).toThrow(
        expect.objectContaining({ code: "emit-unready" }),
      );
      db.exec("COMMIT");
    }
    expect(log()).toEqual([]);
  });

  test("has another file attached, in which rows would be committed apart from the event", () => {
    const db = opened();
    db.exec(`ATTACH ':memory:' AS scratch; ATTACH '${join(folder, "app.db")}' AS shop; CREATE TABLE shop.sale (n)`);
    db.exec("BEGIN");
    expect(() => emitter(db)(Sold, SALE, BY)).toThrow(expect.objectContaining({ code: "emit-unready" }));
    db.exec("COMMIT; DETACH shop; BEGIN");
    emitter(db)(Sold, SALE, BY);
    db.exec("COMMIT");
    expect(log()).toHaveLength(1);
  });

  test("is covered by temporary tables of the same names", () => {
    const db = opened();
    db.exec(`PRAGMA synchronous = FULL; CREATE TEMP TABLE banyan_log_tills AS SELECT * FROM main.banyan_log_tills;
      CREATE TEMP TABLE banyan_meta AS SELECT * FROM main.banyan_meta; BEGIN`);
    emitter(db)(Sold, SALE, BY);
    db.exec("COMMIT");
    expect(log()).toHaveLength(1);
  });

  test("has no log of that context, and an ORM wraps what the database says", () => {
    const db = opened();
    const emit = emitter((sql) => {
      try {
        return db.prepare(sql).run().changes;
      } catch (error) {
        throw new Error("Query failed.", { cause: error });
      }
    });
    db.exec("BEGIN");
    expect(() => emit(Other, { id: "x" }, BY)).toThrow(expect.objectContaining({ code: "emit-unready" }));
  });

  test("has no log of that context, or none at all", () => {
    const bare = opened(join(folder, "other.db"));
    for (const db of [opened(), bare]) {
      db.exec("BEGIN");
      expect(() => emitter(db)(Other, { id: "x" }, BY)).toThrow(expect.objectContaining({ code: "emit-unready" }));
    }
  });
});

test("with Drizzle rows and event are kept together, or neither is", () => {
  const till = drizzleTill(file);
  till.sell(1);
  till.close();
  const failing = drizzleTill(file, new Error("changed my mind"));
  expect(() => failing.sell(2)).toThrow("changed my mind");
  failing.close();
  expect(log()).toMatchObject([{ position: 1, principal: "user:42" }]);
  expect(opened().prepare("SELECT n FROM shop_sale").all()).toEqual([{ n: 1 }]);
});

test("Banyan is not started in a process in which another copy of SQLite has emitted, and leaves the log alone", async () => {
  const db = better();
  db.transaction(() => emitter(db)(Sold, SALE, BY)).immediate();
  const started = mount(tills(), { mode: "start", data: folder, env: {}, write: () => {} });
  await expect(started).rejects.toMatchObject({ code: "emit-unsafe" });
  // what was refused has not owned anything, so the host goes on
  db.transaction(() => emitter(db)(Sold, SALE, BY)).immediate();
  expect(log()).toHaveLength(2);
});

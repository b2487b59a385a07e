import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import Database from "better-sqlite3";
import { emitter, mount, whenFree, type Mounted } from "banyan";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Sold, tills } from "./emit-app.ts";
import { besideBanyan } from "./emit-beside.ts";

const BY = { principal: "user:42", tenant: "default" };
const SALE = { till: "t1", n: 1, by: "host" } as const;

let folder: string;
let file: string;
const ends: (() => unknown)[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "banyan-beside-"));
  file = join(folder, "banyan.db");
  const first = await mounted();
  await first.stop();
  const db = new DatabaseSync(file);
  db.exec("CREATE TABLE shop_sale (n INTEGER PRIMARY KEY, till TEXT NOT NULL) STRICT");
  db.close();
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
  rmSync(folder, { recursive: true });
});

async function mounted(): Promise<Mounted> {
  const running = await mount(tills(), { mode: "start", data: folder, env: {}, write: () => {} });
  ends.push(() => running.stop());
  return running;
}

function opened(): DatabaseSync {
  const db = new DatabaseSync(file);
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

describe("in the process that runs Banyan", () => {
  test("another copy of SQLite is refused, because neither would see the other's lock", async () => {
    const db = better();
    const running = await mounted();
    db.exec("BEGIN");
    expect(() => emitter(db)(Sold, SALE, BY)).toThrow(expect.objectContaining({ code: "emit-unsafe" }));
    const byFunction = emitter((sql, parameters) => db.prepare(sql).run(...parameters).changes);
    expect(() => byFunction(Sold, SALE, BY)).toThrow(expect.objectContaining({ code: "emit-unsafe" }));
    db.exec("ROLLBACK");
    await running.stop();
    // what it has open is not to be believed afterwards either
    expect(() => emitter(better())(Sold, SALE, BY)).toThrow(expect.objectContaining({ code: "emit-unsafe" }));
    expect(log()).toEqual([]);
  });

  test("Node's own is taken, waits for free without blocking, and is delivered", async () => {
    const running = await mounted();
    const { sell, close } = besideBanyan(file);
    ends.push(close);
    const command = (n: number): Promise<Response> => {
      const init = { method: "POST", headers: { "content-type": "application/json" } };
      const body = JSON.stringify({ till: "t1", n, by: "command" });
      return running.fetch(new Request("http://localhost/sales", { ...init, body }));
    };
    const numbers = Array.from({ length: 60 }, (_, n) => n);
    const answers = await Promise.all(numbers.flatMap((n) => [command(n), sell(n)]));
    expect(answers.filter((answer) => answer !== undefined).map(({ status }) => status)).toEqual(
      numbers.map(() => 204),
    );
    await expect.poll(() => running.runtime.status.lag, { timeout: 10_000 }).toBe(0);
    await running.stop();
    const booked = opened().prepare("SELECT by, n FROM tills_booked").all();
    const expected = numbers.flatMap((n) => [`command ${n}`, `host ${n}`]);
    expect(booked.map(({ by, n }) => `${String(by)} ${String(n)}`).toSorted()).toEqual(expected.toSorted());
  });

  test("a lock that is never given up ends the wait by name, and any other error ends it at once", async () => {
    const [holder, waiter] = [opened(), new DatabaseSync(file, { timeout: 0 })];
    ends.push(() => waiter.close());
    holder.exec("BEGIN IMMEDIATE");
    let tries = 0;
    const transaction = (): void => {
      tries++;
      waiter.exec("BEGIN IMMEDIATE");
    };
    await expect(whenFree(transaction, { limitMs: 30 })).rejects.toMatchObject({ code: "database-locked" });
    expect(tries).toBeGreaterThan(2);
    await expect(whenFree(() => waiter.exec("nonsense"))).rejects.toThrow("syntax error");
    const freed = whenFree(() => waiter.exec("BEGIN IMMEDIATE"));
    holder.exec("ROLLBACK");
    await freed;
    waiter.exec("ROLLBACK");
  });
});

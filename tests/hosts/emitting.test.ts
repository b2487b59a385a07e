import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { mount, type Mounted } from "banyan";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tills } from "./emit-app.ts";

const PATIENT = { timeout: 15_000 };

let folder: string;
let file: string;
let running: Mounted | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "banyan-emit-"));
  file = join(folder, "banyan.db");
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  rmSync(folder, { recursive: true });
});

async function started(): Promise<Mounted> {
  running = await mount(tills(), { mode: "start", data: folder, env: {}, write: () => {} });
  return running;
}

async function stopped(): Promise<void> {
  await running?.stop();
  running = undefined;
}

/** The team's process, until it has ended. */
async function host(...parameters: readonly (string | number)[]): Promise<number | string> {
  const program = join(import.meta.dirname, "emit-host.ts");
  const child = spawn(process.execPath, ["--conditions=source", program, file, ...parameters.map(String)], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  return code ?? signal ?? "";
}

/** As a reader of the file sees it, when nobody writes. */
function rows(sql: string): Record<string, unknown>[] {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}

const booked = (): string[] =>
  rows("SELECT n, by FROM tills_booked ORDER BY row").map(({ n, by }) => `${String(by)} ${String(n)}`);
const kept = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i).filter((n) => n % 5 !== 0);

function bookedNow(): number {
  return rows("SELECT count(*) AS n FROM tills_booked")[0]?.["n"] as number;
}

test("what a host emits is delivered by a process that was not told, once; what it rolls back is not", async () => {
  await started();
  expect(await host(1, 12)).toBe(0);
  await expect.poll(bookedNow, PATIENT).toBe(10);
  await stopped();
  expect(booked().toSorted()).toEqual(
    kept(1, 12)
      .map((n) => `host ${n}`)
      .toSorted(),
  );
  expect(rows("SELECT n FROM shop_sale ORDER BY n").map(({ n }) => n)).toEqual(kept(1, 12));
  const [entry] = rows("SELECT * FROM banyan_log_tills WHERE position = 1");
  expect(entry).toMatchObject({
    type: "tills.sold",
    version: 1,
    key: "till-1",
    tenant: "default",
    principal: "job:host",
  });
});

test("a host that is killed before its COMMIT has emitted nothing, one that is killed behind it has, and the next start delivers", async () => {
  await started();
  await stopped();
  expect(await host(1, 4, "before")).toBe("SIGKILL");
  expect(rows("SELECT n FROM shop_sale").map(({ n }) => n)).toEqual([1, 2, 3]);
  expect(await host(4, 4, "after")).toBe("SIGKILL");
  expect(bookedNow()).toBe(0);
  await started();
  await expect.poll(bookedNow, PATIENT).toBe(4);
  await stopped();
  expect(rows("SELECT position, n FROM tills_booked ORDER BY position")).toEqual(
    [1, 2, 3, 4].map((n) => ({ position: n, n })),
  );
});

test(
  "a process that is killed while a host emits goes on where it was: each event is delivered once",
  { timeout: 60_000 },
  async () => {
    const program = join(import.meta.dirname, "emit-runtime.ts");
    const child = spawn(process.execPath, ["--conditions=source", program, folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    const ended = host(1, 6_000);
    await expect.poll(bookedNow, PATIENT).toBeGreaterThan(20);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await ended).toBe(0);
    expect(bookedNow()).toBeLessThan(kept(1, 6_000).length);
    await started();
    await expect.poll(bookedNow, PATIENT).toBe(kept(1, 6_000).length);
    await stopped();
    expect(booked().toSorted()).toEqual(
      kept(1, 6_000)
        .map((n) => `host ${n}`)
        .toSorted(),
    );
  },
);

test(
  "a host and commands write at the same time: nothing is lost or doubled, positions have no gap, each key keeps its order",
  { timeout: 60_000 },
  async () => {
    const shop = await started();
    const [hosts, commands] = [300, 300];
    const ended = host(1, hosts);
    let refused = 0;
    let n = 0;
    let hostEnded = false;
    void ended.then(() => (hostEnded = true));
    while (n < commands || !hostEnded) {
      n++;
      const init = { method: "POST", headers: { "content-type": "application/json" } };
      const body = JSON.stringify({ till: `till-${n % 7}`, n, by: "command" });
      while ((await shop.fetch(new Request("http://localhost/sales", { ...init, body }))).status !== 204) refused++;
    }
    expect(await ended).toBe(0);
    const expected = [
      ...kept(1, hosts).map((one) => `host ${one}`),
      ...Array.from({ length: n }, (_, i) => `command ${i + 1}`),
    ];
    await expect.poll(bookedNow, PATIENT).toBe(expected.length);
    await stopped();
    expect(refused).toBe(0);
    expect(booked().toSorted()).toEqual(expected.toSorted());
    expect(rows("SELECT position FROM banyan_log_tills ORDER BY position").map(({ position }) => position)).toEqual(
      expected.map((_, i) => i + 1),
    );
    const ofKey = Map.groupBy(rows("SELECT till, by, n, position FROM tills_booked ORDER BY row"), ({ till }) => till);
    for (const list of ofKey.values()) {
      expect(list.map(({ position }) => Number(position))).toEqual(
        list.map(({ position }) => Number(position)).toSorted((a, b) => a - b),
      );
      for (const who of ["host", "command"]) {
        const ns = list.filter(({ by }) => by === who).map((row) => Number(row["n"]));
        expect(ns).toEqual(ns.toSorted((a, b) => a - b));
      }
    }
    expect(rows("SELECT sum(entries) AS entries FROM banyan_volume")).toEqual([{ entries: expected.length }]);
  },
);

test("what hosts have emitted counts against the budget of a log: commands are refused, hosts are not", async () => {
  const limits = { backlogBytes: 40_000, backlogDelayMs: 0 };
  const options = { mode: "start", data: folder, env: {}, write: () => {}, limits, hold: ["tills.book"] } as const;
  await started();
  await stopped();
  const shop = (running = await mount(tills(), options));
  const sell = (n: number): Promise<Response> => {
    const init = { method: "POST", headers: { "content-type": "application/json" } };
    const body = JSON.stringify({ till: "t", n, by: "command" });
    return shop.fetch(new Request("http://localhost/sales", { ...init, body }));
  };
  expect((await sell(1)).status).toBe(204);
  expect(await host(1, 250)).toBe(0);
  const entries = async (): Promise<number> => (await shop.runtime.delivery.logs())[0]?.entries ?? 0;
  await expect.poll(entries, PATIENT).toBe(201);
  expect(await (await sell(2)).json()).toMatchObject({ code: "backlog-full" });
  expect(await host(251, 254)).toBe(0);
});

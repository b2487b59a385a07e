import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { anyone, app, backoff, command, context, event, query, sql, type App } from "@banyan/core";
import { mount, type Mounted } from "@banyan/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { main } from "../main.ts";

const SECRET = "ann@example.org";
const data = z.object({ orderId: z.string(), email: z.string() });
const personal = { subject: "orderId", fields: ["email"] } as const;
const Placed = event("orders.placed", { version: 1, key: "orderId", personal, data });
const Place = command("orders.place", { http: "POST /orders", input: data });
const Totals = query("totals.all", { http: "GET /totals", input: z.object({}), output: z.record(z.string(), z.int()) });

let folder: string;
const ends: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "banyan-replay-"));
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
  rmSync(folder, { recursive: true });
});

interface Code {
  by: number;
  failing: Set<string>;
}

/** Counts the orders of each id, by as much as the code says. */
function countingApp(code: Code): App {
  const orders = context("orders", { contract: { Placed, Place }, tx: sql() });
  orders.handle(Place, { allow: anyone() }, (input, { emit }) => emit(Placed, input));
  const migrations = [
    { name: "001-total.sql", sql: "CREATE TABLE totals_total (id TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT" },
  ];
  const totals = context("totals", { contract: { Totals }, tx: sql(), migrations });
  totals.answer(Totals, { allow: anyone() }, async (_, { read }) => {
    const { rows } = await read.execute("SELECT id, n FROM totals_total");
    return Object.fromEntries(rows.map(({ id, n }) => [String(id), Number(n)]));
  });
  totals.on(
    Placed,
    {
      name: "count",
      from: "start",
      retry: backoff("1ms", "2ms", 1),
      rebuild: { clear: async (tx) => void (await tx.execute("DELETE FROM totals_total")) },
    },
    async ({ data: { orderId } }, { tx }) => {
      if (code.failing.has(orderId)) throw new Error("it is not to be counted");
      await tx.execute(
        "INSERT INTO totals_total (id, n) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET n = n + excluded.n",
        [orderId, code.by],
      );
    },
  );
  return app({ contexts: [orders, totals] });
}

interface World {
  readonly mounted: Mounted;
  readonly code: Code;
  totals(): Promise<unknown>;
}

/** Running on the folder, with the orders a, b and a, the one of "bad" dead. */
async function world(): Promise<World> {
  const code: Code = { by: 1, failing: new Set(["bad"]) };
  const options = { mode: "dev", data: join(folder, "data"), faults: false, env: {}, write: () => {} } as const;
  const mounted = await mount(countingApp(code), options);
  ends.push(() => mounted.stop());
  for (const orderId of ["a", "b", "bad", "a"]) {
    const body = JSON.stringify({ orderId, email: SECRET });
    const init = { method: "POST", headers: { "content-type": "application/json" }, body };
    expect((await mounted.fetch(new Request("http://localhost/orders", init))).status).toBe(204);
  }
  const totals = async (): Promise<unknown> => (await mounted.fetch(new Request("http://localhost/totals"))).json();
  await expect.poll(totals).toEqual({ a: 2, b: 1 });
  await expect.poll(() => mounted.runtime.status.dead).toBe(1);
  return { mounted, code, totals };
}

async function events(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: "", err: "" };
  const out = (text: string): void => void (written.out += text);
  const err = (text: string): void => void (written.err += text);
  const code = await main(["events", ...words, "--data", "data"], { out, err, cwd: folder, env: {} });
  return { code, ...written };
}

const WHY = ["--why", "they were wrong", "--as", "ann"];

test("a replay makes the effects anew, and is in the audit", async () => {
  const { code, totals } = await world();
  code.by = 10;
  code.failing.clear();
  const told = await events("replay", "--subscription", "totals.count", ...WHY);
  expect(told).toEqual({
    code: 0,
    err: "",
    out: "totals.count begins anew at the start of the log of orders, of 4 entries. 1 parked entry went with the effects.\n`banyan events lag` shows how far it is.\n",
  });
  await expect.poll(totals).toEqual({ a: 20, b: 10, bad: 10 });
  expect((await events("audit")).out).toMatch(
    /replay by ann: they were wrong\n {2}subscription "totals\.count", source "orders"\n/,
  );
  const again = await events("replay", "--subscription", "totals.count", "--json", ...WHY);
  expect(JSON.parse(again.out)).toEqual({
    replayed: { subscription: "totals.count", source: "orders", entries: 4, parked: 0 },
  });
});

test("a dry replay says what would become of entries, and changes nothing", async () => {
  const { code, totals } = await world();
  code.by = 10;
  code.failing = new Set(["b"]);
  const dry = await events("replay", "--subscription", "totals.count", "--dry");
  expect(dry).toEqual({
    code: 1,
    err: "",
    out: [
      "dry replay of totals.count on orders: 3 ok, 1 failed, 0 skipped; 0 events would be emitted",
      '  position 2  key "b"  failed  handler-failed: "totals.count" failed: Error: it is not to be counted',
      "each entry was tried alone, against the tables as they are now; nothing was kept",
      "",
    ].join("\n"),
  });
  const part = await events(
    "replay",
    "--subscription",
    "totals.count",
    "--dry",
    "--from",
    "3",
    "--limit",
    "1",
    "--json",
  );
  expect(part.code).toBe(0);
  expect(JSON.parse(part.out)).toMatchObject({
    entries: [{ position: 3, key: "bad", outcome: "ok" }],
    through: 3,
    more: true,
  });
  expect((await events("replay", "--subscription", "totals.count", "--dry", "--limit", "1")).out).toContain(
    "there may be more: --from 2 goes on\n",
  );
  expect(
    JSON.parse((await events("replay", "--subscription", "totals.count", "--dry", "--key", "a", "--json")).out),
  ).toMatchObject({
    entries: [{ position: 1 }, { position: 4 }],
  });
  expect(
    JSON.parse(
      (await events("replay", "--subscription", "totals.count", "--dry", "--from", "2100-01-01", "--json")).out,
    ),
  ).toMatchObject({ entries: [] });
  const parked = await events("replay", "--subscription", "totals.count", "--dry", "--parked", "--json");
  expect(JSON.parse(parked.out)).toMatchObject({ entries: [{ position: 3, outcome: "ok" }], summary: { ok: 1 } });
  expect(await totals()).toEqual({ a: 2, b: 1 });
});

test("what cannot be replayed is refused with a code and a remedy", async () => {
  const { mounted } = await world();
  const refused = async (subscription: string, ...words: string[]): Promise<string> => {
    const { code, err } = await events("replay", "--subscription", subscription, ...words);
    expect(code).toBe(2);
    expect(err).toMatch(/^banyan: .+\n {2}remedy: .+\n$/);
    return err;
  };
  expect(await refused("totals.counts", ...WHY)).toContain(
    'subscription-unknown: This process has no subscription "totals.counts". Did you mean',
  );
  expect(await refused("totals.count")).toContain("option-missing");
  expect(await refused("totals.count", "--key", "a", ...WHY)).toContain("option-invalid: --key cannot be given");
  expect(await refused("totals.count", "--parked", ...WHY)).toContain("option-invalid: --parked cannot be given");
  expect(await refused("totals.count", "--dry", "--why", "x")).toContain("option-invalid: --why cannot be given");
  expect(await refused("totals.count", "--dry", "--from", "noon")).toContain("option-invalid: --from is");
  await mounted.stop();
  expect(await refused("totals.count", ...WHY)).toContain("not-running");
  expect(await refused("totals.count", "--dry")).toContain("not-running");
});

test("tail shows the entries of the logs, without what is personal", async () => {
  const { mounted } = await world();
  const text = await events("tail", "--no-follow");
  expect(text).toMatchObject({ code: 0, err: "" });
  expect(text.out.split("\n")).toHaveLength(5);
  expect(text.out).toMatch(
    /^\S+Z {2}orders 1 {2}orders\.placed v1 {2}key "a" {2}\{"orderId":"a","email":\{"erased":true\}\}\n/,
  );
  const json = await events("tail", "--no-follow", "--json", "--context", "orders", "--key", "a", "--from", "2");
  const [only, ...rest] = json.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as object);
  expect(only).toMatchObject({ source: "orders", position: 4, key: "a", data: { orderId: "a" } });
  expect(rest).toEqual([]);
  expect((await events("tail", "--no-follow", "--limit", "2", "--json")).out.trimEnd().split("\n")).toHaveLength(2);
  expect((await events("tail", "--limit", "3", "--from", "start", "--json")).out.trimEnd().split("\n")).toHaveLength(3);
  expect((await events("tail", "--no-follow", "--type", "orders.none")).err).toContain("event-type-unknown");
  const elsewhere = await events("tail", "--no-follow", "--context", "totals", "--type", "orders.placed");
  expect(elsewhere).toMatchObject({ out: "", err: expect.stringContaining("Did you mean `--context orders`?") });
  expect(elsewhere.err).toContain("event-type-unknown");
  expect((await events("tail", "--no-follow", "--context", "orders", "--type", "orders.placed")).out).not.toBe("");
  expect((await events("tail", "--no-follow", "--from", "now")).out).toBe("");
  expect((await events("tail", "--no-follow", "--context", "order")).err).toContain("log-unknown");
  expect((await events("tail", "--no-follow", "--from", "2")).err).toContain("needs --context NAME");
  for (const word of ["2026-11-24", "begin"])
    expect((await events("tail", "--no-follow", "--from", word)).err).toContain("must be start, now or a position");
  for (const { out, err } of [text, json]) expect(out + err).not.toContain(SECRET);
  await mounted.stop();
  const still = await events("tail", "--from", "start");
  expect(still).toMatchObject({ code: 0, err: expect.stringContaining("no process runs on this data") });
  expect(still.out).toContain("(no data: no contract here has this event)");
  expect(still.out).not.toContain(SECRET);
});

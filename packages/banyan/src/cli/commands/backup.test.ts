/// <reference lib="esnext.disposable" />
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { anyone, app, backoff, command, context, event, none, type App } from "@banyan/core";
import { mount, type Mounted, OpsClient, socketDoor } from "@banyan/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { main } from "../main.ts";

const Placed = event("orders.placed", { version: 1, key: none, data: z.object({ orderId: z.string() }) });
const Place = command("orders.place", { http: "POST /orders", input: z.object({ orderId: z.string() }) });

const WHY = ["--why", "the disk died", "--as", "ann"];

let folder: string;
const ends: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "banyan-backup-"));
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
  rmSync(folder, { recursive: true });
});

async function banyan(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: "", err: "" };
  const out = (text: string): void => void (written.out += text);
  const err = (text: string): void => void (written.err += text);
  const code = await main(words, { out, err, cwd: folder, env: {} });
  return { code, ...written };
}

/** Acts outside with the key of the entry; orders that are "late" find nobody there. */
function ordersApp(asked: Map<string, string>): App {
  const orders = context("orders", { contract: { Placed, Place } });
  orders.handle(Place, { allow: anyone() }, (input, { emit }) => emit(Placed, input));
  const before = ({ data }: { data: { orderId: string } }, { stableKey }: { stableKey: string }): void => {
    asked.set(data.orderId, stableKey);
    if (data.orderId === "late") throw new Error("nobody is there");
  };
  orders.on(Placed, { name: "charge", from: "start", retry: backoff("1ms", "2ms", 1_000_000), before }, () => {});
  return app({ contexts: [orders] });
}

interface Running {
  readonly asked: ReadonlyMap<string, string>;
  readonly said: readonly string[];
  readonly mounted: Mounted;
  place(orderId: string): Promise<void>;
}

async function run(data: string): Promise<Running> {
  const asked = new Map<string, string>();
  const said: string[] = [];
  const options = { mode: "dev", data: join(folder, data), faults: false, env: {} } as const;
  const mounted = await mount(ordersApp(asked), { ...options, write: (line) => void said.push(line) });
  ends.push(() => mounted.stop());
  const place = async (orderId: string): Promise<void> => {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ orderId }) };
    expect((await mounted.fetch(new Request("http://localhost/orders", init))).status).toBe(204);
    await expect.poll(() => asked.has(orderId)).toBe(true);
  };
  return { asked, said, mounted, place };
}

test("after a restore an entry of the backup acts under the key it had, and one that reuses a position under another", async () => {
  const first = await run("data");
  await first.place("late");
  const made = await banyan("backup", "copy.db", "--data", "data", "--json");
  expect(made).toMatchObject({ code: 0, err: "" });
  const backup = JSON.parse(made.out) as { bytes: number; contexts: { incarnation: string }[] };
  expect(backup).toMatchObject({ file: join(folder, "copy.db"), contexts: [{ name: "orders", position: 1 }] });
  expect(backup.bytes).toBeGreaterThan(4_096);
  await first.place("of-later");
  await first.mounted.stop();

  const restored = await banyan("restore", "copy.db", "--data", "elsewhere", "--json", ...WHY);
  expect(restored).toMatchObject({ code: 0, err: "" });
  const { contexts } = JSON.parse(restored.out) as { contexts: { incarnation: string }[] };
  expect(contexts).toMatchObject([{ name: "orders", position: 1 }]);
  expect(contexts[0]?.incarnation).not.toBe(backup.contexts[0]?.incarnation);

  const second = await run("elsewhere");
  const audited = await banyan("events", "audit", "--data", "elsewhere", "--json");
  expect(JSON.parse(audited.out)).toMatchObject({
    audit: [{ operator: "ann", why: "the disk died", action: "restore", subject: { file: join(folder, "copy.db") } }],
  });
  await expect.poll(() => second.asked.get("late")).toBe(first.asked.get("late"));
  await second.place("instead");
  expect(second.asked.has("of-later")).toBe(false);
  expect(second.asked.get("instead")).not.toBe(first.asked.get("of-later"));
  expect(second.said.join("")).toContain(`restored from ${join(folder, "copy.db")}`);
});

test("where nobody runs the command makes the backup itself; what it may not do has a code", async () => {
  const { mounted, place } = await run("data");
  await place("a");
  await mounted.stop();
  const made = await banyan("backup", "copy.db", "--data", "data");
  expect(made).toMatchObject({ code: 0, err: "" });
  expect(made.out).toMatch(/^backed up to .+copy\.db, \d+ bytes\n {2}orders {2}up to position 1, incarnation .+\n$/);
  expect(await banyan("backup", "copy.db", "--data", "data")).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^banyan: backup-exists: .+\n {2}remedy: .+\n$/),
  });
  expect((await banyan("backup", "b.db", "--data", "nowhere")).err).toContain("backup-failed");
  expect((await banyan("restore", "copy.db", "--data", "data", ...WHY)).err).toContain("restore-target-used");
  expect((await banyan("restore", "none.db", "--data", "other", ...WHY)).err).toContain("backup-invalid");
  expect((await banyan("restore", "copy.db", "--data", "other")).err).toContain("option-missing");
  expect((await banyan("restore", "copy.db", "--data", "other", "--why", " ")).err).toContain("option-invalid");
  expect((await banyan("restore", "--data", "other")).err).toContain("option-missing");
  expect((await banyan("restore", "a", "b")).err).toContain('takes FILE and no other argument, but got "b"');
  expect((await banyan("restore", "--help")).out).toContain("--as NAME");
  expect((await banyan("restore", "--help")).out).not.toContain("--url");
  expect((await banyan("backup", "--help")).out).toMatch(
    /^banyan backup FILE \[OPTIONS\]\n[^]+\n {2}FILE +the file to write/,
  );
  expect(readdirSync(folder).sort()).toEqual(["copy.db", "data"]);
});

test("a backup of a running process that fails says so as the process did", async () => {
  await run("data");
  expect(await banyan("backup", "none/copy.db", "--data", "data", "--json")).toMatchObject({ code: 2, err: "" });
  expect(JSON.parse((await banyan("backup", "none/copy.db", "--data", "data", "--json")).out)).toMatchObject({
    error: { code: "backup-failed", message: expect.stringContaining(join(folder, "none")) },
  });
  expect((await banyan("backup", "copy.db", "--data", "data")).code).toBe(0);
  const again = await banyan("backup", "copy.db", "--data", "data");
  expect(again).toMatchObject({
    code: 2,
    err: expect.stringMatching(/backup-exists: There is a file .+copy\.db already\.\n {2}remedy: Give another name/),
  });
  const relative = new OpsClient(socketDoor(join(folder, "data"))).backup("copy.db");
  await expect(relative).rejects.toMatchObject({ code: "input-invalid", message: /absolute/ });
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mount, sqlite } from "banyan";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ticketsApp } from "./tickets.ts";

// An application whose context keeps the rows of several tenants, on a folder: many ask at once, for one tenant each.

const TENANTS = ["acme", "beta", "gamma"];
const TOKEN = "a-token-for-tests-of-tenants-only";
let folder = "";
let mounted: Awaited<ReturnType<typeof mount>>;

async function start(): Promise<void> {
  const store = sqlite({ path: folder });
  const env = { BANYAN_DEV_TOKEN: TOKEN };
  mounted = await mount(ticketsApp(), { mode: "dev", data: "", env, faults: false, store, write: () => {} });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "banyan-tenancy-"));
  await start();
});

afterEach(async () => {
  await mounted.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function ask(
  tenant: string,
  what: string,
  { json, key }: { readonly json?: unknown; readonly key?: string } = {},
): Promise<Answer> {
  const [method, path] = what.split(" ");
  const headers = {
    authorization: `Bearer ${TOKEN}`,
    "x-banyan-tenant": tenant,
    "content-type": "application/json",
    ...(key !== undefined && { "idempotency-key": key }),
  };
  const init = { method: method ?? "GET", headers, ...(json !== undefined && { body: JSON.stringify(json) }) };
  const answer = await mounted.fetch(new Request(`http://localhost${path}`, init));
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? {} : (JSON.parse(text) as Answer["body"]) };
}

const open = (tenant: string, ticketId: string, text = `${ticketId} of ${tenant}`) =>
  ask(tenant, "POST /tickets", { json: { ticketId, text } });
const listed = async (tenant: string): Promise<Record<string, unknown>> => (await ask(tenant, "GET /tickets")).body;
const numbers = Array.from({ length: 12 }, (_, i) => String(i + 10));
const expected = (tenant: string): unknown => ({
  tickets: numbers.map((ticketId) => ({ ticketId, text: `${ticketId} of ${tenant}` })),
  told: expect.any(Array),
});

test("commands of several tenants that share commits, some of which fail, leave each tenant its rows and events", async () => {
  const asked = numbers.flatMap((ticketId) => [
    ...TENANTS.map((tenant) => open(tenant, ticketId)),
    open("beta", `${ticketId}!`, "poison"),
    open("gamma", ticketId, "again"),
  ]);
  const codes = (await Promise.all(asked)).map(({ status }) => status);
  expect(codes.filter((status) => status === 200)).toHaveLength(numbers.length * TENANTS.length);
  expect(codes.filter((status) => status === 409)).toHaveLength(numbers.length);
  for (const tenant of TENANTS) {
    expect(await listed(tenant)).toEqual(expected(tenant));
    const told = async (): Promise<unknown> => ((await listed(tenant))["told"] as string[]).toSorted();
    await expect.poll(told).toEqual(numbers.map((ticketId) => `${ticketId} of ${tenant}`));
  }
  expect(await ask("beta", "DELETE /tickets/10")).toMatchObject({ body: { closed: 1 } });
  expect([await listed("acme"), (await listed("beta"))["tickets"]]).toMatchObject([expected("acme"), { length: 11 }]);
});

test("reads of several tenants at once, between writes, each show one tenant's rows", async () => {
  for (const tenant of TENANTS) for (const ticketId of numbers) await open(tenant, ticketId);
  const rounds = Array.from({ length: 40 }, (_, i) => TENANTS[i % TENANTS.length] ?? "acme");
  const mixed = await Promise.all(
    rounds.map(async (tenant, i) => {
      if (i % 5 === 0) await open(tenant, `late ${i}`, `late ${i} of ${tenant}`);
      const text = JSON.stringify(await listed(tenant));
      return TENANTS.filter((other) => other !== tenant && text.includes(`of ${other}`));
    }),
  );
  expect(mixed.flat()).toEqual([]);
});

test("what was kept for a tenant is its own after a restart, and what was not delivered yet is delivered as its tenant's", async () => {
  await Promise.all(TENANTS.flatMap((tenant) => numbers.map((ticketId) => open(tenant, ticketId))));
  await mounted.stop();
  await start();
  for (const tenant of TENANTS) {
    await expect.poll(async () => ((await listed(tenant))["told"] as unknown[]).length).toBe(numbers.length);
    expect(await listed(tenant)).toEqual(expected(tenant));
  }
});

test("one idempotency key of several tenants is a command of each", async () => {
  const place = (tenant: string) =>
    ask(tenant, "POST /tickets", { json: { ticketId: "1", text: `of ${tenant}` }, key: "the same" });
  const first = await Promise.all(TENANTS.map(place));
  const again = await Promise.all(TENANTS.map(place));
  expect([first, again]).toEqual([1, 2].map(() => TENANTS.map(() => ({ status: 200, body: { open: 1 } }))));
  expect((await listed("beta"))["tickets"]).toEqual([{ ticketId: "1", text: "of beta" }]);
});

test("an operation across tenants shows all of them, to a principal of every tenant", async () => {
  await Promise.all(TENANTS.map((tenant) => open(tenant, "1")));
  const all = await ask("default", "GET /tickets-of-all");
  expect(all).toEqual({ status: 200, body: { counts: { acme: 1, beta: 1, gamma: 1 } } });
  const guest = await mounted.fetch(new Request("http://localhost/tickets-of-all"));
  expect([guest.status, await guest.json()]).toMatchObject([403, { code: "tenant-foreign" }]);
  expect((await listed("default"))["tickets"]).toEqual([]);
});

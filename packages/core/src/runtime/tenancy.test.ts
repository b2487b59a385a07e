import { setImmediate as drained } from "node:timers/promises";
import { memory } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { anyone, app, context, tables } from "../context/index.ts";
import { command, event, query } from "../contract/index.ts";
import { refuse } from "../error/index.ts";
import type { CallRequest, Calls, CommandScope, Store, Table } from "../ports/index.ts";
import { ByHand } from "./fixture.ts";
import { over } from "./over.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

const Input = z.object({ id: z.string() });
const Place = command("orders.place", { input: Input, output: z.object({ tenant: z.string() }) });
const Placed = event("orders.placed", { version: 1, key: "id", data: Input });
const Charge = command("billing.charge", { input: Input, output: z.object({ tenant: z.string() }) });
const GetRate = query("billing.get-rate", { input: Input, output: z.object({ tenant: z.string() }) });

/** Orders asks billing in `before` of its command and of its subscription; every body and policy notes its tenant. */
async function world(store: Store = memory(), calls?: Calls) {
  const noted: string[] = [];
  const note = (what: string, { tenant }: { readonly tenant: string }): { tenant: string } => {
    noted.push(`${what} ${tenant}`);
    return { tenant };
  };
  const orders = context("orders", { contract: { Place, Placed }, tx: tables(), uses: [Charge, GetRate] });
  const billing = context("billing", { contract: { Charge, GetRate }, tx: tables() });
  orders.handle(
    Place,
    { allow: (asked) => note("allow", asked).tenant !== "", before: (input, { call }) => call(GetRate, input) },
    ({ id }, { emit, tenant, now }) => {
      emit(Placed, { id });
      emit(Placed, { id: `${id} later` }, { due: now + 1_000 });
      return { tenant };
    },
  );
  orders.on(
    Placed,
    { name: "charge", from: "start", before: ({ data }, { call }) => call(Charge, data) },
    (_, tools) => void note("charged", tools),
  );
  billing.handle(Charge, { allow: anyone() }, (_, tools) => note("charge", tools));
  billing.answer(GetRate, { allow: anyone() }, (_, tools) => note("rate", tools));
  const hand = new ByHand(drained);
  const it = await RuntimeWorld.started(app({ contexts: [orders, billing] }), {
    store,
    hand,
    ...(calls && { platform: { calls } }),
  });
  return Object.assign(it, { noted });
}

describe("a request for a tenant its principal is not of", () => {
  test.each([
    [{ tenants: ["acme"], tenant: "beta" }, "tenant-foreign"],
    [{ tenants: ["acme"], tenant: "*" }, "tenant-invalid"],
    [{ tenants: [], tenant: "acme" }, "tenant-foreign"],
  ])("%j is refused before `allow` and before its key is looked up", async (by, code) => {
    const recalled: CommandScope[] = [];
    const sound = memory();
    const store = over(sound, { recall: async (scope) => (recalled.push(scope), sound.recall(scope)) });
    const it = await world(store);
    const refusal = await it.refusal("orders.place", { id: "1" }, { ...by, idempotencyKey: "k" });
    expect([refusal.code, it.noted, recalled]).toEqual([code, [], []]);
  });
});

test("everything that follows from a request is its tenant's: calls, entries, what is scheduled and what follows from those", async () => {
  const it = await world();
  await it.reply("orders.place", { id: "1" }, { tenant: "acme" });
  await it.reply("orders.place", { id: "2" }, { tenant: "beta" });
  await it.hand.pass(1_000);
  const entries = await it.log("orders", "orders.placed");
  expect(entries.map(({ key, tenant }) => `${key}: ${tenant}`)).toEqual([
    "1: acme",
    "2: beta",
    "1 later: acme",
    "2 later: beta",
  ]);
  expect(it.noted.filter((one) => one.startsWith("charge")).toSorted()).toEqual([
    ...Array.from({ length: 2 }, () => "charge acme"),
    ...Array.from({ length: 2 }, () => "charge beta"),
    ...Array.from({ length: 2 }, () => "charged acme"),
    ...Array.from({ length: 2 }, () => "charged beta"),
  ]);
  expect(it.noted.slice(0, 2)).toEqual(["allow acme", "rate acme"]);
});

test("a context is of the tenant it works for, and of no other", async () => {
  const sent: CallRequest[] = [];
  const it = await world(memory(), { send: async (request) => (sent.push(request), '{"tenant":"acme"}') });
  await it.reply("orders.place", { id: "1" }, { tenant: "acme" });
  const [call] = sent;
  expect(call).toMatchObject({ principal: { id: "context:orders", tenants: ["acme"] }, origin: { tenant: "acme" } });
  const elsewhere = { ...(call as CallRequest), tenant: "beta", input: { id: "1" }, headers: {} };
  await expect(it.hand.value(it.runtime.execute(elsewhere))).rejects.toMatchObject({ code: "tenant-foreign" });
  expect(it.noted).not.toContain("rate beta");
});

describe("rows of tenants", () => {
  const List = query("desk.list", { input: z.object({}), output: z.object({ keys: z.array(z.string()) }) });
  const ListAll = query("desk.list-all", { input: z.object({}), output: z.object({ keys: z.array(z.string()) }) });
  const Report = query("hall.report", { input: z.object({}), output: z.object({ keys: z.array(z.string()) }) });
  const Ask = query("hall.ask", { input: z.object({}), output: z.object({ keys: z.array(z.string()) }) });
  const Put = command("desk.put", { input: z.object({ id: z.string(), fail: z.boolean().optional() }) });
  const Was = event("desk.was", { version: 1, key: "id", data: z.object({ id: z.string() }) });

  /** `desk` keeps rows of tenants; `hall` asks it for those of all, once as it may and once not. */
  async function desks(): Promise<RuntimeWorld> {
    const desk = context("desk", {
      contract: { List, ListAll, Put, Was },
      tx: tables(),
      tenants: { tables: ["row", "seen"] },
    });
    const keysOf = async (read: { table: (name: string) => Table<unknown> }, table: string): Promise<string[]> =>
      (await read.table(table).entries()).map(([key]) => key);
    desk.answer(List, { allow: anyone() }, async (_, { read }) => ({ keys: await keysOf(read, "row") }));
    desk.answer(ListAll, { allow: anyone(), tenants: "*" }, async (_, { read }) => ({
      keys: [...(await keysOf(read, "row")), ...(await keysOf(read, "seen"))],
    }));
    desk.handle(
      Put,
      { allow: async ({ read }) => (await keysOf(read, "row")).length < 2 },
      async ({ id, fail }, { tx, emit, tenant }) => {
        await tx.table("row").set(id, tenant);
        emit(Was, { id });
        if (fail === true) throw refuse("desk-full", "There is no room.", { kind: "conflict" });
      },
    );
    desk.on(Was, { name: "see", from: "start" }, async ({ data }, { tx, tenant }) =>
      tx.table("seen").set(data.id, tenant),
    );
    const hall = context("hall", { contract: { Report, Ask }, tx: tables(), uses: [ListAll] });
    hall.answer(Report, { allow: anyone(), tenants: "*" }, (_, { call }) => call(ListAll, {}));
    hall.answer(Ask, { allow: anyone() }, (_, { call }) => call(ListAll, {}));
    return RuntimeWorld.started(app({ contexts: [desk, hall] }), { store: memory(), hand: new ByHand(drained) });
  }

  test("are of the request's tenant: in `allow`, bodies, reads and subscriptions, also where a shared batch is run again", async () => {
    const it = await desks();
    const asked = ["acme", "beta", "gamma"].flatMap((tenant) => [
      it.ask("desk.put", { id: "1" }, { tenant }),
      it.ask("desk.put", { id: "2", fail: true }, { tenant }),
      it.ask("desk.put", { id: "3" }, { tenant }),
    ]);
    const outcomes = await Promise.all(asked.map((one) => it.hand.outcome(one)));
    expect(outcomes.map((one) => one !== "pending" && "error" in one)).toEqual(
      Array.from({ length: 3 }, () => [false, true, false]).flat(),
    );
    expect(it.hand.said("batch.rerun").length).toBeGreaterThan(0);
    for (const tenant of ["acme", "beta", "gamma"])
      expect((await it.reply("desk.list", {}, { tenant })).value).toEqual({ keys: ["1", "3"] });
    expect((await it.refusal("desk.put", { id: "4" }, { tenant: "beta" })).code).toBe("not-allowed");
    const own = ["acme", "beta", "gamma"].flatMap((tenant) => [`${tenant}/1`, `${tenant}/3`]);
    expect((await it.reply("desk.list-all", {}, { tenants: "*" })).value).toEqual({ keys: [...own, ...own] });
  });

  test("are shown across tenants to principals of every tenant, through contexts that work for them too", async () => {
    const it = await desks();
    await it.reply("desk.put", { id: "1" }, { tenant: "acme" });
    const keys = ["acme/1", "acme/1"];
    expect((await it.reply("hall.report", {}, { tenants: "*" })).value).toEqual({ keys });
    expect((await it.refusal("desk.list-all", {}, { tenants: ["acme", "beta"] })).code).toBe("tenant-foreign");
    expect((await it.refusal("hall.report", {}, { tenant: "acme" })).code).toBe("tenant-foreign");
    expect((await it.refusal("hall.ask", {}, { tenant: "acme" })).code).toBe("tenant-foreign");
    // of every tenant, but working for one: what it asks of others is asked for that one
    expect((await it.refusal("hall.ask", {}, { tenants: "*" })).code).toBe("tenant-foreign");
  });
});

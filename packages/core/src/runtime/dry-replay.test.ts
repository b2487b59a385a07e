import { setImmediate as drained } from "node:timers/promises";
import { memory } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { anyone, app, backoff, context, needs, tables, type Context } from "../context/index.ts";
import { command, event } from "../contract/index.ts";
import { BanyanError, refuse } from "../error/index.ts";
import { application, billing, numbered, orders, Placed, type Item } from "./delivery-fixture.ts";
import { ByHand } from "./fixture.ts";
import type { DryReplay, DryReplayQuery } from "./dry-replay.ts";
import { RuntimeWorld, type WorldOptions } from "./runtime-fixture.ts";

const subscription = "billing.note";
const retry = backoff("1s", "1s", 1);

type Body = (data: Item) => unknown;

async function world(code: { body: Body }, options: Partial<WorldOptions> = {}): Promise<RuntimeWorld> {
  const reader = billing((data) => code.body(data), { retry });
  return RuntimeWorld.started(application(orders(), reader), {
    store: memory(),
    hand: new ByHand(drained),
    ...options,
  });
}

const place = (it: RuntimeWorld, ...keys: string[]): Promise<unknown> => it.reply("orders.place", numbered(...keys));
const dry = (it: RuntimeWorld, query: Partial<DryReplayQuery> = {}): Promise<DryReplay> =>
  it.hand.value(it.runtime.delivery.dryReplay({ subscription, ...query }));
const failing = (...items: string[]): Body => {
  return ({ id, n }) => {
    if (items.includes(`${id}${n}`)) throw new BanyanError("handler-failed", `${id}${n} fails`);
  };
};
const positions = ({ entries }: DryReplay): number[] => entries.map(({ position }) => position);

describe("a dry replay", () => {
  test("says what the code that runs now would make of each entry, and keeps nothing", async () => {
    const code = { body: failing() };
    const it = await world(code);
    await place(it, "a", "b", "a");
    const before = [await it.rows("billing", "seen"), await it.runtime.delivery.subscriptions()];
    code.body = failing("b1");
    expect(await dry(it)).toEqual({
      subscription,
      source: "orders",
      entries: [
        { position: 1, key: "a", type: "orders.placed", outcome: "ok", emitted: 0 },
        {
          position: 2,
          key: "b",
          type: "orders.placed",
          outcome: "failed",
          code: "handler-failed",
          message: "b1 fails",
          emitted: 0,
        },
        { position: 3, key: "a", type: "orders.placed", outcome: "ok", emitted: 0 },
      ],
      summary: { ok: 2, failed: 1, skipped: 0, emitted: 0 },
      through: 3,
      more: false,
    });
    expect([await it.rows("billing", "seen"), await it.runtime.delivery.subscriptions()]).toEqual(before);
    expect(it.runtime.status).toMatchObject({ parked: 0 });
    expect(await it.runtime.delivery.audit()).toEqual([]);
  });

  test("runs each entry against the tables as they are: of another entry of its key it sees nothing", async () => {
    const reader = context("billing", { contract: {}, tx: tables() });
    const counts: unknown[] = [];
    reader.on(Placed, { name: "note", from: "now", retry }, async ({ data }, { tx }) => {
      const count = ((await tx.table<number>("count").get(data.id)) ?? 0) + 1;
      counts.push(count);
      await tx.table("count").set(data.id, count);
    });
    const it = await RuntimeWorld.started(application(orders(), reader as Context), {
      store: memory(),
      hand: new ByHand(drained),
    });
    await place(it, "a");
    expect(await it.rows("billing", "count")).toEqual({ a: 1 });
    await place(it, "a", "a");
    counts.length = 0;
    await dry(it);
    expect(counts).toEqual([4, 4, 4]);
    expect(await it.rows("billing", "count")).toEqual({ a: 3 });
  });

  test("takes a part of the log: from a position, from a time, of one key, at most so many", async () => {
    const it = await world({ body: failing() });
    await place(it, "a", "b");
    await it.hand.pass(60_000);
    const since = it.hand.wall;
    await place(it, "a", "b", "a");
    expect(positions(await dry(it, { from: 3 }))).toEqual([3, 4, 5]);
    expect(positions(await dry(it, { since }))).toEqual([3, 4, 5]);
    expect(positions(await dry(it, { since: since + 1 }))).toEqual([]);
    expect(positions(await dry(it, { key: "a" }))).toEqual([1, 3, 5]);
    expect(await dry(it, { key: "a", from: 2, limit: 1 })).toMatchObject({ through: 3, more: true });
    expect(positions(await dry(it, { key: "a", from: 4, limit: 1 }))).toEqual([5]);
    expect(await dry(it, { limit: 5 })).toMatchObject({ through: 5, more: false });
    expect(await dry(it, { limit: 4 })).toMatchObject({ through: 4, more: true });
    expect(await dry(it, { key: "nobody" })).toMatchObject({ entries: [], through: 5, more: false });
  });

  test("ends after 1,000 entries, or when it has taken long enough, and says so", async () => {
    const code = { body: failing() };
    const it = await world(code);
    await place(it, ...Array.from({ length: 1_100 }, (_, i) => `k${i % 9}`));
    const whole = await dry(it);
    expect([whole.entries.length, whole.through, whole.more]).toEqual([1_000, 1_000, true]);
    code.body = () => it.hand.elapse(4_000);
    const slow = await dry(it);
    expect([slow.entries.length, slow.through, slow.more]).toEqual([4, 4, true]);
  });

  test("tells whether parked entries would pass now, without trying them", async () => {
    const code = { body: failing("a0", "b1") };
    const it = await world(code);
    await place(it, "a", "b", "a", "c");
    expect(it.runtime.status).toMatchObject({ parked: 3 });
    code.body = failing("b1");
    const { entries, summary, more } = await dry(it, { of: "parked" });
    expect(entries.map(({ position, outcome }) => `${position} ${outcome}`)).toEqual(["1 ok", "2 failed", "3 ok"]);
    expect([summary.ok, summary.failed, more]).toEqual([2, 1, false]);
    expect(positions(await dry(it, { of: "parked", key: "a", limit: 1 }))).toEqual([1]);
    expect(it.runtime.status).toMatchObject({ parked: 3, dead: 2 });
    expect(await it.runtime.delivery.parked({})).toMatchObject([{ attempts: 1 }, { attempts: 1 }, { attempts: 0 }]);
  });

  test("reports what this code cannot read", async () => {
    const Other = event("orders.placed", { version: 1, key: "id", data: Placed.schema });
    const it = await world({ body: failing() });
    await place(it, "a");
    const entry = (await it.log("orders", Other.name))[0];
    expect(entry).toBeDefined();
    const broken = billing(() => {}, { retry });
    const hand = new ByHand(drained);
    const store = memory();
    const other = await RuntimeWorld.started(application(orders(), broken), { store, hand });
    const transaction = await store.begin();
    await transaction.append("orders", [{ ...(entry as NonNullable<typeof entry>), body: "{" }]);
    await transaction.commit();
    expect((await dry(other)).entries).toMatchObject([{ outcome: "failed", code: "event-undecodable" }]);
  });
});

describe("beside live traffic", () => {
  test("no batch runs again for it, and everybody goes before its next entry", async () => {
    const code = { body: failing() };
    const it = await world(code);
    await place(it, ...Array.from({ length: 300 }, () => "a"));
    code.body = failing(...Array.from({ length: 300 }, (_, n) => `a${n}`));
    const dryReplay = it.runtime.delivery.dryReplay({ subscription });
    let done = false;
    void dryReplay.then(() => (done = true));
    for (let i = 0; i < 20; i++) {
      const reply = it.ask("orders.place", [{ id: "b", n: i }]);
      let answered = false;
      void reply.then(() => (answered = true));
      for (let turn = 0; turn < 4; turn++) await it.hand.oneTurn();
      expect(answered, `request ${i}`).toBe(true);
    }
    expect(done, "the dry replay goes on meanwhile").toBe(false);
    // what came meanwhile is not of it
    expect((await it.hand.value(dryReplay)).summary).toEqual({ ok: 0, failed: 300, skipped: 0, emitted: 0 });
    expect(it.hand.said("batch.rerun")).toEqual([]);
    expect(Object.keys(await it.rows("billing", "seen"))).toHaveLength(320);
  });

  test("it ends when the process stops", async () => {
    const code = { body: failing() };
    const it = await world(code);
    await place(it, ...Array.from({ length: 100 }, () => "a"));
    let runs = 0;
    code.body = () => void runs++;
    const dryReplay = it.runtime.delivery.dryReplay({ subscription });
    await it.hand.oneTurn();
    const stopped = it.runtime.stop();
    expect(await it.hand.outcome(dryReplay)).toMatchObject({ error: { code: "draining" } });
    expect(runs).toBe(1);
    await it.hand.value(stopped);
  });

  test("a body that waits for something else is told so, and holds nobody up", async () => {
    const code: { body: Body } = { body: failing() };
    const it = await world(code);
    await place(it, "a");
    code.body = () => new Promise(() => {});
    const dryReplay = it.runtime.delivery.dryReplay({ subscription });
    dryReplay.catch(() => {});
    await it.hand.pass(2_000);
    expect((await dryReplay).entries).toMatchObject([{ outcome: "failed", code: "unit-stalled" }]);
  });
});

const Charge = command("billing.charge", { input: Placed.schema });
const Billed = event("billing.billed", { version: 1, key: "id", data: Placed.schema });

interface Provider {
  readonly currency: string;
  charge(id: string): number;
}

/** What was done outside, and a subscription that does so as it is told. */
async function acting(
  before: (event: { data: Item }, tools: any) => unknown,
): Promise<{ it: RuntimeWorld; acts: string[] }> {
  const acts: string[] = [];
  class Provided {
    get limit(): number {
      return acts.push("limit");
    }
  }
  const own = {
    currency: "EUR",
    charge: (id: string) => acts.push(id),
    get balance(): number {
      return acts.push("balance");
    },
  };
  const provider: Provider = Object.create(Provided.prototype, Object.getOwnPropertyDescriptors(own)) as Provider;
  const reader = context("billing", {
    contract: { Billed, Charge },
    ports: needs<{ provider: Provider }>("provider"),
    tx: tables(),
  });
  reader.handle(Charge, { allow: anyone() }, () => void acts.push("command"));
  reader.on(
    Placed,
    { name: "note", from: "start", retry, before: before as never },
    ({ data }, { emit, before: found }) => {
      if (found !== "quiet") emit(Billed, data);
    },
  );
  const it = await RuntimeWorld.started(
    app({ contexts: [orders(), reader as Context], ports: () => ({ billing: { provider } }) as never }),
    { store: memory(), hand: new ByHand(drained) },
  );
  return { it, acts };
}

describe("the outside", () => {
  const charged = (event: { data: Item }, { once, ports }: any): unknown =>
    once("charge", {}, () => ports.provider.charge(event.data.id));

  test("gives back what is recorded, and is asked for nothing", async () => {
    const { it, acts } = await acting(charged);
    await place(it, "a");
    expect(acts).toEqual(["a"]);
    expect(await dry(it)).toMatchObject({ entries: [{ outcome: "ok", emitted: 1 }], summary: { ok: 1, emitted: 1 } });
    expect(acts).toEqual(["a"]);
    expect(await it.log("billing", "billing.billed")).toHaveLength(1);
  });

  test("gives back a refusal that is recorded", async () => {
    const found: unknown[] = [];
    const { it } = await acting(async (_, { once }) => {
      const outcome = await once("charge", {}, () => refuse("declined", "No money."));
      found.push((outcome as BanyanError).code);
      return "quiet";
    });
    await place(it, "a");
    expect((await dry(it)).entries).toMatchObject([{ outcome: "ok" }]);
    expect(found).toEqual(["declined", "declined"]);
  });

  test("where nothing is recorded the entry is skipped, with the reason, whatever the code makes of the refusal", async () => {
    const name = { of: "charge" };
    const { it, acts } = await acting(async (event, { once }) =>
      once(name.of, {}, () => acts.push(event.data.id)).catch(() => "swallowed"),
    );
    await place(it, "a");
    name.of = "charge-again";
    expect(await dry(it)).toMatchObject({
      entries: [{ outcome: "skipped", reason: 'no outcome of "charge-again" is recorded', emitted: 0 }],
      summary: { ok: 0, skipped: 1 },
    });
    expect(acts).toEqual(["a"]);
    expect(await it.log("billing", "billing.billed")).toHaveLength(1);
  });

  test("commands are not called", async () => {
    const { it, acts } = await acting((event, { call }) => call(Charge, event.data));
    await place(it, "a");
    expect(acts).toEqual(["command"]);
    expect((await dry(it)).entries).toMatchObject([
      { outcome: "skipped", reason: 'it calls the command "billing.charge"' },
    ]);
    expect(acts).toEqual(["command"]);
  });

  test("what a port computes is not asked for, its own or inherited", async () => {
    for (const name of ["balance", "limit"]) {
      const { it, acts } = await acting((_, { ports }) => (ports.provider[name] > 0 ? "quiet" : "quiet"));
      await place(it, "a");
      expect(acts).toEqual([name]);
      expect((await dry(it)).entries).toMatchObject([
        { outcome: "skipped", reason: `it uses \`ports.provider.${name}\`` },
      ]);
      expect(acts).toEqual([name]);
    }
  });

  test("ports may be looked at and not used", async () => {
    const { it, acts } = await acting((event, { ports }) => {
      if (ports.provider.currency !== "EUR") return "quiet";
      return event.data.id === "b" ? "quiet" : ports.provider.charge(event.data.id);
    });
    await place(it, "a", "b");
    expect((await dry(it)).entries).toMatchObject([
      { outcome: "skipped", reason: "it uses `ports.provider.charge`" },
      { outcome: "ok", emitted: 0 },
    ]);
    expect(acts).toEqual(["a"]);
  });
});

import { setImmediate as drained } from "node:timers/promises";
import { EVERY_TENANT, memory, memoryDisk, type MemoryDisk, type Store, type StoreTransaction } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { anyone, app, backoff, context, tables, type Context, type EventBeforeTools } from "../context/index.ts";
import { event, query } from "../contract/index.ts";
import { BanyanError } from "../error/index.ts";
import { application, billing, numbered, orders, Place, Placed, type Item } from "./delivery-fixture.ts";
import { ByHand } from "./fixture.ts";
import { over } from "./over.ts";
import { RuntimeWorld, type WorldOptions } from "./runtime-fixture.ts";

const ANN = { name: "ann", why: "the totals were wrong" };
const subscription = "totals.count";

interface Total {
  readonly count: number;
  readonly entries: readonly number[];
}

/** How the code of a test differs. */
interface Code {
  /** Numbers added to each total that is made: another version of the code. */
  by?: number;
  failing?: Set<string>;
  before?: (event: { data: Item }, tools: EventBeforeTools<string, any, {}, never>) => unknown;
  clear?: (tx: any) => unknown;
}

/** "totals" counts the entries of each key, in the order they come. */
function totals(code: Code): Context {
  const whole = context("totals", { contract: {}, tx: tables() });
  const clear = async (tx: any): Promise<void> => {
    for (const [key] of await tx.table("total").entries()) await tx.table("total").delete(key);
  };
  const options = {
    name: "count",
    from: "start",
    retry: backoff("1s", "10s", 2),
    rebuild: { clear: code.clear ?? clear },
    ...(code.before === undefined ? {} : { before: code.before }),
  } as const;
  whole.on(Placed, options as never, async ({ data, position }, { tx }) => {
    if (code.failing?.has(`${data.id}${data.n}`)) throw new BanyanError("handler-failed", "it fails");
    const { count, entries } = (await tx.table<Total>("total").get(data.id)) ?? { count: 0, entries: [] };
    await tx.table("total").set(data.id, { count: count + (code.by ?? 1), entries: [...entries, position] });
  });
  return whole as Context;
}

interface Options extends Partial<WorldOptions> {
  code?: Code;
  disk?: MemoryDisk;
}

async function world({ code = {}, disk = memoryDisk(), ...more }: Options = {}): Promise<RuntimeWorld> {
  return RuntimeWorld.started(application(orders(), totals(code), billing()), {
    store: memory(disk),
    hand: new ByHand(drained),
    ...more,
  });
}

const place = (it: RuntimeWorld, ...keys: string[]): Promise<unknown> => it.reply("orders.place", numbered(...keys));
const counted = (it: RuntimeWorld): Promise<Record<string, unknown>> => it.rows("totals", "total");
const replay = (it: RuntimeWorld): Promise<unknown> => it.runtime.delivery.replay({ subscription }, ANN);

async function refusal(it: RuntimeWorld, work: Promise<unknown>): Promise<string> {
  const outcome = await it.hand.outcome(work);
  return outcome !== "pending" && "error" in outcome ? (outcome.error as BanyanError).code : "not refused";
}

/** A store that is told of every transaction, and may change it. */
function watched(store: Store, change: (transaction: StoreTransaction) => Partial<StoreTransaction>): Store {
  return over(store, {
    begin: async () => {
      const transaction = await store.begin();
      return over(transaction, change(transaction));
    },
  });
}

describe("a replay", () => {
  test("clears the effects and makes them anew from the start, by the code that runs now", async () => {
    const code: Code = {};
    const it = await world({ code });
    await place(it, "a", "b", "a");
    expect(await counted(it)).toEqual({ a: { count: 2, entries: [1, 3] }, b: { count: 1, entries: [2] } });
    code.by = 10;
    expect(await it.hand.value(replay(it))).toEqual({ subscription, source: "orders", entries: 3, parked: 0 });
    expect(await counted(it)).toEqual({ a: { count: 20, entries: [1, 3] }, b: { count: 10, entries: [2] } });
    await place(it, "a");
    expect(await counted(it)).toMatchObject({ a: { count: 30, entries: [1, 3, 4] } });
    expect(await it.runtime.delivery.audit()).toMatchObject([
      { operator: "ann", why: ANN.why, action: "replay", subject: { subscription, source: "orders" } },
    ]);
  });

  test("is one commit, under a fence that goes on from the one before", async () => {
    const commits: string[][] = [];
    const noting = (transaction: StoreTransaction): Partial<StoreTransaction> => {
      const deeds: string[] = [];
      return {
        rewind: async (of) => (deeds.push("rewind"), transaction.rewind(of)),
        audit: async (record) => (deeds.push("audit"), transaction.audit(record)),
        unit: (of, name) => (deeds.push(name), transaction.unit(of, name)),
        commit: async () => (commits.push(deeds), transaction.commit()),
      };
    };
    const disk = memoryDisk();
    const it = await world({ store: watched(memory(disk), noting) });
    await place(it, "a");
    commits.length = 0;
    await it.hand.value(replay(it));
    expect(commits).toEqual([["rewind", `rebuild of ${subscription}`, "audit"], [subscription]]);
    const { cursors } = await memory(disk).open({ contexts: [], now: () => 0, newId: () => "" });
    expect(cursors.find((cursor) => cursor.subscription === subscription)).toMatchObject({
      pos: 1,
      open: [],
      fence: 2,
    });
  });

  test("takes what is parked along: it comes again in its turn", async () => {
    const code: Code = { failing: new Set(["a0"]) };
    const it = await world({ code });
    await place(it, "a", "b", "a");
    await it.hand.pass(60_000);
    expect(it.runtime.status).toMatchObject({ parked: 2, dead: 1 });
    code.failing?.clear();
    expect(await it.hand.value(replay(it))).toMatchObject({ parked: 2 });
    expect(it.runtime.status).toMatchObject({ parked: 0, dead: 0 });
    expect(await counted(it)).toEqual({ a: { count: 2, entries: [1, 3] }, b: { count: 1, entries: [2] } });
    expect(it.hand.timers).toBe(0);
  });

  test("goes on beside requests and other subscriptions, and nothing that arrives meanwhile is lost or done twice", async () => {
    const it = await world();
    await place(it, "a", "b");
    const before = it.fates("billing.note");
    const all: Promise<unknown>[] = [];
    for (let i = 0; i < 40; i++) {
      all.push(it.ask("orders.place", numbered("a", `k${i}`, "b")));
      if (i % 8 === 4) all.push(replay(it));
      await it.hand.oneTurn();
    }
    await it.hand.value(Promise.all(all));
    const log = await it.log("orders", "orders.placed");
    const expected: Record<string, Total> = {};
    for (const { key, position } of log) {
      const { count, entries } = expected[key] ?? { count: 0, entries: [] };
      expected[key] = { count: count + 1, entries: [...entries, position] };
    }
    expect(log).toHaveLength(122);
    expect(await counted(it)).toEqual(expected);
    expect((await it.runtime.delivery.audit()).length).toBeGreaterThan(1);
    expect(it.fates("billing.note").slice(before.length)).toHaveLength(120);
  });

  test("never meets a commit that keeps how far the lane has looked", async () => {
    const Noise = event("orders.noise", { version: 1, key: "id", data: Placed.schema });
    const noisy = context("orders", { contract: { Placed, Noise, Place }, tx: tables() });
    noisy.handle(Place, { allow: anyone() }, (input, { emit }) => {
      for (const data of input) emit(data.id === "noise" ? Noise : Placed, data);
    });
    for (let turns = 0; turns < 10; turns++) {
      const it = await RuntimeWorld.started(application(noisy as Context, totals({})), {
        store: memory(),
        hand: new ByHand(drained),
      });
      await place(it, "a");
      const far = it.ask("orders.place", numbered(...Array.from({ length: 1_100 }, () => "noise")));
      for (let turn = 0; turn < turns; turn++) await it.hand.oneTurn();
      await it.hand.value(Promise.all([far, replay(it)]));
      expect(it.runtime.status.state, `after ${turns} turns`).toBe("ready");
      expect(await counted(it)).toEqual({ a: { count: 1, entries: [1] } });
    }
  });

  test("waits for the entry that is under way, whose effect is not kept besides", async () => {
    let release = (): void => {};
    let held = true;
    const before = (): unknown => (held ? new Promise<void>((resolve) => (release = resolve)) : undefined);
    const it = await world({ code: { before } });
    const placed = place(it, "a");
    await it.hand.value(placed);
    const replayed = replay(it);
    const atOnce = replay(it);
    atOnce.catch(() => {});
    expect(await it.hand.outcome(replayed)).toBe("pending");
    expect(await refusal(it, atOnce)).toBe("replay-in-progress");
    expect(await refusal(it, replay(it))).toBe("replay-in-progress");
    const parkedOp = it.runtime.delivery.redrive({ subscription }, ANN);
    expect(await refusal(it, parkedOp)).toBe("replay-in-progress");
    held = false;
    release();
    await it.hand.value(replayed);
    expect(it.fates(subscription)).toEqual(["1 settled", "1 settled"]);
    expect(await counted(it)).toEqual({ a: { count: 1, entries: [1] } });
  });
});

describe("a replay that cannot be had changes nothing and delivery goes on", () => {
  const asBefore = { a: { count: 1, entries: [1] } };

  test("where clearing fails", async () => {
    const clear = async (tx: any): Promise<void> => {
      await tx.table("total").delete("a");
      throw new Error("no such table");
    };
    const it = await world({ code: { clear, failing: new Set(["b0"]) } });
    await place(it, "a");
    await place(it, "b", "b");
    expect(await refusal(it, replay(it))).toBe("handler-failed");
    expect(await counted(it)).toEqual(asBefore);
    expect(it.runtime.status).toMatchObject({ parked: 2 });
    expect(await it.runtime.delivery.audit()).toEqual([]);
    await place(it, "a");
    expect(await counted(it)).toEqual({ a: { count: 2, entries: [1, 4] } });
  });

  test("where the commit fails: what was under way before is delivered once", async () => {
    let failing = false;
    const fails = (transaction: StoreTransaction): Partial<StoreTransaction> => {
      let rewinds = false;
      return {
        rewind: (of) => ((rewinds = true), transaction.rewind(of)),
        commit: async () => {
          if (failing && rewinds) throw new BanyanError("commit-failed", "on purpose");
          return transaction.commit();
        },
      };
    };
    const it = await world({ store: watched(memory(), fails) });
    await place(it, "a");
    failing = true;
    const work = replay(it);
    const more = it.ask("orders.place", numbered("a"));
    expect(await refusal(it, work)).toBe("commit-failed");
    await it.hand.value(more);
    expect(await counted(it)).toEqual({ a: { count: 2, entries: [1, 2] } });
    failing = false;
    await it.hand.value(replay(it));
    expect(await counted(it)).toEqual({ a: { count: 2, entries: [1, 2] } });
  });

  test("where `rebuild` is not declared, or nobody has such a subscription, or it is held", async () => {
    const disk = memoryDisk();
    await world({ disk });
    const it = await world({ disk, hold: [subscription] });
    const code = (name: string): Promise<string> =>
      refusal(it, it.runtime.delivery.replay({ subscription: name }, ANN));
    expect(await code("billing.note")).toBe("replay-undeclared");
    expect(await code("billing.nothing")).toBe("subscription-unknown");
    expect(await code(subscription)).toBe("subscription-held");
  });

  test("where retention has taken the beginning of the log", async () => {
    const whole = context("orders", { contract: { Placed, Place }, tx: tables(), keep: "1s" });
    whole.handle(Place, { allow: anyone() }, (input, { emit }) => {
      for (const data of input) emit(Placed, data);
    });
    const begun = { rewinds: 0 };
    const counting = (transaction: StoreTransaction): Partial<StoreTransaction> => ({
      rewind: (of) => (begun.rewinds++, transaction.rewind(of)),
    });
    const it = await RuntimeWorld.started(application(whole as Context, totals({})), {
      store: watched(memory(), counting),
      hand: new ByHand(drained),
    });
    await place(it, "a");
    await it.hand.pass(120_000);
    const commits = it.hand.said("batch.committed").length;
    expect(await refusal(it, replay(it))).toBe("log-trimmed");
    expect(begun.rewinds, "it is not even prepared").toBe(0);
    expect(it.hand.said("batch.committed")).toHaveLength(commits);
    expect(await counted(it)).toEqual(asBefore);
    await place(it, "b");
    expect(await counted(it)).toMatchObject({ b: { count: 1 } });
  });

  test("where the process is stopping", async () => {
    let release = (): void => {};
    const before = (): unknown => new Promise<void>((resolve) => (release = resolve));
    const it = await world({ code: { before } });
    await place(it, "a");
    const replayed = replay(it);
    await it.hand.settle();
    const stopped = it.runtime.stop();
    await it.hand.settle();
    release();
    expect(await refusal(it, replayed)).toBe("draining");
    await it.hand.value(stopped);
  });
});

describe("a process that dies around the commit of a replay", () => {
  for (const keeps of [false, true]) {
    test(`${keeps ? "after" : "before"} it is on the disk: the next start has ${keeps ? "the new" : "the old"} state and delivers each entry once`, async () => {
      const disk = memoryDisk();
      const dies = (transaction: StoreTransaction): Partial<StoreTransaction> => {
        let rewinds = false;
        return {
          rewind: (of) => ((rewinds = true), transaction.rewind(of)),
          commit: async () => {
            if (!rewinds) return transaction.commit();
            await (keeps ? transaction.commit() : transaction.rollback());
            throw new BanyanError("store-failed", "nobody knows");
          },
        };
      };
      const code: Code = { failing: new Set(["b1"]) };
      const it = await world({ code, store: watched(memory(disk), dies) });
      await place(it, "a", "b", "a");
      expect(await refusal(it, replay(it))).toBe("store-failed");
      expect(it.runtime.status.state).toBe("failed");

      code.failing?.clear();
      const next = await world({ code: { ...code, by: 10 }, disk });
      await next.hand.pass(60_000);
      const anew = { a: { count: 20, entries: [1, 3] }, b: { count: 10, entries: [2] } };
      const old = { a: { count: 2, entries: [1, 3] }, b: { count: 10, entries: [2] } };
      expect(await counted(next)).toEqual(keeps ? anew : old);
      expect(await next.runtime.delivery.audit()).toHaveLength(keeps ? 1 : 0);
    });
  }
});

describe("retention and a replay", () => {
  test("the log is held from its start as soon as a replay is prepared", async () => {
    let release = (): void => {};
    let held = false;
    const before = (): unknown => (held ? new Promise<void>((resolve) => (release = resolve)) : undefined);
    const whole = context("orders", { contract: { Placed, Place }, tx: tables(), keep: "1s" });
    whole.handle(Place, { allow: anyone() }, (input, { emit }) => {
      for (const data of input) emit(Placed, data);
    });
    const store = memory();
    const it = await RuntimeWorld.started(application(whole as Context, totals({ before })), {
      store,
      hand: new ByHand(drained),
    });
    await place(it, "a");
    await it.hand.pass(45_000);
    held = true;
    await place(it, "b");
    const replayed = replay(it);
    // a sweep comes meanwhile, and the first entry is old and settled
    await it.hand.pass(25_000);
    held = false;
    release();
    await it.hand.value(replayed);
    expect(await counted(it)).toEqual({ a: { count: 1, entries: [1] }, b: { count: 1, entries: [2] } });
  });
});

test("what is cleared is every tenant's, although each entry reaches its own tenant's rows only", async () => {
  const reader = context("totals", { contract: {}, tx: tables(), tenants: { tables: ["total"] } });
  const clear = async (tx: any): Promise<void> => {
    for (const [key] of await tx.table("total").entries()) await tx.table("total").delete(key);
  };
  reader.on(Placed, { name: "count", from: "start", rebuild: { clear } }, async ({ data }, { tx }) => {
    const count = (await tx.table<number>("total").get(data.id)) ?? 0;
    await tx.table("total").set(data.id, count + 1);
  });
  const store = memory();
  const it = await RuntimeWorld.started(application(orders(), reader as Context), {
    store,
    hand: new ByHand(drained),
  });
  for (const tenant of ["acme", "beta", "acme"]) await it.reply("orders.place", numbered("a"), { tenant });
  const all = async (): Promise<unknown> => {
    const session = await store.session("totals", EVERY_TENANT);
    const rows = session.raw.kind === "tables" ? await session.raw.table("total").entries() : [];
    await session.end();
    return Object.fromEntries(rows);
  };
  expect(await all()).toEqual({ "acme/a": 2, "beta/a": 1 });
  await it.hand.value(replay(it));
  expect(await all()).toEqual({ "acme/a": 2, "beta/a": 1 });
});

describe("a subscription that declares `rebuild`", () => {
  test("neither emits nor acts outside nor calls commands, whatever its types were made to say", async () => {
    const Ask = query("orders.ask", { input: Placed.schema, output: Placed.schema });
    const asked = context("orders", { contract: { Placed, Place, Ask }, tx: tables() });
    asked.handle(Place, { allow: anyone() }, (input, { emit }) => {
      for (const data of input) emit(Placed, data);
    });
    asked.answer(Ask, { allow: anyone() }, (input) => input);
    const reader = context("reader", { contract: {}, uses: [Place, Ask], tx: tables() });
    const clear = (): void => {};
    const retry = backoff("1s", "1s", 1);
    const on = (name: string, before: unknown, body: unknown = () => {}): void =>
      reader.on(Placed, { name, from: "start", retry, rebuild: { clear }, before } as never, body as never);
    on("asks", async (event: any, { call }: any) => call(Ask, event.data));
    on("calls", async (event: any, { call }: any) => call(Place, [event.data]));
    on("acts", async (_: unknown, { once }: any) => once("act", {}, () => 1));
    on("emits", undefined, (event: any, { emit }: any) => emit(Placed, event.data));
    const it = await RuntimeWorld.started(app({ contexts: [asked as Context, reader as Context] }), {
      store: memory(),
      hand: new ByHand(drained),
    });
    await place(it, "a");
    const codes = it.hand.said("entry.parked").map(({ subscription: name, code }) => `${name} ${code}`);
    expect(codes.sort()).toEqual([
      "reader.acts rebuild-acts",
      "reader.calls call-command-in-before",
      "reader.emits rebuild-acts",
    ]);
    expect(await it.log("orders", "orders.placed")).toHaveLength(1);
  });
});

import { setImmediate as drained } from "node:timers/promises";
import { memory, memoryDisk, type MemoryDisk } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { anyone, backoff, context, tables, type Context } from "../context/index.ts";
import { event } from "../contract/index.ts";
import { BanyanError } from "../error/index.ts";
import type { Store } from "../ports/index.ts";
import { application, billing, numbered, Place, Placed, type Item } from "./delivery-fixture.ts";
import { ByHand } from "./fixture.ts";
import { RuntimeWorld, type WorldOptions } from "./runtime-fixture.ts";
import { settledThrough, slowestOf } from "./places.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const subscription = "billing.note";
const Lost = event("orders.lost", { version: 1, key: "id", data: Placed.schema });

/** "orders" as in other tests, whose log is kept so long. */
function ordersKept(keep: string | undefined, lost: boolean): Context {
  const whole = context("orders", {
    contract: lost ? { Placed, Place, Lost } : { Placed, Place },
    tx: tables(),
    ...(keep === undefined ? {} : { keep }),
  });
  whole.handle(Place, { allow: anyone() }, (input, { emit }) => {
    for (const data of input) emit(Placed, data);
  });
  return whole as Context;
}

/** Another reader of "orders". */
function reader(name: string): Context {
  const whole = context(name, { contract: {}, tx: tables() });
  whole.on(Placed, { name: "note", from: "start" }, () => {});
  return whole as Context;
}

interface Setting extends Partial<WorldOptions> {
  readonly keep?: string | undefined;
  readonly disk?: MemoryDisk;
  readonly readers?: readonly Context[];
  /** It has a second event. */
  readonly lost?: boolean;
}

async function world(setting: Setting = {}): Promise<RuntimeWorld> {
  const { keep, disk = memoryDisk(), readers = [billing()], lost = false, ...more } = { keep: "1d", ...setting };
  const app = application(ordersKept(keep, lost), ...readers);
  return RuntimeWorld.started(app, { store: memory(disk), hand: new ByHand(drained), ...more });
}

const place = (it: RuntimeWorld, ...keys: string[]): Promise<unknown> => it.reply("orders.place", numbered(...keys));

const positions = async (it: RuntimeWorld): Promise<number[]> =>
  (await it.log("orders", "orders.placed")).map(({ position }) => position);

/** What becomes of keys that begin with an x. */
function fails({ id }: Item): void {
  if (id.startsWith("x")) throw new BanyanError("handler-failed", `${id} fails`);
}

describe("entries", () => {
  test("go once they are old and every reader has settled them, and not before", async () => {
    const it = await world();
    await place(it, "a", "b");
    await it.hand.pass(12 * HOUR);
    await place(it, "c");
    expect(await positions(it)).toEqual([1, 2, 3]);
    await it.hand.pass(12 * HOUR + 120_000);
    expect(await positions(it)).toEqual([3]);
    expect(it.hand.said("log.trimmed")).toEqual([{ name: "log.trimmed", source: "orders", entries: 2 }]);
    await it.hand.pass(DAY);
    expect(await positions(it)).toEqual([]);
    await place(it, "d");
    expect(await positions(it)).toEqual([4]);
    expect(it.fates(subscription).at(-1)).toBe("4 settled");
  });

  test("stay for good where nothing is said, without a timer", async () => {
    const it = await world({ keep: undefined });
    await place(it, "a");
    expect(it.hand.timers).toBe(0);
    await it.hand.pass(10 * DAY);
    expect(await positions(it)).toEqual([1]);
  });

  test("go from a log that nobody reads", async () => {
    const it = await world({ readers: [] });
    await place(it, "a", "b");
    await it.hand.pass(DAY + 120_000);
    expect(await positions(it)).toEqual([]);
  });

  test("that are many go in commits of a bounded size, with others' between them", async () => {
    const it = await world({ readers: [] });
    await place(it, ...Array.from({ length: 2_300 }, (_, n) => `k${n}`));
    await it.hand.pass(DAY + 120_000);
    expect(it.hand.said("log.trimmed").map(({ entries }) => entries)).toEqual([1_000, 1_000, 300]);
    expect(await positions(it)).toEqual([]);
  });

  test("that one reader is still at are held by it, however far the clock jumps, and its successors too", async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const slow = billing(() => {}, {
      before: (({ data }: { data: Item }) => (data.id === "b" ? gate : undefined)) as never,
    });
    const it = await world({ readers: [slow], limits: { beforeLimitMs: 1_000 * DAY } });
    await place(it, "a", "b", "c");
    it.hand.wall += 10_000 * DAY;
    await it.hand.pass(120_000);
    expect(await positions(it)).toEqual([2, 3]);
    expect((await it.runtime.delivery.logs())[0]).toMatchObject({ first: 2, last: 3, heldBy: subscription });
    release();
    await it.hand.pass(120_000);
    expect(await positions(it)).toEqual([]);
    expect(await it.rows("billing", "seen")).toEqual({ "0001": "a0", "0002": "b1", "0003": "c2" });
  });

  /** A reader of an event that is never emitted. */
  const idle = (): Context => {
    const whole = context("idle", { contract: {}, tx: tables() });
    whole.on(Lost, { name: "wait", from: "start" } as never, () => {});
    return whole as Context;
  };

  test("are not held by a reader of another event, which stores how far it has looked before they go", async () => {
    const disk = memoryDisk();
    const it = await world({ disk, readers: [billing(), idle()], lost: true });
    await place(it, "a", "b", "c");
    await it.hand.pass(DAY + 120_000);
    expect(await positions(it)).toEqual([]);
    expect((await it.runtime.delivery.logs())[0]).toMatchObject({ first: 4, last: 3, heldBy: undefined });
    const states = await it.runtime.delivery.subscriptions();
    expect(states.map(({ subscription: name, pos }) => [name, pos])).toEqual([
      ["billing.note", 3],
      ["idle.wait", 3],
    ]);
    await it.hand.pass(DAY);
    expect(it.hand.timers).toBe(0);
  });

  test("cost a reader of another event no commit each: it stores its place once much has gone by, or when they go", async () => {
    const it = await world({ readers: [billing(), idle()], lost: true, keep: undefined });
    const commits = (): number => it.hand.said("batch.committed").length;
    await place(it, "a");
    const before = commits();
    for (let i = 0; i < 50; i++) await place(it, `k${i}`);
    expect(commits() - before).toBe(100);
    await place(it, "y".repeat(300 * 1024));
    const pos = (await it.runtime.delivery.subscriptions()).find((state) => state.subscription === "idle.wait")?.pos;
    expect(pos).toBe(52);
  });

  test("are held by a subscription that stands still, which finds them when it goes on", async () => {
    const disk = memoryDisk();
    const first = await world({ disk });
    await place(first, "a");
    await first.hand.value(first.runtime.stop());
    const still = await world({ disk, hold: [subscription] });
    await place(still, "b", "c");
    await still.hand.pass(3 * DAY);
    expect(await positions(still)).toEqual([2, 3]);
    expect((await still.runtime.delivery.logs())[0]?.heldBy).toBe(subscription);
    await still.hand.value(still.runtime.stop());
    const again = await world({ disk });
    await again.hand.settle();
    expect(Object.values(await again.rows("billing", "seen"))).toEqual(["a0", "b0", "c1"]);
  });

  test("that a reader holds are not looked at again and again: the next commit is when something may have changed", async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const it = await world({
      readers: [billing(() => {}, { before: (() => gate) as never })],
      limits: { beforeLimitMs: 1_000 * DAY },
    });
    await place(it, "a");
    await it.hand.pass(2 * DAY);
    expect(it.hand.timers).toBe(1); // that of the limit of `before`
    release();
    await it.hand.pass(60_000);
    expect(await positions(it)).toEqual([]);
    await it.hand.pass(60_000);
    expect(it.hand.timers).toBe(0);
  });

  test("that are parked do not hold the log: what is parked is a copy", async () => {
    const it = await world({ readers: [billing(fails, { retry: backoff("1s", "1s", 2) })] });
    await place(it, "x", "a");
    await it.hand.pass(2 * DAY);
    expect(await positions(it)).toEqual([]);
    const [dead] = await it.runtime.delivery.parked({ subscription });
    expect([dead?.position, dead?.state, dead?.key]).toEqual([1, "dead", "x"]);
  });
});

describe("what is known of acts outside", () => {
  /** Acts once for every entry; keys that begin with an x then fail. */
  const acting = (): Context => {
    const before = async (_: unknown, { once }: { once: any }): Promise<unknown> =>
      once("pay", { idempotent: true }, () => "paid");
    return billing(fails, { before: before as never, retry: backoff("1s", "1s", 2) });
  };

  const forgotten = async (store: Store, key: string): Promise<boolean> => (await store.actOf(key)) === undefined;

  /** The keys the outside was given, by position. */
  async function withActs(
    keep: string | undefined,
  ): Promise<{ it: RuntimeWorld; store: Store; keys: Map<number, string> }> {
    const sound = memory();
    const keys = new Map<number, string>();
    const begin = sound.begin.bind(sound);
    sound.begin = async () => {
      const transaction = await begin();
      const recordAct = transaction.recordAct.bind(transaction);
      transaction.recordAct = (record) => (keys.set(record.position, record.key), recordAct(record));
      return transaction;
    };
    const it = await world({ keep, store: sound, readers: [acting()] });
    await place(it, "a", "x", "b");
    return { it, store: sound, keys };
  }

  test.each([
    ["as long as the log", "1d", 1],
    ["for seven days where the log is kept whole", undefined, 7],
  ])("is kept %s, and longer while its entry is parked", async (_, keep, days) => {
    const { it, store, keys } = await withActs(keep);
    const gone = (): Promise<boolean[]> => Promise.all([1, 2, 3].map((n) => forgotten(store, keys.get(n) ?? "")));
    await it.hand.pass(days * DAY - 2 * HOUR);
    await place(it, "c");
    expect(await gone()).toEqual([false, false, false]);
    await it.hand.pass(4 * HOUR);
    await place(it, "d");
    expect(await gone()).toEqual([true, false, true]);
  });
});

describe("a trim that fails", () => {
  test("warns and is tried again at the next look", async () => {
    const store = memory();
    const begin = store.begin.bind(store);
    let failures = 1;
    store.begin = async () => {
      const transaction = await begin();
      const trim = transaction.trim.bind(transaction);
      transaction.trim = (...told) => {
        if (failures-- > 0) throw new BanyanError("statement-failed", "the disk coughed");
        return trim(...told);
      };
      return transaction;
    };
    const it = await world({ store });
    await place(it, "a");
    await it.hand.pass(DAY + 60_000);
    expect(it.hand.said("warning").map(({ message }) => message)).toEqual([
      expect.stringContaining("the disk coughed"),
    ]);
    expect(await positions(it)).toEqual([1]);
    await it.hand.pass(60_000);
    expect(await positions(it)).toEqual([]);
  });

  test("a process that stops leaves no timer behind", async () => {
    const it = await world();
    expect(it.hand.timers).toBe(1);
    await it.hand.value(it.runtime.stop());
    expect(it.hand.timers).toBe(0);
  });
});

test("a log says how much it has and how long it is kept", async () => {
  const it = await world();
  const log = async (): Promise<unknown> => (await it.runtime.delivery.logs())[0];
  const known = {
    source: "orders",
    incarnation: expect.any(String) as string,
    keepMs: DAY,
    heldBy: undefined,
    waitingBytes: 0,
    budgetBytes: 1024 ** 3,
  };
  expect(await log()).toMatchObject({ ...known, first: 0, last: 0, entries: 0 });
  await place(it, "a", "b");
  expect(await log()).toMatchObject({ ...known, first: 1, last: 2, entries: 2 });
  await it.hand.pass(2 * DAY);
  expect(await log()).toMatchObject({ ...known, first: 3, last: 2, entries: 0 });
  expect((await it.runtime.delivery.logs())[1]).toMatchObject({ source: "billing", keepMs: undefined });
});

test("the slowest reader is the one with the lowest unsettled entry, wherever its place is", () => {
  const at = (name: string, pos: number, ...open: number[]): Parameters<typeof slowestOf>[0][number] => ({
    subscription: name,
    source: "orders",
    through: settledThrough({ pos, open }),
    types: undefined,
  });
  expect([settledThrough({ pos: 7, open: [] }), settledThrough({ pos: 7, open: [3, 5] })]).toEqual([7, 2]);
  expect(slowestOf([at("fast", 9), at("far", 20, 4), at("near", 5)])?.subscription).toBe("far");
  expect(slowestOf([])).toBeUndefined();
});

test("how long a log is kept is written as a duration", () => {
  expect(() => context("orders", { contract: {}, keep: "a week" })).toThrow(/"a week" is not a duration/);
});

describe("whatever happens", () => {
  const DICE = { keys: ["a", "b", "x", "slow", "slow2"], steps: 25 };

  /** Two readers, one of which is now and then stuck, fails for some keys, and is held by some starts. */
  class Anything {
    readonly #dice: () => number;
    readonly #disk = memoryDisk();
    readonly #settled = new Set<string>();
    #stuck: (() => void)[] = [];
    #it: RuntimeWorld | undefined;
    #emitted = 0;
    trimmed = 0;
    /** Positions that somebody had yet to settle when they were gone. */
    readonly missed: number[] = [];

    constructor(seed: number) {
      let state = seed;
      this.#dice = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 8;
    }

    /** A crash and a start; every third time one of the readers is held. */
    async start(): Promise<void> {
      const stuck = ({ data }: { data: Item }): Promise<void> | undefined =>
        data.id.startsWith("slow") ? new Promise((resolve) => this.#stuck.push(resolve)) : undefined;
      this.#harvest();
      this.#it = await world({
        disk: this.#disk,
        readers: [billing(fails, { before: stuck as never, retry: backoff("1s", "1s", 2) }), reader("mail")],
        hold: this.#dice() % 3 === 0 && this.#it !== undefined ? ["mail.note"] : [],
        limits: { beforeLimitMs: 1_000_000 * DAY },
      });
      this.#it.hand.wall += this.#emitted * HOUR;
    }

    async step(): Promise<void> {
      const it = this.#it as RuntimeWorld;
      const what = this.#dice() % 6;
      if (what <= 1) {
        const keys = Array.from(
          { length: 1 + (this.#dice() % 4) },
          () => DICE.keys[this.#dice() % DICE.keys.length] ?? "",
        );
        this.#emitted += keys.length;
        await place(it, ...keys);
      } else if (what === 2) it.hand.wall += (this.#dice() % 400) * DAY - 100 * DAY;
      else if (what === 3) await this.start();
      else if (what === 4) for (const go of this.#stuck.splice(0, 1 + (this.#dice() % 3))) go();
      await it.hand.pass(60_000);
      await this.#check();
    }

    async #check(): Promise<void> {
      this.#harvest();
      const there = new Set(await positions(this.#it as RuntimeWorld));
      for (let position = 1; position <= this.#emitted; position++) {
        const needed = [subscription, "mail.note"].some((name) => !this.#settled.has(`${name} ${position}`));
        if (needed && !there.has(position)) this.missed.push(position);
      }
      this.trimmed = this.#emitted - there.size;
    }

    #harvest(): void {
      for (const name of [subscription, "mail.note"])
        for (const fate of this.#it?.fates(name) ?? []) this.#settled.add(`${name} ${fate.split(" ")[0]}`);
    }
  }

  test("an entry that a reader has not settled is there", async () => {
    let trimmed = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const anything = new Anything(seed);
      await anything.start();
      for (let step = 0; step < DICE.steps; step++) await anything.step();
      expect(anything.missed, `seed ${seed}`).toEqual([]);
      trimmed += anything.trimmed;
    }
    // a run in which nothing goes proves nothing
    expect(trimmed).toBeGreaterThan(100);
  });
});

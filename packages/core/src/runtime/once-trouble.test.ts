import { setImmediate as drained } from "node:timers/promises";
import { memory, memoryDisk, type MemoryDisk } from "@banyan/core";
import { describe, expect, test } from "vitest";
import {
  anyone,
  backoff,
  context,
  tables,
  type Context,
  type EventBeforeTools,
  type OnceOptions,
} from "../context/index.ts";
import { command } from "../contract/index.ts";
import { BanyanError } from "../error/index.ts";
import type { Store } from "../ports/index.ts";
import { application, billing, items, numbered, orders, Placed } from "./delivery-fixture.ts";
import { deferred } from "./deferred.ts";
import { ByHand } from "./fixture.ts";
import { over } from "./over.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

const retry = backoff("1s", "1s", 3);
const operator = { name: "ops", why: "the provider is back" };

type Tools = EventBeforeTools<"billing", unknown, unknown, never>;

/** A store that refuses to commit while it is full. */
class Disk {
  full = false;
  /** What was committed of acts, one after another. */
  readonly recorded: string[] = [];
  readonly store: Store;

  constructor(disk: MemoryDisk = memoryDisk()) {
    const sound = memory(disk);
    const begin: Store["begin"] = async () => {
      const transaction = await sound.begin();
      const acts: string[] = [];
      const recordAct: typeof transaction.recordAct = (record) => (
        acts.push(`${record.state} ${record.outcome}`.trim()),
        transaction.recordAct(record)
      );
      const commit = async (): Promise<void> => {
        if (this.full) throw new BanyanError("disk-full", "The disk is full.");
        await transaction.commit();
        this.recorded.push(...acts);
      };
      return over(transaction, { commit, recordAct });
    };
    this.store = over(sound, { begin });
  }
}

interface World extends RuntimeWorld {
  readonly fated: () => string[];
}

async function world(before: (tools: Tools) => unknown, disk = new Disk()): Promise<World> {
  const options = { retry, before: (_event: unknown, tools: Tools) => before(tools) };
  const app = application(
    orders(),
    billing(() => {}, options as never),
  );
  const limits = { beforeLimitMs: 1_000 };
  const it = await RuntimeWorld.started(app, { store: disk.store, hand: new ByHand(drained), limits });
  return Object.assign(it, { fated: () => it.fates("billing.note") });
}

const codes = (it: RuntimeWorld): string[] => it.hand.said("entry.parked").map(({ code }) => code);

describe("while the store cannot keep what came of an act", () => {
  test("the process knows it: the outcome is kept once the disk has room, and nothing is done twice", async () => {
    const disk = new Disk();
    const keys: string[] = [];
    const it = await world(async ({ once }) => {
      await once("charge", {}, ({ key }) => {
        disk.full = true;
        return keys.push(key);
      });
    }, disk);
    await it.reply("orders.place", numbered("a"));
    await it.hand.pass(20_000);
    expect(it.fated()).toEqual([]);
    disk.full = false;
    await it.hand.pass(10_000);
    expect(keys).toHaveLength(1);
    expect(it.fated()).toEqual(["1 settled"]);
  });

  test("an act that failed is tried again, and is not in doubt", async () => {
    const disk = new Disk();
    const keys: string[] = [];
    const it = await world(async ({ once }) => {
      await once("charge", {}, ({ key }) => {
        if (keys.push(key) > 1) return "charged";
        disk.full = true;
        throw new Error("ECONNREFUSED");
      });
    }, disk);
    await it.reply("orders.place", numbered("a"));
    await it.hand.pass(20_000);
    disk.full = false;
    await it.hand.pass(10_000);
    expect(new Set(keys).size).toBe(1);
    expect(keys).toHaveLength(2);
    expect(codes(it)).not.toContain("outcome-unknown");
    expect(it.fated().at(-1)).toBe("1 settled");
  });

  test("it is kept even where nobody asks for it again", async () => {
    const disk = new Disk();
    const it = await world(async ({ once }) => {
      await once("charge", {}, () => ((disk.full = true), 1)).catch(() => (disk.full = false));
    }, disk);
    await it.reply("orders.place", numbered("a"));
    await it.hand.pass(5_000);
    expect(it.fated()).toEqual(["1 settled"]);
    expect(disk.recorded).toEqual(["intent", 'done {"value":1}']);
  });

  test("it is kept by an orderly stop, though its next try would be later", async () => {
    const disk = new Disk();
    const it = await world(({ once }) => once("charge", {}, () => ((disk.full = true), 1)), disk);
    await it.reply("orders.place", numbered("a"));
    await it.hand.pass(20_000);
    disk.full = false;
    const stopped = it.runtime.stop();
    await it.hand.pass(10_000);
    await stopped;
    expect(disk.recorded).toEqual(["intent", 'done {"value":1}']);
  });
});

describe("an act that hangs", () => {
  /** The first call of the act hangs until it is resolved; the second answers "second" unless said otherwise. */
  function hanging(options: OnceOptions<unknown>, second: () => unknown = () => "second") {
    const first = deferred<unknown>();
    const keys: string[] = [];
    const given: unknown[] = [];
    const before = async ({ once }: Tools): Promise<void> => {
      const act = ({ key }: { key: string }): unknown => (keys.push(key) === 1 ? first.promise : second());
      given.push(await once("charge", options, act));
    };
    return { first, keys, given, before };
  }

  test.each([{ idempotent: true }, { reconcile: async () => undefined }])(
    "is not waited for by the attempt after its limit where it may be done again: %o",
    async (options) => {
      const { keys, given, before } = hanging(options);
      const it = await world(before);
      await it.reply("orders.place", numbered("a"));
      await it.hand.pass(3_000);
      expect(keys).toEqual([keys[0], keys[0]]);
      expect(given).toEqual(["second"]);
      expect(it.fated()).toEqual(["1 retrying", "1 settled"]);
    },
  );

  test("is asked about by the attempt after its limit", async () => {
    const { keys, given, before } = hanging({ reconcile: async () => ({ outcome: "found" }) });
    const it = await world(before);
    await it.reply("orders.place", numbered("a"));
    await it.hand.pass(3_000);
    expect([keys.length, given]).toEqual([1, ["found"]]);
  });

  test("without either stays in doubt, which is said, and is not done again when redriven", async () => {
    const { keys, before } = hanging({});
    const it = await world(before);
    await it.reply("orders.place", numbered("a"));
    await it.hand.pass(20_000);
    expect(it.fated().at(-1)).toBe("1 dead");
    void it.runtime.delivery.redrive({ subscription: "billing.note" }, operator);
    await it.hand.pass(20_000);
    expect(keys).toHaveLength(1);
    expect(it.hand.said("warning").map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/"charge".*in doubt/),
    );
  });

  test("its outcome counts if it comes first, and then the later one changes nothing", async () => {
    const later = deferred<unknown>();
    const { first, given, before } = hanging({ idempotent: true }, () => later.promise);
    const disk = new Disk();
    const it = await world(before, disk);
    await it.reply("orders.place", numbered("a"));
    await it.hand.pass(2_500);
    first.resolve("first");
    await it.hand.pass(100);
    later.resolve("second");
    await it.hand.pass(100);
    expect(given).toContain("first");
    expect(given).not.toContain("second");
    expect(disk.recorded).toEqual(["intent", 'done {"value":"first"}']);
  });

  test("its outcome does not come over one that was there before", async () => {
    const { first, given, before } = hanging({ idempotent: true });
    const disk = new Disk();
    const it = await world(before, disk);
    await it.reply("orders.place", numbered("a"));
    await it.hand.pass(3_000);
    first.resolve("first");
    await it.hand.pass(100);
    // whoever hears of it late hears of the one that stands
    expect(given).toEqual(["second", "second"]);
    expect(disk.recorded).toEqual(["intent", 'done {"value":"second"}']);
  });

  test("a repeat that fails leaves the doubt as long as the first may still succeed", async () => {
    const fail = (): never => {
      throw new Error("ECONNRESET");
    };
    const { first, before } = hanging({ idempotent: true }, fail);
    const disk = new Disk();
    const it = await world(before, disk);
    await it.reply("orders.place", numbered("a"));
    await it.hand.pass(2_500);
    expect(disk.recorded).toEqual(["intent"]);
    first.resolve("first");
    await it.hand.pass(2_500);
    expect(disk.recorded).toEqual(["intent", 'done {"value":"first"}']);
    expect(it.fated().at(-1)).toBe("1 settled");
  });
});

describe("an outcome that is not JSON", () => {
  const circular: Record<string, unknown> = { id: 1 };
  circular["self"] = { of: circular };

  test.each([
    { outcome: { charge: { cents: 5n } }, at: "outcome.charge.cents" },
    { outcome: [1, 2n], at: "outcome.1" },
    { outcome: 3n, at: "outcome" },
    { outcome: circular, at: "outcome.self.of" },
    { outcome: { when: { toJSON: () => fail() } }, at: "outcome.when" },
  ])("ends the entry and says where: $at; the act is not done again", async ({ outcome, at }) => {
    const keys: string[] = [];
    const it = await world(({ once }) => once("charge", { idempotent: true }, ({ key }) => (keys.push(key), outcome)));
    await it.reply("orders.place", numbered("a"));
    await it.hand.pass(10_000);
    void it.runtime.delivery.redrive({ subscription: "billing.note" }, operator);
    await it.hand.pass(10_000);
    expect(keys).toHaveLength(1);
    const parked = it.hand.said("entry.parked");
    expect(parked).toHaveLength(2);
    for (const one of parked)
      expect(one).toMatchObject({
        state: "dead",
        code: "outcome-invalid",
        message: expect.stringContaining(`\`${at}\``),
      });
  });

  test("is found out by `reconcile`, where the code that comes next has one", async () => {
    const disk = memoryDisk();
    const first = await world(({ once }) => once("charge", {}, (): unknown => 5n), new Disk(disk));
    await first.reply("orders.place", numbered("a"));
    const given: unknown[] = [];
    const reconcile = async (): Promise<{ outcome: unknown }> => ({ outcome: "5" });
    const it = await world(
      async ({ once }) => void given.push(await once("charge", { reconcile }, fail)),
      new Disk(disk),
    );
    void it.runtime.delivery.redrive({ subscription: "billing.note" }, operator);
    await it.hand.pass(1_000);
    expect([given, it.fated()]).toEqual([["5"], ["1 settled"]]);
  });
});

function fail(): never {
  throw new Error("not to be asked");
}

describe("what `before` does not await", () => {
  test("an act of `once` is waited for, and the entry is not settled beside it", async () => {
    const answer = deferred<unknown>();
    let acts = 0;
    const it = await world(({ once }) => {
      void once("charge", {}, () => (acts++, answer.promise));
    });
    await it.reply("orders.place", numbered("a"));
    await it.hand.pass(500);
    expect(it.fated()).toEqual([]);
    answer.resolve(1);
    await it.hand.pass(10_000);
    expect(acts).toBe(1);
    expect(new Set(codes(it))).toEqual(new Set(["once-floating"]));
    expect(it.fated().at(-1)).toBe("1 dead");
  });

  test("a failing act beside another is told when both have ended, so that the next attempt is alone", async () => {
    const answer = deferred<unknown>();
    let open = 0;
    let beside = 0;
    const it = await world(async ({ once, attempt }) => {
      beside += open;
      const slow = async (): Promise<unknown> => {
        open++;
        await answer.promise;
        return open--;
      };
      const failing = (): unknown => (attempt === 1 ? Promise.reject(new Error("no")) : 1);
      await Promise.all([once("a", {}, slow), once("b", {}, failing)]);
    });
    await it.reply("orders.place", numbered("a"));
    await it.hand.pass(500);
    expect(it.fated()).toEqual([]);
    answer.resolve(1);
    await it.hand.pass(3_000);
    expect([beside, it.fated()]).toEqual([0, ["1 retrying", "1 settled"]]);
  });

  test("a command that is called is waited for, and the entry is not settled beside it", async () => {
    const Ship = command("shipping.ship", { input: items });
    const done = deferred<void>();
    const ran: string[] = [];
    const shipping = context("shipping", { contract: { Ship }, tx: tables() });
    const hangs = { allow: anyone(), before: () => done.promise };
    shipping.handle(Ship, hangs, () => void ran.push("shipped"));
    const notes = context("billing", { contract: {}, tx: tables(), uses: [Ship] });
    const before = async (_event: unknown, { call }: { call: (what: unknown, input: unknown) => unknown }) =>
      void call(Ship, numbered("x"));
    notes.on(Placed, { name: "note", from: "start", retry, before } as never, () => void ran.push("noted"));
    const app = application(orders(), shipping as Context, notes as Context);
    const it = await RuntimeWorld.started(app, { store: memory(), hand: new ByHand(drained) });
    await it.reply("orders.place", numbered("a"));
    expect(it.fates("billing.note")).toEqual([]);
    done.resolve();
    await it.hand.pass(10_000);
    expect(ran).toEqual(["shipped"]);
    expect(new Set(codes(it))).toEqual(new Set(["call-floating"]));
  });
});

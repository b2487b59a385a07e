import { setImmediate as drained } from "node:timers/promises";
import { memory, memoryDisk, type MemoryDisk } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { backoff, type OnceOptions } from "../context/index.ts";
import { isBanyanError, refuse } from "../error/index.ts";
import { application, billing, numbered, orders } from "./delivery-fixture.ts";
import { ByHand } from "./fixture.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

const subscription = "billing.note";
const retry = backoff("1s", "1s", 3);

interface Outside {
  /** The key of every call that arrived. */
  readonly keys: string[];
  answer: (n: number) => unknown;
}

interface Script {
  readonly outside: Outside;
  readonly options?: OnceOptions<any>;
  readonly disk?: MemoryDisk;
  readonly body?: (before: unknown) => void;
  readonly names?: readonly string[];
}

/** A subscriber that charges outside in its `before` and tells its body what came of it. */
async function world({ outside, options = {}, disk, body, names = ["charge"] }: Script): Promise<RuntimeWorld> {
  const got: unknown[] = [];
  const before = async (_event: unknown, { once }: any): Promise<unknown> => {
    const outcomes: unknown[] = [];
    for (const name of names)
      outcomes.push(await once(name, options, ({ key }: { key: string }) => outside.answer(outside.keys.push(key))));
    got.splice(0, got.length, ...outcomes);
    return outcomes;
  };
  const app = application(
    orders(),
    billing(() => body?.(got[0]), { retry, before } as never),
  );
  const limits = { beforeLimitMs: 5_000 };
  return RuntimeWorld.started(app, { store: memory(disk ?? memoryDisk()), hand: new ByHand(drained), limits });
}

const never = (): Promise<never> => new Promise(() => {});
const fates = (it: RuntimeWorld): string[] => it.fates(subscription);

/** The first process is told to charge, and dies before it hears the answer. */
async function dyingInBetween(disk: MemoryDisk, outside: Outside): Promise<void> {
  const it = await world({ outside: { keys: outside.keys, answer: never }, disk });
  await it.reply("orders.place", numbered("a"));
  expect(outside.keys).toHaveLength(1);
}

describe("once", () => {
  test("acts once, however often its body is tried, and gives the same outcome each time", async () => {
    const outside: Outside = { keys: [], answer: (n) => ({ charge: n }) };
    const seen: unknown[] = [];
    const it = await world({
      outside,
      body: (outcome) => {
        seen.push(outcome);
        if (seen.length < 3) throw new Error("not yet");
      },
    });
    await it.reply("orders.place", numbered("a"));
    await it.hand.pass(1_250);
    await it.hand.pass(1_250);
    expect(outside.keys).toHaveLength(1);
    expect(seen).toEqual([{ charge: 1 }, { charge: 1 }, { charge: 1 }]);
    expect(fates(it)).toEqual(["1 retrying", "1 retrying", "1 settled"]);
  });

  test("gives outcomes as they are stored, on the first run too", async () => {
    const seen: unknown[] = [];
    const it = await world({
      outside: { keys: [], answer: () => ({ at: new Date(0), nothing: undefined }) },
      body: (outcome) => void seen.push(outcome),
    });
    await it.reply("orders.place", numbered("a"));
    expect(seen).toEqual([{ at: "1970-01-01T00:00:00.000Z" }]);
  });

  test("tries again what threw, with the same key; another entry and another name have other keys", async () => {
    const outside: Outside = {
      keys: [],
      answer: (n) => {
        if (n < 3) throw new Error("try later");
        return n;
      },
    };
    const it = await world({ outside, names: ["charge", "tell"] });
    await it.reply("orders.place", numbered("a"));
    await it.hand.pass(1_250);
    await it.hand.pass(1_250);
    await it.reply("orders.place", numbered("b"));
    expect(fates(it).at(-1)).toBe("2 settled");
    const [first, second, third, ...others] = outside.keys;
    expect([second, third]).toEqual([first, first]);
    expect(new Set([first, ...others]).size).toBe(4);
  });

  test("takes a refusal that is returned for an outcome, and one that is thrown for an end of the entry", async () => {
    const declined = refuse("declined", "no money", { details: { limit: 5 } });
    const seen: unknown[] = [];
    const outside: Outside = { keys: [], answer: () => declined };
    const it = await world({ outside, body: (outcome) => void seen.push(outcome) });
    await it.reply("orders.place", numbered("a"));
    expect(seen.map((outcome) => isBanyanError(outcome) && [outcome.code, outcome.details])).toEqual([
      ["declined", { limit: 5 }],
    ]);
    outside.answer = () => {
      throw declined;
    };
    await it.reply("orders.place", numbered("b"));
    expect(fates(it)).toEqual(["1 settled", "2 dead"]);
  });

  test("does not let one name stand for two acts of an entry", async () => {
    const it = await world({ outside: { keys: [], answer: (n) => n }, names: ["charge", "charge"] });
    await it.reply("orders.place", numbered("a"));
    expect(it.hand.said("entry.parked")).toMatchObject([{ code: "once-repeated" }]);
  });

  test("is joined, not repeated, by an attempt that comes while the act of one given up is under way", async () => {
    let finish: (value: unknown) => void = () => {};
    const outside: Outside = { keys: [], answer: () => new Promise((resolve) => (finish = resolve)) };
    const it = await world({ outside });
    await it.reply("orders.place", numbered("a"));
    await it.hand.pass(5_000);
    expect(it.hand.said("entry.parked")).toMatchObject([{ code: "before-timeout" }]);
    await it.hand.pass(1_250);
    finish({ charge: 1 });
    await it.hand.pass(100);
    expect(outside.keys).toHaveLength(1);
    expect(fates(it)).toEqual(["1 retrying", "1 settled"]);
  });
});

describe("a process that dies between an act and its outcome leaves it", () => {
  test("unknown: the entry is parked for a person, and nothing is repeated", async () => {
    const disk = memoryDisk();
    const outside: Outside = { keys: [], answer: (n) => n };
    await dyingInBetween(disk, outside);
    const it = await world({ outside, disk });
    await it.hand.pass(10_000);
    expect(outside.keys).toHaveLength(1);
    expect(it.hand.said("entry.parked")).toMatchObject([{ state: "dead", code: "outcome-unknown" }]);
  });

  test("to be repeated with the same key, where the outside knows it again", async () => {
    const disk = memoryDisk();
    const outside: Outside = { keys: [], answer: (n) => n };
    await dyingInBetween(disk, outside);
    const it = await world({ outside, disk, options: { idempotent: true } });
    await it.hand.pass(100);
    expect(outside.keys[1]).toBe(outside.keys[0]);
    expect(fates(it)).toEqual(["1 settled"]);
  });

  test.each([
    { found: { outcome: { charge: 7 } }, calls: 1, outcome: { charge: 7 } },
    { found: undefined, calls: 2, outcome: 2 },
  ])("to be asked about: $found", async ({ found, calls, outcome }) => {
    const disk = memoryDisk();
    const outside: Outside = { keys: [], answer: (n) => n };
    await dyingInBetween(disk, outside);
    const seen: unknown[] = [];
    const asked: string[] = [];
    const reconcile = async ({ key }: { key: string }): Promise<typeof found> => (asked.push(key), found);
    const it = await world({ outside, disk, options: { reconcile }, body: (got) => void seen.push(got) });
    await it.hand.pass(100);
    expect(asked).toEqual([outside.keys[0]]);
    expect([outside.keys.length, seen]).toEqual([calls, [outcome]]);
    expect(fates(it)).toEqual(["1 settled"]);
  });
});

import { setImmediate as drained } from "node:timers/promises";
import { memory, memoryDisk, type MemoryDisk } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { anyone, backoff, context, tables, type Context } from "../context/index.ts";
import { event } from "../contract/index.ts";
import { BanyanError } from "../error/index.ts";
import { application, billing, numbered, orders, Place, Placed, type Item } from "./delivery-fixture.ts";
import { ByHand } from "./fixture.ts";
import { over } from "./over.ts";
import { RuntimeWorld, type WorldOptions } from "./runtime-fixture.ts";

const ANN = { name: "ann", why: "ticket 7" };
const retry = backoff("1s", "10s", 2);
const NOWHERE = { incarnation: "", slot: 0, attempts: 1, due: 0, failedAt: 0 };

interface Trouble {
  /** Items that throw, as `key` or `key` and number. */
  failing: Set<string>;
}

async function world(
  options: Partial<WorldOptions> & { disk?: MemoryDisk; trouble?: Trouble } = {},
): Promise<RuntimeWorld & { trouble: Trouble }> {
  const { disk = memoryDisk(), trouble = { failing: new Set(["a0"]) }, ...more } = options;
  const body = ({ id, n }: Item): void => {
    if (trouble.failing.has(`${id}${n}`)) throw new BanyanError("handler-failed", `${id}${n} fails`);
  };
  const app = application(orders(), billing(body, { retry }));
  const it = await RuntimeWorld.started(app, { store: memory(disk), hand: new ByHand(drained), ...more });
  return Object.assign(it, { trouble });
}

const place = (it: RuntimeWorld, ...keys: string[]): Promise<unknown> => it.reply("orders.place", numbered(...keys));
const seen = async (it: RuntimeWorld): Promise<unknown[]> => Object.values(await it.rows("billing", "seen"));
const subscription = "billing.note";

/** What a refused change was refused with. */
async function refusal(it: RuntimeWorld, work: Promise<unknown>): Promise<string> {
  work.catch(() => {});
  const outcome = await it.hand.outcome(work);
  return outcome !== "pending" && "error" in outcome ? (outcome.error as BanyanError).code : "not refused";
}

/** The entry of key a is dead, two wait behind it. */
async function withDead(options: Parameters<typeof world>[0] = {}): Promise<Awaited<ReturnType<typeof world>>> {
  const it = await world(options);
  await place(it, "a", "a", "b", "a");
  await it.hand.pass(2_000);
  expect(it.runtime.status).toMatchObject({ parked: 3, dead: 1 });
  return it;
}

describe("an operator sees", () => {
  test("where every subscription stands", async () => {
    const it = await withDead();
    expect(await it.runtime.delivery.subscriptions()).toMatchObject([
      {
        subscription,
        source: "orders",
        held: false,
        pos: 4,
        last: 4,
        behind: 0,
        inFlight: 0,
        parked: { retrying: 0, waiting: 2, dead: 1, unknown: 0 },
        oldestAt: undefined,
      },
    ]);
  });

  test("that nothing waits where all that follows is of others", async () => {
    const Noise = event("orders.noise", { version: 1, key: "id", data: Placed.schema });
    const noisy = context("orders", { contract: { Placed, Noise, Place }, tx: tables() });
    noisy.handle(Place, { allow: anyone() }, (input, { emit }) => {
      for (const data of input) emit(data.n === 0 ? Placed : Noise, data);
    });
    const it = await RuntimeWorld.started(application(noisy as Context, billing()), {
      store: memory(),
      hand: new ByHand(drained),
    });
    await place(it, "a");
    await it.reply("orders.place", numbered("z", "b", "c", "d").slice(1));
    expect(await it.runtime.delivery.subscriptions()).toMatchObject([{ pos: 1, last: 4, behind: 0, inFlight: 0 }]);
  });

  test("each parked entry with the error of every attempt, and without its data", async () => {
    const it = await withDead();
    const [head, ...behind] = await it.runtime.delivery.parked({ subscription });
    expect(head).toMatchObject({ position: 1, key: "a", state: "dead", attempts: 2, type: "orders.placed" });
    expect(head?.errors.map(({ message }) => message)).toEqual(["a0 fails", "a0 fails"]);
    expect(head).not.toHaveProperty("entry");
    expect(behind.map(({ position, state }) => [position, state])).toEqual([
      [2, "waiting"],
      [4, "waiting"],
    ]);
    expect(await it.runtime.delivery.parked({ state: "dead" })).toHaveLength(1);
    expect(await it.runtime.delivery.parked({ key: "b" })).toEqual([]);
    expect(await it.runtime.delivery.parked({ limit: 2 })).toHaveLength(2);
  });

  test("what stands still by hold, which cannot be changed meanwhile", async () => {
    const disk = memoryDisk();
    const before = await withDead({ disk });
    await before.hand.value(before.runtime.stop());
    const it = await world({ disk, hold: [subscription] });
    expect(await it.runtime.delivery.subscriptions()).toMatchObject([
      { subscription, held: true, pos: 4, parked: { waiting: 2, dead: 1 } },
    ]);
    expect(await it.runtime.delivery.parked({ state: "dead" })).toMatchObject([{ position: 1, attempts: 2 }]);
    expect(await refusal(it, it.runtime.delivery.redrive({ subscription }, ANN))).toBe("subscription-held");
  });
});

describe("redrive", () => {
  test("delivers a dead key in order once its cause is mended, keeping the history until then", async () => {
    const it = await withDead();
    expect(await it.hand.value(it.runtime.delivery.redrive({ subscription, key: "a" }, ANN))).toEqual({ keys: 1 });
    const [head] = await it.runtime.delivery.parked({ key: "a" });
    expect(head).toMatchObject({ state: "retrying", attempts: 1 });
    expect(head?.errors).toHaveLength(3);
    it.trouble.failing.clear();
    await it.hand.value(it.runtime.delivery.redrive({ subscription, key: "a" }, ANN));
    expect(await seen(it)).toEqual(["a0", "a1", "b2", "a3"]);
    expect(
      it
        .fates(subscription)
        .filter((fate) => fate.endsWith("settled"))
        .slice(1),
    ).toEqual(["1 settled", "2 settled", "4 settled"]);
    expect(it.runtime.status.parked).toBe(0);
  });

  test("of a whole subscription tries every key, and is kept with who and why", async () => {
    const it = await world({ trouble: { failing: new Set(["a0", "b1"]) } });
    await place(it, "a", "b");
    await it.hand.pass(2_000);
    it.trouble.failing.clear();
    expect(await it.hand.value(it.runtime.delivery.redrive({ subscription }, ANN))).toEqual({ keys: 2 });
    expect(it.runtime.status.parked).toBe(0);
    const audits = await it.runtime.delivery.audit();
    expect(audits.map(({ operator, why, action, subject }) => [operator, why, action, subject["key"]])).toEqual(
      expect.arrayContaining([
        ["ann", "ticket 7", "redrive", "a"],
        ["ann", "ticket 7", "redrive", "b"],
      ]),
    );
  });

  test("of a key that only waits for its next try does not wait any longer, and does not try twice", async () => {
    const it = await world();
    await place(it, "a");
    it.trouble.failing.clear();
    await it.hand.value(it.runtime.delivery.redrive({ subscription, key: "a" }, ANN));
    await it.hand.pass(60_000);
    expect(it.fates(subscription)).toEqual(["1 retrying", "1 settled"]);
  });

  test("of what is not parked or not there says so", async () => {
    const it = await withDead();
    expect(await refusal(it, it.runtime.delivery.redrive({ subscription, key: "b" }, ANN))).toBe("parked-unknown");
    expect(await refusal(it, it.runtime.delivery.redrive({ subscription: "billing.nope" }, ANN))).toBe(
      "subscription-unknown",
    );
    expect(await it.runtime.delivery.audit()).toEqual([]);
  });
});

describe("skip", () => {
  test("takes the head out for good; what stood behind it is delivered in order", async () => {
    const it = await withDead();
    const skipped = await it.hand.value(it.runtime.delivery.skip({ subscription, position: 1 }, ANN));
    expect(skipped).toMatchObject({ position: 1, state: "dead" });
    expect(await seen(it)).toEqual(["a1", "b2", "a3"]);
    expect(it.hand.said("entry.skipped")).toMatchObject([{ subscription, position: 1 }]);
    expect(it.runtime.status).toMatchObject({ parked: 0, dead: 0, lag: 0 });
    expect(await it.runtime.delivery.audit()).toMatchObject([
      {
        operator: "ann",
        why: "ticket 7",
        action: "skip",
        subject: { subscription, source: "orders", position: 1, key: "a" },
      },
    ]);
    it.trouble.failing.clear();
    await place(it, "a");
    expect(it.fates(subscription).at(-1)).toBe("5 settled");
  });

  test("of one that waits leaves its head where it is", async () => {
    const it = await withDead();
    await it.hand.value(it.runtime.delivery.skip({ subscription, position: 2 }, ANN));
    expect((await it.runtime.delivery.parked({})).map(({ position, state }) => [position, state])).toEqual([
      [1, "dead"],
      [4, "waiting"],
    ]);
  });

  test("of a head between two tries leaves no try behind for its successor", async () => {
    const it = await world({ trouble: { failing: new Set(["a0", "a1"]) } });
    await place(it, "a", "a");
    await it.hand.pass(500);
    await it.hand.value(it.runtime.delivery.skip({ subscription, position: 1 }, ANN));
    // the successor has failed once, and its next try is a second away; the skipped one's would have come sooner
    await it.hand.pass(800);
    expect(await it.runtime.delivery.parked({})).toMatchObject([{ position: 2, state: "retrying", attempts: 1 }]);
  });

  test("holds after a restart, and a second one finds nothing", async () => {
    const disk = memoryDisk();
    const before = await withDead({ disk });
    await before.hand.value(before.runtime.delivery.skip({ subscription, position: 1 }, ANN));
    expect(await refusal(before, before.runtime.delivery.skip({ subscription, position: 1 }, ANN))).toBe(
      "parked-unknown",
    );
    await before.hand.value(before.runtime.stop());
    const it = await world({ disk, trouble: { failing: new Set() } });
    expect(it.runtime.status.parked).toBe(0);
    expect(await seen(it)).toEqual(["a1", "b2", "a3"]);
  });
});

test("what the former owner did between the open and the claim is not taken for parked", async () => {
  const disk = memoryDisk();
  const sound = memory(disk);
  const ghost = { ...NOWHERE, bytes: 2, subscription, source: "orders", position: 1, key: "a", state: "dead" } as const;
  const open: typeof sound.open = async (plan) => ({ ...(await sound.open(plan)), parked: [ghost] });
  const it = await world({ store: over(sound, { open }), trouble: { failing: new Set() } });
  await place(it, "a");
  expect(it.fates(subscription)).toEqual(["1 settled"]);
});

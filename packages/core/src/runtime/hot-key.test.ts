import { setImmediate as drained } from "node:timers/promises";
import { memory, memoryDisk } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { backoff } from "../context/index.ts";
import { refuse } from "../error/index.ts";
import { application, billing, numbered, orders, type Item } from "./delivery-fixture.ts";
import { ByHand } from "./fixture.ts";
import type { Limits } from "./limits.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

const hot = (count: number): string[] => Array.from({ length: count }, () => "hot");
const seen = async (it: RuntimeWorld): Promise<unknown[]> => Object.values(await it.rows("billing", "seen"));

async function started(
  body: (data: Item) => unknown,
  options: { readonly before?: () => void; readonly limits?: Partial<Limits> } = {},
): Promise<RuntimeWorld> {
  const { before, limits = {} } = options;
  const reader = billing(body, { retry: backoff("1s", "1s", 2), ...(before === undefined ? {} : { before }) });
  const hand = new ByHand(drained);
  return RuntimeWorld.started(application(orders(), reader), { store: memory(memoryDisk()), hand, limits });
}

/** Commits that had something of the reader's. */
const commits = (it: RuntimeWorld): number => it.hand.said("batch.committed").length - 1;

describe("entries of one key", () => {
  test("without a `before` share commits, in their order: a hot key holds the others up no more than they do each other", async () => {
    const order: number[] = [];
    const it = await started(({ n }) => void order.push(n), { limits: { batchMs: 1_000 } });
    await it.reply("orders.place", numbered(...hot(120), "b"));
    expect(order.filter((n) => n < 120)).toEqual(Array.from({ length: 120 }, (_, i) => i));
    expect(commits(it)).toBeLessThan(15);
    expect(await seen(it)).toHaveLength(121);
  });

  test("share no more of a commit than its time allows", async () => {
    const it = await started(() => it.hand.elapse(3), { limits: { batchMs: 9 } });
    await it.reply("orders.place", numbered(...hot(13)));
    expect(commits(it)).toBeGreaterThanOrEqual(5);
    expect(it.runtime.status.lag).toBe(0);
  });

  test("with a `before` begin after their predecessor's commit", async () => {
    const it = await started(() => {}, { before: () => {} });
    await it.reply("orders.place", numbered(...hot(10)));
    expect(commits(it)).toBe(10);
  });

  test("fall back together where one fails, and then each has its own fate, in order", async () => {
    let mended = false;
    const it = await started(({ n }) => {
      if (n === 5 && !mended) throw new Error("not yet");
      if (n === 7) throw refuse("never", "x");
    });
    await it.reply("orders.place", numbered(...hot(10), "b"));
    expect(await seen(it)).toEqual(["hot0", "hot1", "hot2", "hot3", "hot4", "b10"]);
    expect(it.runtime.status).toMatchObject({ parked: 5, lag: 0 });
    mended = true;
    await it.hand.pass(2_000);
    expect((await seen(it)).slice(0, 7)).toEqual(["hot0", "hot1", "hot2", "hot3", "hot4", "hot5", "hot6"]);
    expect(it.runtime.status).toMatchObject({ parked: 3, dead: 1, lag: 0 });
    const dead = await it.runtime.delivery.parked({ state: "dead" });
    expect(dead).toMatchObject([{ position: 8, errors: [{ code: "never" }] }]);
  });
});

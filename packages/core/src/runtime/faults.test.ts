import { setImmediate as drained } from "node:timers/promises";
import { memory } from "@banyan/core";
import { expect, test } from "vitest";
import type { NewEntry, Store } from "../ports/index.ts";
import { application, billing, numbered, orders } from "./delivery-fixture.ts";
import { faulty, type FaultOptions } from "./faults.ts";
import { ByHand } from "./fixture.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

const NEVER: FaultOptions = { commitFails: 0, reorders: 0, delays: 0 };

async function opened(options: FaultOptions, seed = 1): Promise<{ store: Store; hand: ByHand }> {
  const hand = new ByHand(drained, seed);
  const store = faulty(memory(), hand, options);
  const contexts = [{ name: "orders", prefix: "orders_", migrations: [] }];
  await store.open({ contexts, now: () => hand.wall, newId: () => "incarnation" });
  return { store, hand };
}

function entry(id: string, key: string): NewEntry {
  const flow = { tenant: "", principal: "p", correlation: "c", causation: "c", traceparent: undefined };
  return { ...flow, id, type: "orders.placed", version: 1, key, slot: 0, at: 0, form: "json", body: "{}" };
}

/** One commit of these entries; whether it succeeded. */
async function append(store: Store, ...entries: readonly NewEntry[]): Promise<boolean> {
  const transaction = await store.begin();
  await transaction.append("orders", entries);
  try {
    await transaction.commit();
    return true;
  } catch {
    await transaction.rollback();
    return false;
  }
}

const query = { source: "orders", after: 0, limit: 100, types: ["orders.placed"] };

test("commits fail, said so, but never two in a row; what failed left nothing", async () => {
  const { store, hand } = await opened({ ...NEVER, commitFails: 0.7 });
  const outcomes: boolean[] = [];
  for (let i = 0; i < 300; i++) outcomes.push(await append(store, entry(`${i}`, "a")));
  const failures = outcomes.filter((committed) => !committed).length;
  expect(failures).toBeGreaterThan(50);
  expect(outcomes.some((committed, i) => !committed && outcomes[i + 1] === false)).toBe(false);
  expect(hand.said("fault.injected")).toHaveLength(failures);
  const { entries } = await store.fetch({ ...query, limit: 1_000 });
  expect(entries.map(({ id }) => id)).toEqual(outcomes.flatMap((committed, i) => (committed ? [`${i}`] : [])));
});

test("an injected failure has a code of its own, and is asked for again", async () => {
  const { store } = await opened({ ...NEVER, commitFails: 1 });
  const transaction = await store.begin();
  await expect(transaction.commit()).rejects.toMatchObject({ code: "fault-injected", retry: "later" });
  await transaction.rollback();
});

test("entries of different keys change places, those of one key do not, and none is lost", async () => {
  const { store, hand } = await opened({ ...NEVER, reorders: 1 });
  const keys = ["a", "b", "a", "c", "b", "a", "d"];
  await append(store, ...keys.map((key, i) => entry(`${i}`, key)));
  const orders = new Set<string>();
  for (let i = 0; i < 20; i++) {
    const { entries, through } = await store.fetch(query);
    expect(through).toBe(keys.length);
    for (const key of new Set(keys)) {
      const own = entries.filter((one) => one.key === key).map(({ position }) => position);
      expect(own).toEqual(keys.flatMap((other, at) => (other === key ? [at + 1] : [])));
    }
    orders.add(entries.map(({ id }) => id).join());
  }
  expect(orders.size).toBeGreaterThan(5);
  expect(hand.said("fault.injected").every(({ fault, where }) => fault === "reordered" && where === "orders")).toBe(
    true,
  );
});

test("deliveries are late, by no more than the limit, and said so", async () => {
  const { store, hand } = await opened({ ...NEVER, delays: 1, delayMs: 20 });
  await append(store, entry("1", "a"));
  const fetched = store.fetch(query);
  expect(await hand.outcome(fetched)).toBe("pending");
  await hand.pass(20);
  expect(await hand.value(fetched)).toMatchObject({ entries: [{ id: "1" }] });
  expect(hand.said("fault.injected")).toMatchObject([{ fault: "delayed", where: "orders" }]);
});

test("a fetch of nothing is neither late nor reordered, and without odds nothing happens", async () => {
  const loud = await opened({ commitFails: 0, reorders: 1, delays: 1 });
  expect(await loud.hand.value(loud.store.fetch(query))).toEqual({ entries: [], through: 0 });
  const quiet = await opened(NEVER);
  expect(await append(quiet.store, entry("1", "a"), entry("2", "b"))).toBe(true);
  await quiet.store.fetch(query);
  expect([loud.hand.signals, quiet.hand.signals]).toEqual([[], []]);
});

test("handlers stand it: every effect once, in the order of its key, whatever the dice", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const hand = new ByHand(drained, seed);
    const store = faulty(memory(), hand, { commitFails: 0.5, reorders: 0.8, delays: 0.3 });
    const log: string[] = [];
    const reader = billing(({ id, n }) => void log.push(`${id}${n}`));
    const it = await RuntimeWorld.started(application(orders(), reader), { store, hand });
    const sent = it.ask("orders.place", numbered("a", "b", "a", "c", "b", "a"));
    await hand.pass(60_000);
    await sent;
    expect(Object.values(await it.rows("billing", "seen"))).toEqual(["a0", "b1", "a2", "c3", "b4", "a5"]);
    // Bodies run again after a failed commit; the last run of each entry follows the last of its predecessor.
    const last = (one: string): number => log.lastIndexOf(one);
    expect([last("a0") < last("a2"), last("a2") < last("a5"), last("b1") < last("b4")]).toEqual([true, true, true]);
    expect(it.runtime.status).toMatchObject({ parked: 0, lag: 0 });
  }
});

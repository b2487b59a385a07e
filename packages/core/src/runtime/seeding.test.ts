import { setImmediate as drained } from "node:timers/promises";
import { memory, memoryDisk, type MemoryDisk } from "@banyan/core";
import { expect, test } from "vitest";
import { app, context, roles, tables, type Seeds, type SeedTools } from "../context/index.ts";
import { command, type CommandContract } from "../contract/index.ts";
import { refuse } from "../error/index.ts";
import type { Store, StoreTransaction } from "../ports/index.ts";
import { items, numbered, Placed, type Item } from "./delivery-fixture.ts";
import { ByHand } from "./fixture.ts";
import { over } from "./over.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

const Place: CommandContract<"orders.place", unknown, readonly Item[], { readonly by: string }> = command(
  "orders.place",
  { input: items, output: items as never },
);

interface Setting {
  readonly disk: MemoryDisk;
  readonly seeds?: Seeds;
  readonly store?: (store: Store) => Store;
  /** Keys that are refused. */
  readonly refused?: readonly string[];
  readonly daysLater?: number;
}

/** Orders that clerks may place; answers who placed them. */
function worldOf({ disk, seeds, refused = [], daysLater = 0, store = (given) => given }: Setting): RuntimeWorld {
  const orders = context("orders", { contract: { Placed, Place }, tx: tables() });
  orders.handle(Place, { allow: roles("clerk") }, (input, { emit, principal, tenant }) => {
    for (const data of input) {
      if (refused.includes(data.id)) throw refuse("no-such-thing", `There is no "${data.id}".`);
      emit(Placed, data);
    }
    return [
      { id: principal.id, n: 0 },
      { id: tenant, n: 0 },
    ] as never;
  });
  const whole = app({ contexts: [orders], ...(seeds === undefined ? {} : { seeds }) });
  const hand = new ByHand(drained);
  hand.wall += daysLater * 86_400_000;
  return new RuntimeWorld(whole, { store: store(memory(disk)), hand, seeds: true });
}

/** What a start makes of its seeds, and which keys are in the log then. */
async function seed(setting: Setting): Promise<{ outcome: string; placed: readonly string[] }> {
  const world = worldOf(setting);
  const started = await world.hand.outcome(world.runtime.start());
  const failed = typeof started === "object" && "error" in started;
  const outcome = failed ? (started.error as Error).message : String(world.runtime.seeded);
  await world.hand.value(world.runtime.stop());
  const placed = await entriesOf(setting.disk);
  return { outcome, placed };
}

/** The keys in the log of orders. */
async function entriesOf(disk: MemoryDisk): Promise<readonly string[]> {
  const store = memory(disk);
  await store.open({ contexts: [], stored: true, now: () => 0, newId: () => "" });
  const { entries } = await store.fetch({ source: "orders", after: 0, limit: 100, types: ["orders.placed"] });
  return entries.map(({ body }) => (JSON.parse(body) as Item).id);
}

const placing =
  (...keys: readonly string[]): Seeds =>
  async ({ send }) => {
    for (const key of keys) await send(Place, numbered(key));
  };

test("fresh data is seeded once, in order, and with every role", async () => {
  const disk = memoryDisk();
  const answers: unknown[] = [];
  const seeds = async ({ send }: SeedTools): Promise<void> => {
    answers.push(await send(Place, numbered("a")));
    answers.push(await send(Place, numbered("b"), { principal: { id: "ann", roles: ["clerk"] } }));
  };
  expect(await seed({ disk, seeds })).toEqual({ outcome: "seeded", placed: ["a", "b"] });
  expect(answers).toMatchObject([
    [{ id: "seed" }, { id: "default" }],
    [{ id: "ann" }, {}],
  ]);
  expect(await seed({ disk, seeds })).toEqual({ outcome: "seeded-before", placed: ["a", "b"] });
  expect(await seed({ disk, seeds: placing("other") })).toEqual({ outcome: "seeded-before", placed: ["a", "b"] });
  expect((await seed({ disk })).outcome).toBe("none");
});

test("data from before there were seeds is left alone", async () => {
  const disk = memoryDisk();
  const world = worldOf({ disk });
  await world.hand.value(world.runtime.start());
  await world.reply("orders.place", numbered("mine"), { roles: ["clerk"] });
  await world.hand.value(world.runtime.stop());
  expect(await seed({ disk, seeds: placing("a") })).toEqual({ outcome: "not-fresh", placed: ["mine"] });
});

test("wherever a commit of the seeding is cut off, the next start goes on and nothing is done twice", async () => {
  const wanted = { outcome: "seeded", placed: ["a", "b", "c"] };
  let commits = 0;
  const counting = (store: Store): Store => cutOff(store, () => (commits++, "no"));
  expect(await seed({ disk: memoryDisk(), seeds: placing("a", "b", "c"), store: counting })).toEqual(wanted);
  for (const when of ["before", "after"] as const)
    for (let at = 1; at <= commits; at++) {
      const disk = memoryDisk();
      let seen = 0;
      const cutting = (store: Store): Store => cutOff(store, () => (++seen === at ? when : "no"));
      const cut = worldOf({ disk, seeds: placing("a", "b", "c"), store: cutting });
      expect(await cut.hand.outcome(cut.runtime.start())).toBe("pending");
      const again = await seed({ disk, seeds: placing("a", "b", "c"), daysLater: 90 });
      expect(again, `${when} commit ${at}`).toEqual(
        when === "after" && at === commits ? { ...wanted, outcome: "seeded-before" } : wanted,
      );
    }
  expect(commits).toBe(8);
});

test("what is refused is said with its place, and tried anew by the next start, from there", async () => {
  const disk = memoryDisk();
  const failed = await seed({ disk, seeds: placing("a", "b", "c"), refused: ["b"] });
  expect(failed.placed).toEqual(["a"]);
  expect(failed.outcome).toBe('Seed 2, "orders.place", failed: no-such-thing: There is no "b".');
  // the handler is corrected
  expect(await seed({ disk, seeds: placing("a", "b", "c") })).toEqual({ outcome: "seeded", placed: ["a", "b", "c"] });
  const other = memoryDisk();
  await seed({ disk: other, seeds: placing("a", "b"), refused: ["b"] });
  // the seed is
  expect(await seed({ disk: other, seeds: placing("a", "c"), refused: ["b"] })).toEqual({
    outcome: "seeded",
    placed: ["a", "c"],
  });
});

test("one that was executed and is another now is refused before anything is done", async () => {
  const disk = memoryDisk();
  await seed({ disk, seeds: placing("a", "b"), refused: ["b"] });
  const changed = await seed({ disk, seeds: placing("x", "a", "b") });
  expect(changed).toEqual({ outcome: "Seed 1 is another one than when the seeds began on this data.", placed: ["a"] });
});

test("what nobody waits for belongs to it, and what is thrown beside is said", async () => {
  const floating: Seeds = ({ send }) => void send(Place, numbered("a"));
  expect(await seed({ disk: memoryDisk(), seeds: floating })).toEqual({ outcome: "seeded", placed: ["a"] });
  const refused = await seed({ disk: memoryDisk(), seeds: floating, refused: ["a"] });
  expect(refused.outcome).toContain('Seed 1, "orders.place", failed');
  const throwing: Seeds = () => {
    throw new TypeError("no list");
  };
  expect((await seed({ disk: memoryDisk(), seeds: throwing })).outcome).toContain("no list");
});

test("nobody else is served, and nothing delivered, before the seeds are done", async () => {
  const waiting = Promise.withResolvers<void>();
  const seeds: Seeds = async ({ send }) => {
    await send(Place, numbered("a"));
    await waiting.promise;
  };
  const world = worldOf({ disk: memoryDisk(), seeds });
  const started = world.runtime.start();
  await world.hand.settle();
  expect(world.runtime.status.state).toBe("starting");
  expect(await world.refusal("orders.place", numbered("b"), { roles: ["clerk"] })).toMatchObject({ code: "starting" });
  expect(world.hand.said("lane.idle")).toEqual([]);
  waiting.resolve();
  await world.hand.value(started);
  expect(world.runtime.status.state).toBe("ready");
  await world.hand.value(world.runtime.stop());
});

/** A store one of whose commits, of those that keep a record, is the last thing its process does. */
function cutOff(store: Store, when: () => "before" | "after" | "no"): Store {
  let cut = false;
  const begin = async (): Promise<StoreTransaction> => {
    const transaction = await store.begin();
    let keeps = false;
    const remember: StoreTransaction["remember"] = (record) => {
      keeps = true;
      return transaction.remember(record);
    };
    const commit = async (): Promise<void> => {
      const now = cut ? "before" : keeps ? when() : "no";
      cut ||= now !== "no";
      if (now !== "before") await transaction.commit();
      if (cut) return new Promise(() => {});
    };
    return over(transaction, { commit, remember });
  };
  return over(store, { begin });
}

test("seeds that are sent without waiting are executed so many at a time: a process refuses what it cannot do soon", async () => {
  const keys = Array.from({ length: 90 }, (_, n) => `k${n}`);
  let [running, most] = [0, 0];
  const orders = context("orders", { contract: { Placed, Place }, tx: tables() });
  const before = async (): Promise<void> => {
    most = Math.max(most, ++running);
    await drained();
    running--;
  };
  orders.handle(Place, { allow: roles("clerk"), before }, (input, { emit }) => {
    for (const data of input) emit(Placed, data);
    return [] as never;
  });
  const seeds = async ({ send }: SeedTools): Promise<void> => {
    await Promise.all(keys.map((key) => send(Place, numbered(key))));
  };
  const disk = memoryDisk();
  const hand = new ByHand(drained);
  const world = new RuntimeWorld(app({ contexts: [orders], seeds }), { store: memory(disk), hand, seeds: true });
  await world.hand.value(world.runtime.start());
  await world.hand.value(world.runtime.stop());
  expect((await entriesOf(disk)).toSorted()).toEqual(keys.toSorted());
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(32);
});

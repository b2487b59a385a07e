import { setImmediate as drained } from "node:timers/promises";
import { memory, memoryDisk, type Store } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { backoff, context, tables, type Context, type ContextOptions } from "../context/index.ts";
import { event } from "../contract/index.ts";
import { BanyanError, type Violation } from "../error/index.ts";
import { application, numbered, orders, Placed, type Item } from "./delivery-fixture.ts";
import { ByHand } from "./fixture.ts";
import { over } from "./over.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

interface Reader extends Pick<ContextOptions<never, {}, never>, "rename" | "forget"> {
  readonly name: string;
  readonly body?: (data: Item) => unknown;
}

/** Processes one after the other on one disk, with a subscription "billing.…" whose name and code change. */
class Life {
  readonly hand = new ByHand(drained);
  readonly disk = memoryDisk();
  /** What was given to bodies that committed, and the stable key `before` had for each attempt. */
  readonly given: string[] = [];
  readonly keys = new Map<number, Set<string>>();

  start(reader: Reader, hold: readonly string[] = [], store?: Store): Promise<RuntimeWorld> {
    return this.#start([orders(), this.#billing(reader)], hold, store);
  }

  /** Why it does not start: the codes and messages of what was found. */
  refusal(reader: Reader, hold?: readonly string[]): Promise<readonly string[]> {
    return this.refusalOf([orders(), this.#billing(reader)], hold);
  }

  async refusalOf(contexts: readonly Context[], hold?: readonly string[]): Promise<readonly string[]> {
    const error = await this.#start(contexts, hold).catch((thrown: unknown) => thrown);
    const violations = (error as BanyanError).details?.["violations"] as readonly Violation[];
    return violations.map(({ code, message }) => `${code}: ${message}`);
  }

  #start(contexts: readonly Context[], hold: readonly string[] = [], store: Store = memory(this.disk)) {
    this.hand.signals.length = 0;
    return RuntimeWorld.started(application(...contexts), { store, hand: this.hand, hold });
  }

  #billing({ name, body = () => {}, ...names }: Reader): Context {
    const whole = context("billing", { contract: {}, tx: tables(), ...names });
    const before = ({ position }: { position: number }, { stableKey }: { stableKey: string }): void => {
      this.keys.set(position, (this.keys.get(position) ?? new Set()).add(stableKey));
    };
    const options = { name, from: "start", retry: backoff("1s", "10s", 3), before } as const;
    whole.on(Placed, options, async ({ data, position }, { tx }) => {
      await body(data);
      const count = ((await tx.table<number>("effects").get(String(position))) ?? 0) + 1;
      await tx.table("effects").set(String(position), count);
    });
    return whole as Context;
  }
}

const place = (it: RuntimeWorld, ...keys: string[]): Promise<unknown> => it.reply("orders.place", numbered(...keys));
const effects = (it: RuntimeWorld): Promise<Record<string, unknown>> => it.rows("billing", "effects");

const failing = ({ id }: Item): void => {
  if (id === "bad") throw new Error("not yet");
};

/** A first process with two keys: one settled, one parked with a head that is tried again and two successors. */
async function grown(): Promise<Life> {
  const life = new Life();
  const first = await life.start({ name: "note", body: failing });
  await place(first, "bad", "good", "bad", "bad");
  expect(first.fates("billing.note").toSorted()).toEqual(["1 retrying", "2 settled", "3 waiting", "4 waiting"]);
  return life;
}

/** As a process before this one may have left it: so many acts outside are known, of its first entries parked ones too. */
async function actedOften({ disk }: Life, times: number): Promise<void> {
  const store = memory(disk);
  await store.open({
    contexts: [{ name: "orders", prefix: "orders_", migrations: [] }],
    now: () => 1,
    newId: () => "x",
  });
  const transaction = await store.begin();
  const act = {
    subscription: "billing.note",
    source: "orders",
    name: "pay",
    state: "done",
    outcome: "{}",
    at: 1,
  } as const;
  for (let n = 1; n <= times; n++) await transaction.recordAct({ ...act, key: `act ${n}`, position: n });
  await transaction.commit();
}

/** A release that renames what any release before it may have left. */
const SKIPPED: Reader = { name: "book", rename: { note: "book", record: "book" } };

const RENAMED: Reader = { name: "record", rename: { note: "record" } };

describe("a renamed subscription", () => {
  test("has what is kept of its acts outside told under the name it has now", async () => {
    const life = await grown();
    await actedOften(life, 3);
    const it = await life.start(RENAMED);
    const kept = { subscription: "billing.record", source: "orders", records: 3, bytes: 6 };
    expect(await it.runtime.delivery.onceRecords()).toEqual([kept]);
  });

  test("goes on where it stood, with what was parked, in order, under the stable keys it had, and repeats nothing", async () => {
    const life = await grown();
    const second = await life.start(RENAMED);
    expect(second.runtime.status).toMatchObject({ parked: 3 });
    await place(second, "good", "bad");
    await life.hand.pass(1_250);
    expect(second.fates("billing.record").filter((fate) => fate.endsWith("settled"))).toEqual([
      "5 settled",
      "1 settled",
      "3 settled",
      "4 settled",
      "6 settled",
    ]);
    expect(await effects(second)).toEqual({ 1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 1 });
    expect(second.runtime.status).toMatchObject({ parked: 0, lag: 0 });
    expect(life.keys.get(1)?.size).toBe(1);
  });

  test("keeps the count of its tries", async () => {
    const life = await grown();
    const second = await life.start({ ...RENAMED, body: failing });
    await life.hand.pass(20_000);
    expect(second.hand.said("entry.parked").filter(({ position }) => position === 1)).toMatchObject([
      { subscription: "billing.record", state: "retrying", attempts: 2 },
      { subscription: "billing.record", state: "dead", attempts: 3 },
    ]);
  });

  test("has its stable keys also when the line is gone, and after another rename", async () => {
    const life = await grown();
    await life.start({ ...RENAMED, body: failing });
    await life.start({ name: "record", body: failing });
    await life.hand.pass(1_250);
    const last = await life.start({ name: "book", rename: { record: "book" } });
    await life.hand.pass(10_000);
    expect(await effects(last)).toEqual({ 1: 1, 2: 1, 3: 1, 4: 1 });
    expect(life.keys.get(1)?.size).toBe(1);
  });

  test("stays as it is while the line stays, also where there was nothing to rename", async () => {
    const fresh = new Life();
    for (const n of [1, 2, 3]) {
      const it = await fresh.start(RENAMED);
      await place(it, `key-${n}`);
    }
    expect(await effects(await fresh.start(RENAMED))).toEqual({ 1: 1, 2: 1, 3: 1 });
  });

  test("moves in the commit that claims its cursor, which is tried again when it did not take place", async () => {
    const life = await grown();
    const store = memory(life.disk);
    let failed = 0;
    const begin: Store["begin"] = async () => {
      const transaction = await store.begin();
      if (failed > 0) return transaction;
      const commit = async (): Promise<void> => {
        failed++;
        await transaction.rollback();
        throw new BanyanError("commit-failed", "The disk was full.");
      };
      return over(transaction, { commit });
    };
    const second = await life.start(RENAMED, [], over(store, { begin }));
    await life.hand.pass(1_250);
    expect([failed, await effects(second)]).toEqual([1, { 1: 1, 2: 1, 3: 1, 4: 1 }]);
  });

  test("may be held, and moves all the same", async () => {
    const life = await grown();
    const held = await life.start(RENAMED, ["billing.record"]);
    await life.hand.pass(10_000);
    expect(await effects(held)).toEqual({ 2: 1 });
    const free = await life.start({ name: "record" });
    await life.hand.pass(1_250);
    expect(await effects(free)).toEqual({ 1: 1, 2: 1, 3: 1, 4: 1 });
  });

  test.each([
    ["the first", undefined],
    ["the second", { ...RENAMED, body: failing }],
    ["this", { ...SKIPPED, body: failing }],
  ])("goes on in a store of %s release, whatever old names others have", async (_, between) => {
    const life = await grown();
    if (between !== undefined) await life.start(between);
    const last = await life.start(SKIPPED);
    await life.hand.pass(10_000);
    expect(await effects(last)).toEqual({ 1: 1, 2: 1, 3: 1, 4: 1 });
    expect(last.runtime.status).toMatchObject({ parked: 0, held: 0 });
    expect(life.keys.get(1)?.size).toBe(1);
  });

  test("is refused where the store has a place of several of its old names, until it says which goes on", async () => {
    const life = await grown();
    await life.start({ name: "record" }, ["billing.note"]);
    expect(await life.refusal(SKIPPED)).toEqual([
      'rename-taken: "billing.note" and "billing.record" are to become "billing.book", and the store has a cursor of each.',
    ]);
    const last = await life.start({ name: "book", rename: { note: "book" }, forget: ["record"] });
    await life.hand.pass(10_000);
    expect(await effects(last)).toMatchObject({ 1: 2, 3: 2, 4: 2 });
    expect(last.runtime.status).toMatchObject({ parked: 0, lag: 0 });
  });

  test("is refused where the new name has a place of its own", async () => {
    const life = await grown();
    await life.start({ name: "record" }, ["billing.note"]);
    expect(await life.refusal(RENAMED)).toEqual([
      'rename-taken: "billing.note" is to become "billing.record", and the store has a cursor of each.',
    ]);
  });

  test("leaves its first name to nobody who would begin anew under its stable keys, but may take it back", async () => {
    const life = await grown();
    await life.start({ ...RENAMED, body: failing });
    expect(await life.refusal({ name: "note" }, ["billing.record"])).toEqual([
      'name-spent: "billing.note" would begin anew, and "billing.record" had that name first: its stable keys are made of it.',
    ]);
    const back = await life.start({ name: "note", rename: { record: "note" } });
    await life.hand.pass(10_000);
    expect(await effects(back)).toEqual({ 1: 1, 2: 1, 3: 1, 4: 1 });
    expect(life.keys.get(1)?.size).toBe(1);
  });

  test("leaves its first name to nobody who begins as held either: no place is made for it", async () => {
    const life = await grown();
    await life.start({ ...RENAMED, body: failing });
    const held = await life.start({ name: "note" }, ["billing.record", "billing.note"]);
    const names = (await held.runtime.delivery.subscriptions()).map(({ subscription }) => subscription);
    expect(names).toEqual(["billing.record"]);
    const back = await life.start({ name: "note", rename: { record: "note" } });
    await life.hand.pass(10_000);
    expect(await effects(back)).toEqual({ 1: 1, 2: 1, 3: 1, 4: 1 });
  });

  test("is refused where the new name reads another log than the one it has a place in", async () => {
    const life = await grown();
    const Moved = event("stock.moved", { version: 1, key: "id", data: Placed.schema });
    const stock = context("stock", { contract: { Moved }, tx: tables() });
    const moved = context("billing", { contract: {}, tx: tables(), rename: { note: "record" } });
    moved.on(Moved, { name: "record", from: "start" }, () => {});
    const contexts = [orders(), stock as Context, moved as Context];
    expect(await life.refusalOf(contexts)).toEqual([
      'cursor-orphaned: The store has the cursor of "billing.record" on "orders", and this code does not subscribe so.',
    ]);
    expect(await effects(await life.start({ name: "note", body: failing }))).toEqual({ 2: 1 });
  });

  test("is not the one that another line renames", async () => {
    const life = await grown();
    expect(await life.refusal({ name: "other", rename: { elsewhere: "other" } })).toEqual([
      'cursor-orphaned: The store has the cursor of "billing.note" on "orders", and this code does not subscribe so.',
    ]);
  });
});

describe("a forgotten subscription", () => {
  test("is gone with what was parked, is told once, and the line may stay", async () => {
    const life = await grown();
    const gone = { name: "record", forget: ["note"] };
    const second = await life.start(gone);
    expect(second.hand.said("warning").map(({ message }) => message)).toEqual([
      '"billing.note" was forgotten, with its place and 3 parked entries.',
    ]);
    expect(await effects(second)).toEqual({ 1: 1, 2: 2, 3: 1, 4: 1 });
    const third = await life.start(gone);
    expect(third.hand.said("warning")).toEqual([]);
    expect(third.runtime.status).toMatchObject({ parked: 0, held: 0 });
    await life.start({ name: "record" });
  });

  test("is gone with all it did outside under its first name, in commits of a bounded size, one of which may fail", async () => {
    const life = await grown();
    await life.start({ ...RENAMED, body: failing });
    const store = memory(life.disk);
    await actedOften(life, 2_500);
    const sizes: number[] = [];
    const begin: Store["begin"] = async () => {
      const transaction = await store.begin();
      const forgetActs: typeof transaction.forgetActs = async (of, cut) => {
        sizes.push(await transaction.forgetActs(of, cut));
        if (sizes.length === 2) throw new BanyanError("commit-failed", "The disk was full.");
        return sizes.at(-1) ?? 0;
      };
      return over(transaction, { forgetActs });
    };
    await life.start({ name: "book", forget: ["record"] }, [], over(store, { begin }));
    expect(sizes).toEqual([1_000, 1_000]);
    expect(await Promise.all(["act 1", "act 1500", "act 2500"].map((key) => store.actOf(key)))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("cannot be held as well", async () => {
    const life = await grown();
    const [refusal] = await life.refusal({ name: "record", forget: ["note"] }, ["billing.note"]);
    expect(refusal).toContain('hold-unknown: "billing.note" is no subscription of this code or of the store.');
  });
});

test("a stored cursor that is neither renamed nor forgotten nor held says every way out", async () => {
  const life = await grown();
  const error = (await life.start({ name: "record" }).catch((thrown: unknown) => thrown)) as BanyanError;
  expect(error.message).toMatch(/cursor-orphaned.*"billing\.note"/);
  for (const way of ["`rename: {", "`forget: [", "`banyan start --hold NAME`", "`banyan dev --reset`"])
    expect(error.message).toContain(way);
});

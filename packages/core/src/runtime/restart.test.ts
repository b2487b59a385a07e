import { setImmediate as drained } from "node:timers/promises";
import { memory, memoryDisk, type Store } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { backoff } from "../context/index.ts";
import { event } from "../contract/index.ts";
import { refuse } from "../error/index.ts";
import { application, billing, numbered, orders, Placed, type Item } from "./delivery-fixture.ts";
import { deferred, type Deferred } from "./deferred.ts";
import { ByHand } from "./fixture.ts";
import { over } from "./over.ts";
import { RuntimeWorld, type WorldOptions } from "./runtime-fixture.ts";

/** Processes one after the other on one disk; each new one counts the one before as crashed. */
class Life {
  readonly hand = new ByHand(drained);
  readonly disk = memoryDisk();

  start(
    body: (data: Item) => unknown = () => {},
    options: Parameters<typeof billing>[1] = {},
    more: Partial<WorldOptions> = {},
  ): Promise<RuntimeWorld> {
    return this.startWith(application(orders(), billing(body, { retry: backoff("1s", "10s", 3), ...options })), more);
  }

  startWith(app: ReturnType<typeof application>, more: Partial<WorldOptions> = {}): Promise<RuntimeWorld> {
    this.hand.signals.length = 0;
    return RuntimeWorld.started(app, { store: memory(this.disk), hand: this.hand, ...more });
  }
}

const place = (it: RuntimeWorld, ...keys: string[]): Promise<unknown> => it.reply("orders.place", numbered(...keys));
const seen = async (it: RuntimeWorld): Promise<unknown[]> => Object.values(await it.rows("billing", "seen"));
const fates = (it: RuntimeWorld): string[] => it.fates("billing.note");

describe("a process that starts after another", () => {
  test("goes on where the cursor stands and repeats nothing", async () => {
    const life = new Life();
    await place(await life.start(), "a", "b");
    const second = await life.start();
    expect(fates(second)).toEqual([]);
    await place(second, "c");
    expect(fates(second)).toEqual(["3 settled"]);
    expect(await seen(second)).toEqual(["a0", "b1", "c0"]);
  });

  test("tries only so many keys again side by side, however many are due", async () => {
    const life = new Life();
    const keys = Array.from({ length: 20 }, (_, i) => `key-${i}`);
    const first = await life.start(undefined, { before: () => Promise.reject(new Error("away")) });
    await place(first, ...keys);
    await life.hand.settle();
    expect(fates(first)).toHaveLength(20);
    await life.hand.pass(60);
    const gates: Deferred<void>[] = [];
    let most = 0;
    let running = 0;
    const before = async (): Promise<void> => {
      most = Math.max(most, ++running);
      const gate = deferred<void>();
      gates.push(gate);
      await gate.promise;
      running--;
    };
    const second = await life.start(undefined, { before }, { limits: { retries: 3 } });
    await life.hand.pass(10_000);
    while (gates.length > 0) {
      gates.shift()?.resolve();
      await life.hand.settle();
    }
    expect([most, (await seen(second)).length]).toEqual([3, 20]);
  });

  test("fetches again what was open, and settles each entry once", async () => {
    const life = new Life();
    const gates = new Map<string, Deferred<void>>();
    const before = ({ data }: { data: Item }): Promise<void> => {
      const gate = deferred<void>();
      gates.set(`${data.id}${data.n}`, gate);
      return gate.promise;
    };
    const first = await life.start(undefined, { before });
    await place(first, "a", "b", "c", "b");
    // "c" is settled, "a" and "b" are open before it, the second "b" waits for the first.
    gates.get("c2")?.resolve();
    await life.hand.settle();
    expect(fates(first)).toEqual(["3 settled"]);
    const second = await life.start();
    expect(fates(second).toSorted()).toEqual(["1 settled", "2 settled", "4 settled"]);
    expect(await seen(second)).toEqual(["a0", "b1", "c2", "b3"]);
  });

  test("takes up the retries, at their time, with their count", async () => {
    const life = new Life();
    const fails = (): never => {
      throw new Error("not yet");
    };
    const first = await life.start(fails);
    await place(first, "a", "a");
    await life.hand.pass(1_250);
    const second = await life.start(fails);
    expect(second.runtime.status).toMatchObject({ parked: 2, dead: 0 });
    await life.hand.pass(1_999);
    expect(fates(second)).toEqual([]);
    await life.hand.pass(501);
    expect(second.hand.said("entry.parked")).toMatchObject([{ position: 1, state: "dead", attempts: 3 }]);
    const third = await life.start();
    await life.hand.pass(100_000);
    expect(third.runtime.status).toMatchObject({ parked: 2, dead: 1 });
    expect(fates(third)).toEqual([]);
  });

  test("goes on with an entry that had moved up and not yet been tried", async () => {
    const life = new Life();
    let attempts = 0;
    const before = ({ data }: { data: Item }): Promise<void> =>
      data.n === 1 ? new Promise(() => {}) : Promise.resolve();
    const first = await life.start(
      () => {
        if (++attempts === 1) throw new Error("not yet");
      },
      { before },
    );
    await place(first, "a", "a", "a");
    await life.hand.pass(1_250);
    expect(fates(first)).toContain("1 settled");
    const second = await life.start();
    await life.hand.pass(1);
    expect(fates(second)).toEqual(["2 settled", "3 settled"]);
    expect(second.runtime.status.parked).toBe(0);
  });

  test("waits for a retry no longer than was planned, though the clock has gone back", async () => {
    const life = new Life();
    const first = await life.start(() => {
      throw new Error("not yet");
    });
    await place(first, "a");
    life.hand.wall -= 3_600_000;
    const second = await life.start();
    await life.hand.pass(1_250);
    expect(fates(second)).toEqual(["1 settled"]);
  });

  test("reads from the start what a new subscription asks for, or only what comes", async () => {
    const life = new Life();
    const first = await life.startWith(application(orders()));
    await place(first, "old");
    const second = await life.startWith(application(orders(), billing(undefined, { from: "now" }), billingAgain()));
    await place(second, "new");
    expect(second.fates("billing.note")).toEqual(["2 settled"]);
    expect(second.fates("archive.note")).toEqual(["1 settled", "2 settled"]);
    const third = await life.startWith(application(orders(), billing(undefined, { from: "now" }), billingAgain()));
    await place(third, "next");
    expect(third.fates("billing.note")).toEqual(["3 settled"]);
  });

  /** Another subscriber, from the start. */
  function billingAgain(): ReturnType<typeof billing> {
    const archive = billing();
    return Object.assign(archive, { name: "archive", definition: { ...archive.definition, name: "archive" } });
  }
});

describe("an entry this code cannot read", () => {
  const newer = event("orders.placed", { version: 2, key: "id", data: Placed.schema });
  const knowing = (): ReturnType<typeof application> =>
    application(orders({ Placed: newer }), billing(undefined, {}, newer));
  const old = (): ReturnType<typeof application> => application(orders(), billing());

  test("is parked as unknown with its successors, and released by code that can", async () => {
    const life = new Life();
    const first = await life.startWith(old());
    await life.hand.value(first.runtime.stop());
    // Code of version 2 reads nothing older than that: entries of version 1 are unknown to it.
    const writer = await life.startWith(application(orders()), { hold: ["billing.note"] });
    await place(writer, "a", "a", "b");
    const reader = await life.startWith(knowing());
    expect(fates(reader).toSorted()).toEqual(["1 unknown", "2 waiting", "3 unknown"]);
    expect(reader.hand.said("entry.parked")[0]).toMatchObject({ code: "event-unknown", attempts: 0 });
    expect(reader.hand.timers).toBe(0);
    const again = await life.startWith(knowing());
    expect(fates(again).toSorted()).toEqual(["1 unknown", "3 unknown"]);
    const back = await life.startWith(old());
    await life.hand.pass(1);
    expect(fates(back).toSorted()).toEqual(["1 settled", "2 settled", "3 settled"]);
    expect(await seen(back)).toEqual(["a0", "a1", "b2"]);
    expect(back.runtime.status.parked).toBe(0);
  });

  test("uses up no try, however many processes could not read it", async () => {
    const life = new Life();
    const writer = await life.startWith(application(orders()));
    await place(writer, "a");
    for (let i = 0; i < 5; i++) await life.startWith(knowing());
    let attempts = 0;
    const back = await life.start(() => {
      if (++attempts < 3) throw new Error("not yet");
    });
    await life.hand.pass(20_000);
    expect(fates(back)).toEqual(["1 retrying", "1 retrying", "1 settled"]);
  });

  test.each([
    ["sealed", { form: "sealed" as const }, "event-unknown"],
    ["not JSON", { body: "{" }, "event-undecodable"],
  ])("because it is %s", async (_, change, code) => {
    const life = new Life();
    const changed = (store: Store): Store => {
      const begin: Store["begin"] = async () => {
        const transaction = await store.begin();
        return over(transaction, {
          append: (context, entries) =>
            transaction.append(
              context,
              entries.map((entry) => ({ ...entry, ...change })),
            ),
        });
      };
      return over(store, { begin });
    };
    const it = await life.start(undefined, {}, { store: changed(memory(life.disk)) });
    await place(it, "a");
    expect(it.hand.said("entry.parked")).toMatchObject([{ state: "unknown", code }]);
  });

  test("is tried again until the store answers, also when it has trouble at the start", async () => {
    const life = new Life();
    const writer = await life.startWith(application(orders()));
    await place(writer, "a");
    await life.startWith(knowing());
    const store = memory(life.disk);
    let down = true;
    const parkedEntry: Store["parkedEntry"] = async (ref) => {
      if (down) throw new Error("busy");
      return store.parkedEntry(ref);
    };
    const back = await life.startWith(old(), { store: over(store, { parkedEntry }) });
    await life.hand.pass(10_000);
    expect(fates(back)).toEqual([]);
    down = false;
    await life.hand.pass(10_000);
    expect(fates(back)).toEqual(["1 settled"]);
  });
});

describe("a stop", () => {
  test("in the middle of it all loses nothing: the next process does the rest", async () => {
    const life = new Life();
    let running = 0;
    const before = ({ data }: { data: Item }): Promise<void> => {
      running++;
      return data.id === "slow" ? new Promise((resolve) => life.hand.clock.after(500, resolve)) : Promise.resolve();
    };
    const body = ({ id }: Item): void => {
      if (id === "bad") throw refuse("never", "x");
    };
    const first = await life.start(body, { before }, { limits: { inFlight: 3 } });
    await place(first, "slow", "slow", "bad", "a", "b", "c");
    const stopped = first.runtime.stop();
    expect(await life.hand.outcome(stopped)).toBe("pending");
    await life.hand.pass(500);
    expect(await life.hand.outcome(stopped)).toEqual({ value: undefined });
    const started = running;
    await life.hand.pass(10_000);
    expect(running).toBe(started);
    const second = await life.start(body, { before });
    await life.hand.pass(1_000);
    expect(await seen(second)).toEqual(["slow0", "slow1", "a3", "b4", "c5"]);
    expect(second.runtime.status).toMatchObject({ parked: 1, dead: 1, lag: 0 });
  });
});

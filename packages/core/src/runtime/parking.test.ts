import { setImmediate as drained } from "node:timers/promises";
import { memory } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { backoff } from "../context/index.ts";
import { BanyanError, refuse } from "../error/index.ts";
import type { Store } from "../ports/index.ts";
import { application, billing, numbered, orders, type Item } from "./delivery-fixture.ts";
import { ByHand } from "./fixture.ts";
import { over } from "./over.ts";
import { RuntimeWorld, type WorldOptions } from "./runtime-fixture.ts";

const retry = backoff("1s", "10s", 3);
/** The first wait with all its jitter. */
const WAIT = 1_250;

function started(body: (data: Item) => unknown, options: Partial<WorldOptions> = {}): Promise<RuntimeWorld> {
  const app = application(orders(), billing(body, { retry }));
  return RuntimeWorld.started(app, { store: memory(), hand: new ByHand(drained), ...options });
}

const place = (it: RuntimeWorld, ...keys: string[]): Promise<unknown> => it.reply("orders.place", numbered(...keys));
const seen = async (it: RuntimeWorld): Promise<unknown[]> => Object.values(await it.rows("billing", "seen"));
const fates = (it: RuntimeWorld): string[] => it.fates("billing.note");

describe("a failing entry", () => {
  test("is parked, nothing of its attempt is kept, and it is tried again until it succeeds", async () => {
    let attempts = 0;
    const it = await started(() => {
      if (++attempts < 3) throw new Error("not yet");
    });
    await place(it, "a");
    expect(await seen(it)).toEqual([]);
    expect(it.hand.said("entry.parked")).toMatchObject([
      {
        position: 1,
        state: "retrying",
        attempts: 1,
        code: "handler-failed",
        message: '"billing.note" failed: Error: not yet',
      },
    ]);
    expect(it.runtime.status).toMatchObject({ parked: 1, dead: 0, lag: 0 });
    await it.hand.pass(999);
    expect(attempts).toBe(1);
    await it.hand.pass(WAIT - 999);
    expect(attempts).toBe(2);
    await it.hand.pass(2 * WAIT);
    expect(fates(it)).toEqual(["1 retrying", "1 retrying", "1 settled"]);
    expect(await seen(it)).toEqual(["a0"]);
    expect(it.hand.said("key.released")).toMatchObject([{ position: 1 }]);
    expect(it.runtime.status).toMatchObject({ parked: 0, lag: 0 });
  });

  test("holds back its successors of the same key, which move up in order; other keys flow past", async () => {
    let mended = false;
    const it = await started(({ id }) => {
      if (id === "a" && !mended) throw new Error("not yet");
    });
    await place(it, "a", "b", "a", "a", "b");
    expect(await seen(it)).toEqual(["b1", "b4"]);
    expect(fates(it).toSorted()).toEqual(["1 retrying", "2 settled", "3 waiting", "4 waiting", "5 settled"]);
    mended = true;
    await it.hand.pass(WAIT);
    expect(
      fates(it)
        .filter((fate) => fate.endsWith("settled"))
        .slice(2),
    ).toEqual(["1 settled", "3 settled", "4 settled"]);
    expect(it.runtime.status.parked).toBe(0);
    await place(it, "a");
    expect(fates(it).at(-1)).toBe("6 settled");
  });

  test("is dead when its tries are used up, and its key stands", async () => {
    const it = await started(({ id }) => {
      if (id === "a") throw new Error("never");
    });
    await place(it, "a", "a", "b");
    await it.hand.pass(100_000);
    expect(it.hand.said("entry.parked").filter(({ position }) => position === 1)).toMatchObject([
      { state: "retrying", attempts: 1 },
      { state: "retrying", attempts: 2 },
      { state: "dead", attempts: 3 },
    ]);
    expect(await seen(it)).toEqual(["b2"]);
    expect(it.runtime.status).toMatchObject({ parked: 2, dead: 1, lag: 0 });
    expect(it.hand.timers).toBe(0);
  });

  test("is dead at once when asking again cannot help", async () => {
    const it = await started(() => {
      throw refuse("order-closed", "It has shipped.");
    });
    await place(it, "a");
    expect(fates(it)).toEqual(["1 dead"]);
  });

  test("that moves up and fails has tries of its own", async () => {
    const failing = new Set([0, 1]);
    const it = await started(({ n }) => {
      if (failing.has(n)) throw new Error("not yet");
    });
    await place(it, "a", "a");
    failing.delete(0);
    await it.hand.pass(WAIT);
    expect(it.hand.said("entry.parked").at(-1)).toMatchObject({ position: 2, state: "retrying", attempts: 1 });
    failing.clear();
    await it.hand.pass(WAIT);
    expect(await seen(it)).toEqual(["a0", "a1"]);
  });

  test("is not tried again before its error says so, nor because the clock goes back", async () => {
    let attempts = 0;
    const it = await started(() => {
      attempts++;
      throw new BanyanError("overloaded", "Later.", { retryAfterMs: 60_000 });
    });
    await place(it, "a");
    await it.hand.pass(59_999);
    expect(attempts).toBe(1);
    await it.hand.pass(1);
    expect(attempts).toBe(2);
    it.hand.wall -= 3_600_000;
    await it.hand.pass(60_000);
    expect(attempts).toBe(3);
  });
});

describe("while too much is parked", () => {
  test("a lane fetches nothing new, and reads on when a parked entry is released", async () => {
    const failing = new Set(["a", "b"]);
    const it = await started(
      ({ id }) => {
        if (failing.has(id)) throw id === "b" ? refuse("never", "x") : new Error("not yet");
      },
      { limits: { parkedRows: 3, inFlight: 3 } },
    );
    // "a" fails for now, its second entry waits and will be dead when it is tried; "b" is dead.
    await place(it, "a", "a", "b");
    await place(it, "c", "d");
    expect(await seen(it)).toEqual([]);
    expect(it.runtime.status).toMatchObject({ parked: 3, dead: 1, lag: 2 });
    failing.delete("a");
    await it.hand.pass(WAIT);
    expect(await seen(it)).toEqual(["a0", "a1", "c0", "d1"]);
  });

  test("one released entry is enough, also when the next of its key fails", async () => {
    let mended = false;
    const it = await started(
      ({ id, n }) => {
        if (id === "a" && n === 1) throw refuse("never", "x");
        if (id === "a" && !mended) throw new Error("not yet");
      },
      { limits: { parkedRows: 2, inFlight: 2 } },
    );
    await place(it, "a", "a", "c");
    expect(it.runtime.status).toMatchObject({ parked: 2, lag: 1 });
    mended = true;
    await it.hand.pass(WAIT);
    expect(it.runtime.status).toMatchObject({ parked: 1, dead: 1, lag: 0 });
    expect(await seen(it)).toEqual(["a0", "c2"]);
  });
});

describe("trouble of the store", () => {
  /** Commits with a body in them fail with this code while `down`; nothing of them is kept. */
  function shaky(code: "commit-failed" | "fault-injected"): { store: Store; state: { down: boolean } } {
    const store = memory();
    const state = { down: false };
    const begin: Store["begin"] = async () => {
      const transaction = await store.begin();
      let bodies = 0;
      return over(transaction, {
        unit: (context, name) => (bodies++, transaction.unit(context, name)),
        commit: () => (state.down && bodies > 0 ? Promise.reject(new BanyanError(code, "No.")) : transaction.commit()),
      });
    };
    return { store: over(store, { begin }), state };
  }

  test.each(["commit-failed", "fault-injected"] as const)("is not counted against an entry: %s", async (code) => {
    const { store, state } = shaky(code);
    const it = await started(
      () => {
        state.down = it.hand.said("warning").length < 5;
      },
      { store },
    );
    await place(it, "a");
    await it.hand.pass(10_000);
    expect(fates(it)).toEqual(["1 settled"]);
    expect(await seen(it)).toEqual(["a0"]);
  });

  test("while an entry is parked or retried does not end its retries", async () => {
    const { store, state } = shaky("commit-failed");
    let mended = false;
    const it = await started(
      () => {
        if (!mended) throw new Error("not yet");
      },
      { store },
    );
    await place(it, "a");
    state.down = true;
    mended = true;
    await it.hand.pass(20_000);
    expect(fates(it)).toEqual(["1 retrying"]);
    state.down = false;
    await it.hand.pass(20_000);
    expect(fates(it)).toEqual(["1 retrying", "1 settled"]);
  });
});

import { setImmediate as drained } from "node:timers/promises";
import { memory } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { backoff } from "../context/index.ts";
import { BanyanError, type ErrorOptions } from "../error/index.ts";
import type { Store, StoreTransaction } from "../ports/index.ts";
import { application, billing, numbered, orders, type Item } from "./delivery-fixture.ts";
import { ByHand } from "./fixture.ts";
import { over } from "./over.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

const retry = backoff("1s", "1s", 3);
const THIRTY_DAYS = 30 * 86_400_000;

interface Parts {
  readonly before?: (data: Item) => unknown;
  readonly body?: (data: Item) => unknown;
  readonly store?: Store;
}

function started({ before, body, store = memory() }: Parts): Promise<RuntimeWorld> {
  const reads = before === undefined ? {} : { before: async ({ data }: { data: Item }) => before(data) };
  const app = application(orders(), billing(body, { retry, ...reads }));
  return RuntimeWorld.started(app, { store, hand: new ByHand(drained) });
}

const evil = new Proxy(
  {},
  {
    get: () => {
      throw new Error("asked too much");
    },
    getPrototypeOf: () => {
      throw new Error("asked too much");
    },
  },
);
const silent = Object.defineProperty(new Error("x"), "message", {
  get: () => {
    throw new Error("no message");
  },
});

describe("an entry whose handler throws what cannot be made text", () => {
  test.each([
    ["an object without a prototype", Object.create(null)],
    ["a proxy that throws", evil],
    ["an error whose message throws", silent],
    ["an error whose message is no text", Object.assign(new Error("x"), { name: "BanyanError", code: 5, message: {} })],
  ])("is parked, and dead after its tries, and its neighbours go on: %s", async (_what, thrown) => {
    for (const where of ["before", "body"] as const) {
      const asked: string[] = [];
      const fails = ({ id }: Item): void => {
        asked.push(id);
        if (id === "a") throw thrown;
      };
      const it = await started({ [where]: fails });
      await it.reply("orders.place", numbered("a", "b"));
      await it.hand.pass(10_000);
      expect(it.runtime.status).toMatchObject({ parked: 1, dead: 1, lag: 0, paused: 0 });
      const [dead] = await it.runtime.delivery.parked({});
      expect(dead).toMatchObject({ state: "dead", attempts: 3, key: "a" });
      expect(asked.includes("b")).toBe(true);
      expect(it.fates("billing.note")).toContain("2 settled");
    }
  });
});

describe("an entry whose error asks for an odd wait", () => {
  test.each([2 ** 60, 1e300, Infinity, Number.NaN, "soon", 10n, -1])("is parked all the same: %s", async (said) => {
    let tries = 0;
    const before = ({ id }: Item): void => {
      if (id !== "a") return;
      tries++;
      throw new BanyanError("busy", "later", { kind: "unavailable", retryAfterMs: said } as ErrorOptions);
    };
    const it = await started({ before });
    await it.reply("orders.place", numbered("a", "b"));
    expect(it.runtime.status).toMatchObject({ parked: 1, dead: 0, lag: 0 });
    expect(tries).toBe(1);
    const [parked] = await it.runtime.delivery.parked({});
    expect(parked?.due).toBeLessThanOrEqual(it.hand.wall + THIRTY_DAYS);
    await it.hand.pass(3 * THIRTY_DAYS);
    expect(it.runtime.status).toMatchObject({ parked: 1, dead: 1 });
    expect(tries).toBe(3);
  });
});

/** A store that cannot keep some park rows, for a reason that is none of the store's. */
function refusing(store: Store, refuses: (row: Parameters<StoreTransaction["park"]>[0]) => boolean): Store {
  return over(store, {
    begin: async () => {
      const transaction = await store.begin();
      return over(transaction, {
        park: async (row) => {
          if (refuses(row)) throw new BanyanError("internal", "Such a row cannot be kept.");
          await transaction.park(row);
        },
      });
    },
  });
}

test("what became of an attempt that cannot be kept counts against the entry, and its handler is not run again for it", async () => {
  let tries = 0;
  const before = ({ id }: Item): void => {
    if (id !== "a") return;
    tries++;
    throw new Error("unkeepable");
  };
  const store = refusing(memory(), ({ errors }) => errors.at(-1)?.message.includes("unkeepable") === true);
  const it = await started({ before, store });
  await it.reply("orders.place", numbered("a", "b"));
  await it.hand.pass(60_000);
  expect(tries).toBe(3);
  const [dead] = await it.runtime.delivery.parked({});
  expect(dead).toMatchObject({ state: "dead", attempts: 3 });
  expect(dead?.errors.map(({ code }) => code)).toEqual(["internal", "internal", "internal"]);
  expect(it.runtime.status).toMatchObject({ parked: 1, dead: 1, lag: 0 });
});

test("what a lane remembers of a parked entry does not grow with its errors", async () => {
  const store = memory();
  const it = await started({
    store,
    body: () => {
      throw new Error("x".repeat(400));
    },
  });
  await it.reply("orders.place", numbered("a"));
  await it.hand.pass(10_000);
  const [row] = await store.parkedRows();
  expect(Object.keys(row ?? {})).not.toContain("errors");
  expect(row?.failedAt).toBeGreaterThan(0);
  expect((await it.runtime.delivery.parked({}))[0]?.errors).toHaveLength(3);
});

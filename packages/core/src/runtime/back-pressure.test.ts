import { setImmediate as drained } from "node:timers/promises";
import { memory } from "@banyan/core";
import { describe, expect, test } from "vitest";
import type { Context } from "../context/index.ts";
import type { Fetched, FetchQuery } from "../ports/index.ts";
import { deferred, type Deferred } from "./deferred.ts";
import { application, billing, numbered, orders } from "./delivery-fixture.ts";
import { ByHand } from "./fixture.ts";
import type { Limits } from "./limits.ts";
import { over } from "./over.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

interface Fetching {
  readonly query: FetchQuery;
  readonly fetched: Fetched;
}

/** A runtime, and every fetch of its lane. */
async function started(
  reader: Context,
  limits: Partial<Limits>,
): Promise<{ it: RuntimeWorld; fetches: readonly Fetching[] }> {
  const store = memory();
  const fetches: Fetching[] = [];
  const fetch = async (query: FetchQuery): Promise<Fetched> => {
    const fetched = await store.fetch(query);
    fetches.push({ query, fetched });
    return fetched;
  };
  const options = { store: over(store, { fetch }), hand: new ByHand(drained), limits };
  return { it: await RuntimeWorld.started(application(orders(), reader), options), fetches };
}

const keys = (count: number): string[] => Array.from({ length: count }, (_, i) => `k${i}`);
const most = (fetches: readonly Fetching[]): number => Math.max(...fetches.map(({ query }) => query.limit));

describe("a lane", () => {
  test("whose handlers keep up comes to hold as many entries as it may", async () => {
    const { it, fetches } = await started(billing(), { inFlight: 64 });
    await it.reply("orders.place", numbered(...keys(400)));
    expect(fetches[0]?.query.limit).toBe(16);
    expect(most(fetches)).toBe(64);
    expect(it.runtime.status.lag).toBe(0);
  });

  test("whose handlers are slow holds fewer and fewer, down to its floor, and goes on", async () => {
    const gates: Deferred<void>[] = [];
    const before = (): Promise<void> => {
      const gate = deferred<void>();
      gates.push(gate);
      return gate.promise;
    };
    const { it } = await started(
      billing(() => {}, { before }),
      { inFlight: 64, attemptTargetMs: 1_000 },
    );
    await it.reply("orders.place", numbered(...keys(60)));
    const running: number[] = [];
    while (gates.length > 0) {
      running.push(gates.length);
      await it.hand.pass(1_500);
      for (const gate of gates.splice(0)) gate.resolve();
      await it.hand.settle();
    }
    expect(running.slice(0, 4)).toEqual([16, 8, 4, 4]);
    expect(Math.min(...running.slice(0, -1))).toBe(4);
    expect(running.reduce((sum, n) => sum + n, 0)).toBe(60);
    expect(it.runtime.status.lag).toBe(0);
  });

  test("whose handler makes the event loop slow holds fewer", async () => {
    const { it, fetches } = await started(
      billing(() => it.hand.elapse(40)),
      { inFlight: 64, batchMs: 1_000, batchUnits: 4 },
    );
    await it.reply("orders.place", numbered(...keys(100)));
    expect(fetches[0]?.query.limit).toBe(16);
    expect(Math.max(...fetches.slice(8).map(({ fetched }) => fetched.entries.length))).toBeLessThanOrEqual(4);
    expect(it.runtime.status.lag).toBe(0);
  });

  test("with huge entries holds no more than its bytes and one entry, and delivers them all", async () => {
    const MIB = 1024 * 1024;
    const gates: Deferred<void>[] = [];
    const before = (): Promise<void> => {
      const gate = deferred<void>();
      gates.push(gate);
      return gate.promise;
    };
    const huge = keys(6).map((key, n) => ({ id: key.padEnd(4 * MIB, "x"), n }));
    const { it, fetches } = await started(
      billing(() => {}, { before }),
      { inFlightBytes: 8 * MIB },
    );
    await it.reply("orders.place", huge);
    let delivered = 0;
    for (let round = 0; gates.length > 0; round++) {
      expect(gates.length, `held in round ${round}`).toBeLessThanOrEqual(3);
      delivered += gates.length;
      for (const gate of gates.splice(0)) gate.resolve();
      await it.hand.settle();
    }
    expect(delivered).toBe(6);
    expect(fetches.every(({ fetched }) => fetched.entries.length <= 2)).toBe(true);
    expect(it.runtime.status.lag).toBe(0);
  });

  test("holds bytes of UTF-8, however few characters they are", async () => {
    const gates: Deferred<void>[] = [];
    const before = (): Promise<void> => {
      const gate = deferred<void>();
      gates.push(gate);
      return gate.promise;
    };
    const { it, fetches } = await started(
      billing(() => {}, { before }),
      { inFlightBytes: 3_000 },
    );
    const wide = keys(4).map((key, n) => ({ id: key + "木".repeat(1_000), n }));
    await it.reply("orders.place", wide);
    expect(gates.length).toBeLessThanOrEqual(2);
    expect(fetches.every(({ fetched }) => fetched.entries.length <= 1)).toBe(true);
    for (; gates.length > 0; await it.hand.settle()) for (const gate of gates.splice(0)) gate.resolve();
    expect(it.runtime.status.lag).toBe(0);
  });
});

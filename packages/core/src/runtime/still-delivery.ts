import { backoff, context, type SubscriptionDefinition } from "../context/index.ts";
import { BanyanError } from "../error/index.ts";
import type { Cursor, Platform } from "../ports/index.ts";
import { BoundedWork } from "./bounded-work.ts";
import { Committer } from "./committer.ts";
import { DeliveryOperations } from "./delivery-operations.ts";
import { Host, type Surroundings } from "./host.ts";
import { ids } from "./ids.ts";
import { Lane } from "./lane.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { telling } from "./store-trouble.ts";
import { Tail } from "./tail.ts";
import { Turnstile } from "./turnstile.ts";
import { LoopDelay } from "./loop-delay.ts";

/** Data that no process runs on, opened for an operator. */
export interface StillDelivery {
  readonly delivery: DeliveryOperations;
  /** Closes the store. */
  end(): Promise<void>;
}

/**
 * Opens a store to look at its delivery and to change what is parked, without the application. The lanes are those of a running process, never
 * started: a skip or redrive is the same commit, and what it makes due is tried by the next process that starts. Nothing is fetched,
 * delivered or retried, and no cursor moves.
 */
export async function stillDelivery(given: Omit<Platform, "calls">): Promise<StillDelivery> {
  const platform: Platform = { ...given, calls: undefined, store: telling(given.store) };
  const { store, clock } = platform;
  const around = surroundingsOf(platform);
  const found = await store.open({ contexts: [], stored: true, now: () => clock.now(), newId: around.newId });
  const committer = new Committer(platform, around.limits, { commit: () => {}, failed: () => {} });
  const laneOf = (cursor: Cursor): Lane => {
    const { subscription, source, firstName } = cursor;
    return new Lane({
      ...partsOf(subscription, around),
      subscription,
      firstName,
      cursor,
      committer,
      around,
      eras: found.eras.get(source) ?? [],
      parked: found.parked.filter((row) => row.subscription === subscription && row.source === source),
    });
  };
  const lanes = found.cursors.map(laneOf);
  const logs = Array.from(found.incarnations, ([source, incarnation]) => ({
    source,
    incarnation,
    keepMs: undefined,
    budgetBytes: undefined,
  }));
  return {
    delivery: new DeliveryOperations({
      around,
      lanes,
      held: [],
      heldParked: [],
      logs,
      replays: undefined,
      dryReplays: undefined,
      typesOf: new Map(),
      tail: new Tail(platform, logs, []),
    }),
    end: async () => {
      await Promise.all(lanes.map((lane) => lane.stop()));
      await store.close();
    },
  };
}

/** Nothing is admitted, called or limited: what is there was parked under limits that nobody knows here. */
function surroundingsOf(platform: Platform): Surroundings {
  const limits = { ...DEFAULT_LIMITS, parkedRows: Infinity, parkedBytes: Infinity };
  return {
    platform,
    limits,
    loopDelay: new LoopDelay(platform),
    turnstile: new Turnstile(platform.clock, limits),
    intake: { admit: async () => nothingRuns(), confirm: async () => nothingRuns() },
    newId: ids(platform.clock, platform.random),
    bounded: new BoundedWork(platform, limits.beforeLimitMs),
    send: async () => nothingRuns(),
  };
}

/** A context and a subscription of which nothing is known but their names. */
function partsOf(subscription: string, around: Surroundings): { host: Host; definition: SubscriptionDefinition } {
  const at = subscription.indexOf(".");
  const { definition } = context(subscription.slice(0, at), { contract: {} });
  return {
    host: new Host(definition, {}, around),
    definition: {
      name: subscription.slice(at + 1),
      contracts: [],
      at: "",
      from: undefined,
      retry: backoff("1s", "1s", 1),
      rebuild: undefined,
      before: undefined,
      body: nothingRuns,
      unknownOptions: [],
    },
  };
}

function nothingRuns(): never {
  throw new BanyanError("internal", "Something was delivered where no application is.");
}

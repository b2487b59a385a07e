import { array, asyncProperty, assert, boolean, constant, constantFrom, integer, oneof, record } from "fast-check";
import type { StoreCase } from "./case.ts";
import { runModel } from "./model.ts";
import { ODD_TEXTS, StoreWorld } from "./world.ts";

const text = constantFrom("a", "b", ...ODD_TEXTS);
const lane = integer({ min: 0, max: 1 });
const position = integer({ min: 1, max: 3 });

const deed = oneof(
  record({ deed: constant("append" as const), count: integer({ min: 1, max: 3 }), paid: boolean() }),
  record({ deed: constant("put" as const), key: text, value: text }),
  record({ deed: constant("delete" as const), key: text }),
  record({ deed: constant("claim" as const), lane, from: constantFrom("start" as const, "now" as const) }),
  record({ deed: constant("settle" as const), lane, stale: boolean(), pos: integer({ min: 0, max: 9 }) }),
  record({
    deed: constant("park" as const),
    position,
    state: constantFrom("retrying" as const, "waiting" as const, "dead" as const),
  }),
  record({ deed: constant("unpark" as const), position }),
  record({ deed: constant("remember" as const), key: integer({ min: 0, max: 2 }), forMs: constantFrom(1, 1_000) }),
);

const commitsMostly = constantFrom("commit" as const, "commit" as const, "rollback" as const, "crash" as const);
const transaction = record({
  deeds: array(deed, { maxLength: 6 }),
  end: commitsMostly,
  ms: constantFrom(0, 1, 500),
});

/** Sequences a run of the suite tries; each is a few dozen calls. */
const RUNS = 40;

export const MODEL_CASES: readonly StoreCase[] = [
  {
    promise: "any sequence of transactions, crashes and restarts leaves what a simple model says",
    async run(world) {
      const sequence = array(transaction, { minLength: 1, maxLength: 8 });
      const property = asyncProperty(sequence, async (transactions) => {
        const fresh = await StoreWorld.open(world.subject);
        try {
          await runModel(fresh, transactions);
          await fresh.store.close();
        } finally {
          await fresh.place.remove();
        }
      });
      await assert(property, { numRuns: RUNS });
    },
  },
];

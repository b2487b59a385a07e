import { memory, memoryDisk } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { reference } from "../reference/index.ts";
import {
  PLANTED_BUGS,
  PLANTED_UNDER,
  simulateSeed,
  simulateSeeds,
  type Simulation,
  type SimulationResult,
} from "./index.ts";

const bank = { ...reference("tables"), disk: memoryDisk, store: memory };
/** Seeds within which each planted bug must be caught. Most are caught by the first. */
const WITHIN = 200;

async function firstCaught(broken: Omit<typeof bank, "store"> & Pick<typeof bank, "store">): Promise<number> {
  for (let seed = 1; seed <= WITHIN; seed++) {
    const { breaches } = await simulateSeed({ ...broken, seed });
    if (breaches.length > 0) return seed;
  }
  return Infinity;
}

describe("the bank under crashes and faults", () => {
  test("breaks no law, and the same seed gives the same run", { timeout: 60_000 }, async () => {
    const results: SimulationResult[] = [];
    for await (const result of simulateSeeds({ ...bank, from: 1, seeds: 60 })) results.push(result);
    expect(results.flatMap(({ seed, breaches }) => breaches.map((breach) => ({ seed, ...breach })))).toEqual([]);
    const struck = new Set(results.flatMap(({ counters }) => Object.keys(counters)));
    // a fault that never strikes proves nothing
    for (const fault of [
      "crash after commit",
      "crash before commit",
      "takeover",
      "pause",
      "commit-failed",
      "reordered",
      "operator redrove",
      "operator skipped",
      "subscription paused",
      "subscription rewound",
      "log trimmed",
      "renamed to diary.follow",
      "renamed to diary.track",
      "forgot diary.glance",
      "schedule entered after another start",
    ])
      expect(struck).toContain(fault);
  });

  test("seeds differ", async () => {
    const [one, two] = [await simulateSeed({ ...bank, seed: 1 }), await simulateSeed({ ...bank, seed: 2 })];
    expect(one.hash).not.toBe(two.hash);
  });

  test("a call of the real clock is a breach that names it", async () => {
    const leaking: Simulation = {
      scenario: (world) => {
        const scenario = reference("tables").scenario(world);
        return { ...scenario, clients: [async () => void Date.now()] };
      },
    };
    const { breaches } = await simulateSeed({ ...bank, ...leaking, seed: 1 });
    expect(breaches).toContainEqual(
      expect.objectContaining({ law: "determinism", message: expect.stringContaining("Date.now") }),
    );
  });
});

describe(`each planted bug is caught within ${WITHIN} seeds:`, () => {
  test.each(Object.entries(PLANTED_BUGS))("a store that %s", { timeout: 60_000 }, async (bug, plant) => {
    const faults = { ...bank.faults, ...PLANTED_UNDER[bug] };
    const broken = { ...bank, faults, store: (disk: Parameters<typeof memory>[0]) => plant(memory(disk)) };
    expect(await firstCaught(broken)).toBeLessThanOrEqual(WITHIN);
  });
});

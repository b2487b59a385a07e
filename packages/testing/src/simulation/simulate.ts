import { BanyanError, memory, memoryDisk, type App, type MemoryDisk, type Store } from "@banyan/core";
import type { FaultOdds } from "./fault-odds.ts";
import { DELIVERED, neverHappened } from "./reachability.ts";
import { shrink, type Shrunk } from "./shrink.ts";
import { simulateSeeds } from "./simulate-seeds.ts";
import type { Scenario, SimulationResult, SimulationOptions, World } from "./simulation.ts";

export interface SimulateOptions extends Omit<Scenario, "app" | "clients"> {
  /** How many seeds, from `from` on. One seed and `from` repeat a run exactly. */
  readonly seeds: number;
  /** Default: 1. */
  readonly from?: number;
  /** Chances of the faults that differ from `DEFAULT_ODDS`; 0 leaves a kind out. */
  readonly faults?: Partial<FaultOdds>;
  /** Clients that ask, side by side. */
  readonly workload: Scenario["clients"];
  /** A store on a disk that survives crashes. Default: `memory`, for `tables()`; for SQL: `(disk, { clock, random }) => sqlite({ memory: disk, overrides: { clock, random } })`. */
  readonly store?: (disk: MemoryDisk, world: World) => Store;
  /** How much virtual time there is for everything to be settled once faults have ceased. Default: `"30m"`. */
  readonly settleWithin?: string;
  /** Counters that must not be 0 after a hundred seeds, beside those of the faults. */
  readonly mustHappen?: readonly string[];
}

/** What a simulation without a breach has seen. */
export interface Simulated {
  readonly seeds: number;
  readonly steps: number;
  readonly virtualMs: number;
  /** What really happened, summed over all seeds. */
  readonly counters: Readonly<Record<string, number>>;
  /** What never struck or happened, and was asked for: of it these seeds, fewer than a hundred, prove nothing. */
  readonly never: readonly string[];
}

/** From here on, a fault that never struck makes the run invalid; fewer seeds may well leave one out. */
const ENOUGH_SEEDS = 100;

/**
 * Runs your application under seeded crashes and faults, on virtual time, and judges what remains: by the laws of delivery and by your invariants.
 * The first seed that breaks one is thrown as `simulation-failed`, with the smallest run that still does and how to repeat it.
 *
 *     await simulate(shop, { seeds: 200, workload: [buyer, buyer], invariants: async ({ client }) => oversold(client) });
 *
 * What lies outside the application (a provider behind a port) must begin anew with each run: give a function that builds both.
 */
export async function simulate(what: App | ((world: World) => App), options: SimulateOptions): Promise<Simulated> {
  const { seeds, from = 1, mustHappen = [], faults = {} } = options;
  const simulation = simulationOf(what, options);
  const counters: Record<string, number> = {};
  const [seen, apps] = [{ seeds: 0, steps: 0, virtualMs: 0 }, new Set<App>()];
  const scenario: typeof simulation.scenario = (world) => {
    const built = simulation.scenario(world);
    apps.clear();
    apps.add(built.app);
    return built;
  };
  for await (const result of simulateSeeds({ ...simulation, scenario, from, seeds })) {
    if (result.breaches.length > 0) throw await failure(result, { ...simulation, seed: result.seed });
    seen.seeds++;
    seen.steps += result.steps;
    seen.virtualMs += result.virtualMs;
    for (const [name, count] of Object.entries(result.counters)) counters[name] = (counters[name] ?? 0) + count;
  }
  const subscribed = [...apps].some(({ contexts }) => contexts.some(({ subscriptions }) => subscriptions.length > 0));
  const must = subscribed ? [...DELIVERED, ...mustHappen] : mustHappen;
  const never = neverHappened(counters, must, faults);
  if (seeds >= ENOUGH_SEEDS && never.length > 0) throw notJudged(never);
  return { ...seen, counters, never };
}

function simulationOf(
  what: App | ((world: World) => App),
  options: SimulateOptions,
): Omit<SimulationOptions<MemoryDisk>, "seed"> {
  const { workload, faults, store, settleWithin, limits, settings, operator, mayDie, earlier, invariants } = options;
  const around = given({ limits, settings, operator, mayDie, earlier, invariants });
  return {
    scenario: (world) => ({ ...around, app: typeof what === "function" ? what(world) : what, clients: workload }),
    disk: memoryDisk,
    store: store ?? ((disk) => memory(disk)),
    ...given({ faults, settleWithin }),
  };
}

/** What is not undefined. */
function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

async function failure(
  { seed, breaches }: SimulationResult,
  options: SimulationOptions<MemoryDisk>,
): Promise<BanyanError> {
  const [first] = breaches;
  const smaller = first === undefined ? undefined : await shrink(options, first.law);
  const told = breaches.map(({ law, message }) => `  ${law}: ${message}`);
  const message = [
    `Seed ${seed} breaks a law:`,
    ...told,
    `Repeat it, and keep it as a test: simulate(app, { …, from: ${seed}, seeds: 1 })`,
    ...(smaller === undefined ? [] : smallerLines(smaller, options.faults)),
  ].join("\n");
  return new BanyanError("simulation-failed", message, { details: { seed, breaches, smaller } });
}

function smallerLines(smaller: Shrunk, given: Partial<FaultOdds> = {}): readonly string[] {
  const { faults, clients, of, runs, breach } = smaller;
  const odds = faults.map((fault) => `, ${fault}: ${given[fault] ?? `DEFAULT_ODDS.${fault}`}`).join("");
  return [
    `It still does with clients ${clients.join(", ")} of ${of} and faults: { ...NO_FAULTS${odds} } (found in ${runs} runs):`,
    `  ${breach.law}: ${breach.message}`,
  ];
}

function notJudged(missing: readonly string[]): BanyanError {
  const names = missing.map((name) => `"${name}"`).join(", ");
  return new BanyanError(
    "simulation-unjudged",
    `No law was broken, but ${names} never happened, so nothing was proved.`,
  );
}

import { memoryDisk, type MemoryDisk } from "@banyan/core";
import {
  PLANTED_BUGS,
  PLANTED_UNDER,
  simulateSeed,
  type PlantedBug,
  type Simulation,
  type SimulationOptions,
} from "@banyan/testing";

interface Broken {
  readonly simulation: Simulation;
  readonly store: SimulationOptions<MemoryDisk>["store"];
  readonly from: number;
  readonly seeds: number;
}

/** Seeds after which a bug was caught this often are enough for a median. */
const CATCHES = 5;

/** A run that a bug has made endless needs no more steps than this to be told from a sound one. */
const MAX_STEPS = 100_000;

interface Caught {
  readonly bug: string;
  /** How many seeds it took, each time: the median of these is what is told. */
  readonly seedsNeeded: readonly number[];
  readonly laws: readonly string[];
}

/** Plants each bug in turn and runs seeds until the simulation has noticed it; 0 = it noticed all. */
export async function catchPlanted(broken: Broken, json: boolean): Promise<number> {
  const all: Caught[] = [];
  for (const [bug, plant] of Object.entries(PLANTED_BUGS)) {
    const caught = await catchOne(bug, plant, broken);
    all.push(caught);
    if (!json) process.stdout.write(`${lineOf(caught)}\n`);
  }
  const missed = all.filter(({ seedsNeeded }) => seedsNeeded.length === 0);
  const summary = { planted: all.length, caught: all.length - missed.length, medianSeeds: median(all.map(needed)) };
  if (json) process.stdout.write(`${JSON.stringify({ ...summary, bugs: all })}\n`);
  else process.stdout.write(`${summary.caught} of ${summary.planted} caught; median ${summary.medianSeeds} seeds\n`);
  return missed.length === 0 ? 0 : 1;
}

async function catchOne(bug: string, plant: PlantedBug, { simulation, store, from, seeds }: Broken): Promise<Caught> {
  const seedsNeeded: number[] = [];
  const laws = new Set<string>();
  let last = from - 1;
  for (let seed = from; seed < from + seeds && seedsNeeded.length < CATCHES; seed++) {
    const planted: typeof store = (disk, world) => plant(store(disk, world));
    const faults = { ...simulation.faults, ...PLANTED_UNDER[bug] };
    const run = await simulateSeed({
      ...simulation,
      faults,
      maxSteps: MAX_STEPS,
      seed,
      disk: memoryDisk,
      store: planted,
    });
    if (run.breaches.length === 0) continue;
    seedsNeeded.push(seed - last);
    last = seed;
    for (const { law } of run.breaches) laws.add(law);
  }
  return { bug, seedsNeeded, laws: [...laws].toSorted() };
}

const needed = ({ seedsNeeded }: Caught): number => median(seedsNeeded);

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Infinity;
}

function lineOf(caught: Caught): string {
  const { bug, seedsNeeded, laws } = caught;
  const told = seedsNeeded.length === 0 ? "NOT CAUGHT" : `${needed(caught)} seeds`;
  return `  ${bug.padEnd(42)} ${told.padEnd(12)} ${laws.join(", ")}`;
}

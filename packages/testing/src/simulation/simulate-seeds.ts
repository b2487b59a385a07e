import { simulateSeed } from "./simulate-seed.ts";
import type { SimulationOptions, SimulationResult } from "./simulation.ts";

export interface SeedsOptions<Disk> extends Omit<SimulationOptions<Disk>, "seed"> {
  readonly from: number;
  readonly seeds: number;
}

/** These many are run twice, and then every so many: one run cannot tell whether anything but the seed had a say. */
const FIRST_TWICE = 20;
const THEN_EVERY = 50;

/** Runs one seed after the other. Some are run twice; where the two differ, the seed proves nothing, and the law "determinism" is breached. */
export async function* simulateSeeds<Disk>(options: SeedsOptions<Disk>): AsyncGenerator<SimulationResult, void> {
  for (let nth = 0; nth < options.seeds; nth++) yield await simulateNth(options, nth);
}

/** Runs one of these seeds, counted from 0, and runs it twice where `simulateSeeds` does: so that several processes can share the seeds. */
export async function simulateNth<Disk>(options: SeedsOptions<Disk>, nth: number): Promise<SimulationResult> {
  const one = { ...options, seed: options.from + nth };
  const result = await simulateSeed(one);
  const twice = nth < FIRST_TWICE || nth % THEN_EVERY === 0;
  return twice ? compared(result, await simulateSeed(one)) : result;
}

function compared(first: SimulationResult, second: SimulationResult): SimulationResult {
  if (first.hash === second.hash) return first;
  const message = `Two runs differ: ${first.hash} after ${first.steps} steps, ${second.hash} after ${second.steps}.`;
  return { ...first, breaches: [...first.breaches, { law: "determinism", message }] };
}

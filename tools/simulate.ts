import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import {
  DELIVERED,
  neverHappened,
  shrink,
  simulateSeeds,
  type FaultOdds,
  type Law,
  type SimulationResult,
  type SimulationOptions,
} from "@banyan/testing";
import type { MemoryDisk } from "@banyan/core";
import { catchPlanted } from "./planted-bugs.ts";
import { faultsOf, preparedFor, simulationOf, type Asked } from "./simulate-app.ts";
import { spreadSeeds } from "./spread-seeds.ts";

const help = `Runs an application under seeded crashes and faults on virtual time, and judges what remains.

npm run simulate -- [options]

  --app NAME|FILE   shop (default), reference, reference-memory, or a file that exports \`simulation\`
  --seeds N         how many (default 100)
  --from N          the first seed (default 1); with --seeds 1 it repeats one run exactly
  --faults A,B      only these kinds of faults; "none" for none
  --clients 1,3     only these clients of the scenario
  --jobs N          over so many processes (default: one for each core; 1: in this one)
  --planted         instead, breaks the store in each known way, and runs until that is noticed (default: reference-memory, at most 2000 seeds)
  --json            one JSON document on standard output

The first 20 seeds run twice, then every 50th, and must give the same run. For the first seed that breaks a law, a smaller run that
breaks it too is looked for and printed, with the command that repeats it. Exit 0: no breach, each planted bug caught. 1: a law was broken,
a planted bug was not caught. 2: it could not run, or in 100 seeds and more some fault never struck.
`;

function whole(given: string | undefined, otherwise: number): number {
  const value = given === undefined ? otherwise : Number(given);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`"${given}" is not a whole number.`);
  return value;
}

interface Total {
  seeds: number;
  steps: number;
  virtualMs: number;
  readonly counters: Record<string, number>;
  readonly mustHappen: readonly string[];
  readonly faults: Partial<FaultOdds>;
  readonly breached: { seed: number; law: string; message: string }[];
}

async function main(): Promise<number> {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const options = {
    app: text,
    seeds: text,
    from: text,
    faults: text,
    clients: text,
    jobs: text,
    planted: flag,
    json: flag,
    help: flag,
  };
  const { values } = parseArgs({ options });
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  const from = whole(values.from, 1);
  if (values.planted === true) {
    const broken = {
      ...(await simulationOf(values.app ?? "reference-memory")),
      from,
      seeds: whole(values.seeds, 2_000),
    };
    return catchPlanted(broken, values.json === true);
  }
  const jobs = whole(values.jobs, availableParallelism());
  if (jobs === 0) throw new Error("--jobs is 0, but must be 1 or more.");
  const asked: Asked = {
    app: values.app ?? "shop",
    from,
    seeds: whole(values.seeds, 100),
    faults: faultsOf(values.faults),
    clients: clientsOf(values.clients),
  };
  return simulateAll(asked, jobs, values.json === true);
}

async function simulateAll(asked: Asked, jobs: number, json: boolean): Promise<number> {
  const prepared = await preparedFor(asked);
  const total: Total = {
    seeds: 0,
    steps: 0,
    virtualMs: 0,
    counters: {},
    breached: [],
    mustHappen: [...DELIVERED, ...(prepared.mustHappen ?? [])],
    faults: prepared.faults ?? {},
  };
  const began = performance.now();
  let told = began;
  const isSpread = Math.min(jobs, asked.seeds) > 1;
  for await (const result of isSpread ? spreadSeeds(asked, jobs) : simulateSeeds(prepared)) {
    count(total, result);
    if (performance.now() - told < 5_000) continue;
    told = performance.now();
    process.stderr.write(`${total.seeds} of ${asked.seeds} seeds, ${perMinute(total, began)} a minute\n`);
  }
  if (total.seeds !== asked.seeds) throw new Error(`${asked.seeds} seeds were asked for, and ${total.seeds} were run.`);
  // in the order of the seeds, whichever ended first
  total.breached.sort((left, right) => left.seed - right.seed);
  process.stdout.write(json ? `${JSON.stringify(total)}\n` : report(total, began));
  const [first] = total.breached;
  if (first !== undefined) {
    const { seed, law } = first;
    process.stderr.write(await smaller({ ...prepared, seed }, law, asked.app));
    return 1;
  }
  // fewer seeds may well leave something out
  return total.seeds < 100 || neverStruck(total).length === 0 ? 0 : 2;
}

function count(total: Total, { seed, steps, virtualMs, counters, breaches }: SimulationResult): void {
  total.seeds++;
  total.steps += steps;
  total.virtualMs += virtualMs;
  for (const [name, times] of Object.entries(counters)) total.counters[name] = (total.counters[name] ?? 0) + times;
  for (const { law, message } of breaches) {
    total.breached.push({ seed, law, message });
    process.stderr.write(`seed ${seed}: ${law}: ${message}\n`);
  }
}

const neverStruck = ({ counters, mustHappen, faults }: Total): readonly string[] =>
  neverHappened(counters, mustHappen, faults);

/** What is left of a failing seed when all that it does not need is taken out. */
async function smaller(options: SimulationOptions<MemoryDisk>, law: string, app: string): Promise<string> {
  const repeat = `npm run simulate -- --app ${app} --from ${options.seed} --seeds 1`;
  const found = await shrink(options, law as Law);
  if (found === undefined) return `repeat it: ${repeat}\n`;
  const { faults, clients, of, runs, breach } = found;
  const only = `--faults ${faults.join(",") || "none"} --clients ${clients.join(",")}`;
  return [
    `repeat it: ${repeat}`,
    `smaller, after ${runs} runs, with ${clients.length} of ${of} clients: ${repeat} ${only}`,
    `  ${breach.law}: ${breach.message}`,
    "",
  ].join("\n");
}

const clientsOf = (given: string | undefined): readonly number[] | undefined =>
  given?.split(",").map((one) => whole(one, 0));

const perMinute = (total: Total, began: number): number =>
  Math.round((total.seeds * 60_000) / (performance.now() - began));

function report(total: Total, began: number): string {
  const breachedSeeds = new Set(total.breached.map(({ seed }) => seed));
  const counters = Object.entries(total.counters).toSorted(([left], [right]) => left.localeCompare(right));
  return [
    `${total.seeds} seeds, ${perMinute(total, began)} a minute, ${total.steps} steps, ${(total.virtualMs / 3_600_000).toFixed(1)} virtual hours`,
    ...counters.map(([name, count]) => `  ${name.padEnd(28)} ${count}`),
    breachedSeeds.size === 0
      ? "0 violations"
      : `${total.breached.length} violations in seeds ${[...breachedSeeds].join(", ")}`,
    ...neverStruck(total).map((fault) => `not judged: "${fault}" never happened`),
    "",
  ].join("\n");
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`simulate: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}

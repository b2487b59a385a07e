import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { memory, memoryDisk, type MemoryDisk } from "@banyan/core";
import { sqlite } from "@banyan/node";
import {
  DEFAULT_ODDS,
  narrowed,
  reference,
  type FaultOdds,
  type Simulation,
  type SimulationOptions,
} from "@banyan/testing";

/** What is simulated, in words and numbers, so that it can be told to another process. */
export interface Asked {
  readonly app: string;
  readonly from: number;
  readonly seeds: number;
  readonly faults: readonly (keyof FaultOdds)[] | undefined;
  readonly clients: readonly number[] | undefined;
}

type Store = SimulationOptions<MemoryDisk>["store"];

const onSqlite: Store = (disk, { clock, random }) => sqlite({ memory: disk, overrides: { clock, random } });
const onMemory: Store = (disk) => memory(disk);

export async function simulationOf(name: string): Promise<{ readonly simulation: Simulation; readonly store: Store }> {
  if (name === "reference") return { simulation: reference("sql"), store: onSqlite };
  if (name === "reference-memory") return { simulation: reference("tables"), store: onMemory };
  const file = name === "shop" ? resolve(import.meta.dirname, "../examples/shop/simulation/main.ts") : resolve(name);
  const loaded = (await import(pathToFileURL(file).href)) as { simulation?: Simulation };
  if (loaded.simulation === undefined) throw new Error(`${file} exports no \`simulation\`.`);
  return { simulation: loaded.simulation, store: onSqlite };
}

/** The simulation that is asked for, with a disk and a store. */
export async function preparedFor({ app, from, seeds, faults, clients }: Asked) {
  const { simulation, store } = await simulationOf(app);
  return { ...narrowed(simulation, { faults, clients }), disk: memoryDisk, store, from, seeds };
}

export function faultsOf(given: string | undefined): readonly (keyof FaultOdds)[] | undefined {
  if (given === undefined) return undefined;
  const names = given === "none" ? [] : given.split(",");
  const unknown = names.find((name) => !Object.hasOwn(DEFAULT_ODDS, name));
  if (unknown !== undefined)
    throw new Error(`"${unknown}" is no kind of fault; there are: ${Object.keys(DEFAULT_ODDS).join(", ")}.`);
  return names as (keyof FaultOdds)[];
}

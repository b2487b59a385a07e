import { DEFAULT_ODDS, NO_FAULTS, type FaultOdds } from "./fault-odds.ts";
import { simulateSeed } from "./simulate-seed.ts";
import type { Breach, Law, Simulation, SimulationOptions } from "./simulation.ts";

type Fault = keyof FaultOdds;
const FAULTS = Object.keys(DEFAULT_ODDS) as Fault[];

/** A part of a simulation: only these kinds of faults, and only these clients, counted from 1. Undefined = all. */
export interface Narrowing {
  readonly faults?: readonly Fault[] | undefined;
  readonly clients?: readonly number[] | undefined;
}

/** A smaller run of the same seed that breaks the same law. */
export interface Shrunk {
  readonly seed: number;
  readonly breach: Breach;
  /** The kinds of faults that are needed, and the clients, counted from 1. */
  readonly faults: readonly Fault[];
  readonly clients: readonly number[];
  /** Of how many clients. */
  readonly of: number;
  /** How many runs it took to find. */
  readonly runs: number;
}

/** The same simulation with less in it. */
export function narrowed<S extends Simulation>(simulation: S, { faults, clients }: Narrowing): S {
  const given = { ...DEFAULT_ODDS, ...simulation.faults };
  const odds = faults === undefined ? given : { ...NO_FAULTS, ...Object.fromEntries(faults.map((f) => [f, given[f]])) };
  const scenario: Simulation["scenario"] = (world) => {
    const whole = simulation.scenario(world);
    if (clients === undefined) return whole;
    return { ...whole, clients: whole.clients.filter((_client, i) => clients.includes(i + 1)) };
  };
  return { ...simulation, faults: odds, scenario };
}

/**
 * Leaves out kinds of faults, one by one, and then clients, half of them and one by one, as long as the seed still breaks the law. Each step is
 * kept only if a run has shown it; at most some dozens of runs. Undefined where the seed does not break that law.
 */
export async function shrink<Disk>(options: SimulationOptions<Disk>, law: Law): Promise<Shrunk | undefined> {
  return new Shrinking(options, law).shrink();
}

const MOST_RUNS = 60;

class Shrinking<Disk> {
  readonly #options: SimulationOptions<Disk>;
  readonly #law: Law;
  #of = 0;
  #runs = 0;
  #breach: Breach | undefined;
  #faults: readonly Fault[] = FAULTS;
  #clients: readonly number[] = [];

  constructor(options: SimulationOptions<Disk>, law: Law) {
    this.#options = options;
    this.#law = law;
  }

  async shrink(): Promise<Shrunk | undefined> {
    this.#breach = await this.#breaks({});
    if (this.#breach === undefined) return undefined;
    this.#clients = Array.from({ length: this.#of }, (_, i) => i + 1);
    await this.#leaveOutFaults();
    await this.#leaveOutClients();
    const [seed, breach, runs] = [this.#options.seed, this.#breach, this.#runs];
    return { seed, breach, faults: this.#faults, clients: this.#clients, of: this.#of, runs };
  }

  async #leaveOutFaults(): Promise<void> {
    if (await this.#keeps([], this.#clients)) return;
    for (const fault of FAULTS) {
      await this.#keeps(
        this.#faults.filter((other) => other !== fault),
        this.#clients,
      );
    }
  }

  async #leaveOutClients(): Promise<void> {
    for (let size = Math.ceil(this.#clients.length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let at = 0; at < this.#clients.length && this.#clients.length > 1;) {
        const fewer = this.#clients.toSpliced(at, size);
        if (fewer.length === 0 || !(await this.#keeps(this.#faults, fewer))) at += size;
      }
    }
  }

  /** Takes the smaller run if it still breaks the law, and, where faults are needed for that, does not without them: an invariant may count on all clients. */
  async #keeps(faults: readonly Fault[], clients: readonly number[]): Promise<boolean> {
    if (this.#runs >= MOST_RUNS) return false;
    const breach = await this.#breaks({ faults, clients });
    if (breach === undefined) return false;
    const isFewer = clients.length < this.#clients.length;
    if (isFewer && faults.length > 0 && (await this.#breaks({ faults: [], clients })) !== undefined) return false;
    this.#breach = breach;
    this.#faults = faults;
    this.#clients = clients;
    return true;
  }

  async #breaks(narrowing: Narrowing): Promise<Breach | undefined> {
    this.#runs++;
    const { scenario, ...rest } = this.#options;
    const counting: Simulation["scenario"] = (world) => {
      const whole = scenario(world);
      this.#of = whole.clients.length;
      return whole;
    };
    const { breaches } = await simulateSeed(narrowed({ ...rest, scenario: counting }, narrowing));
    return breaches.find(({ law }) => law === this.#law);
  }
}

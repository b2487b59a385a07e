import type { Counters } from "./counters.ts";
import { DEFAULT_ODDS, type FaultOdds } from "./fault-odds.ts";
import type { Prng } from "./prng.ts";

type Fault = keyof FaultOdds;

/** One run in four leaves a kind of fault out; otherwise its odds are a third to twice the given ones. */
const LEFT_OUT = 0.25;

/** Decides which faults strike, until they cease. */
export class Nemesis {
  readonly #prng: Prng;
  readonly #counters: Counters;
  readonly #odds: FaultOdds;
  #active = true;

  constructor(prng: Prng, counters: Counters, odds: Partial<FaultOdds> = {}) {
    this.#prng = prng;
    this.#counters = counters;
    const given = { ...DEFAULT_ODDS, ...odds };
    const scaled = Object.entries(given).map(([fault, chance]) => [fault, scale(chance, prng)]);
    this.#odds = Object.fromEntries(scaled) as FaultOdds;
  }

  get active(): boolean {
    return this.#active;
  }

  /** The odds of this run; 0 once faults have ceased. */
  odds(fault: Fault): number {
    return this.#active ? this.#odds[fault] : 0;
  }

  strikes(fault: Fault, times = 1): boolean {
    return this.#active && this.#prng.chance(this.#odds[fault] * times);
  }

  /** A fault that struck, with where it did. */
  note(what: string): void {
    this.#counters.add(what);
  }

  /** How long something lasts: mostly short, at times up to the longest. */
  duration(longestMs: number): number {
    return longestMs * this.#prng.fraction() ** 3;
  }

  coin(): boolean {
    return this.#prng.chance(0.5);
  }

  /** What is no fault, only an order of things less usual; it ends with the faults. */
  happens(chance: number): boolean {
    return this.#active && this.#prng.chance(chance);
  }

  cease(): void {
    this.#active = false;
  }
}

function scale(chance: number, prng: Prng): number {
  const leftOut = prng.chance(LEFT_OUT);
  const factor = 1 / 3 + (prng.fraction() * 5) / 3;
  return leftOut ? 0 : Math.min(0.9, chance * factor);
}

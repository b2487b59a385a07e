import { setTimeout as pause } from "node:timers/promises";
import type { ServedShop } from "./served-shop.ts";

/** The shop in one second of a run. */
export interface Sample {
  /** When it was taken, since the watch began. */
  readonly atMs: number;
  readonly rssBytes: number;
  readonly lag: number;
  readonly loopP99Ms: number;
  /** Processor time of the shop since the watch began, in seconds; null where the system does not tell. */
  readonly cpuS: number | null;
  /** How long health took to answer, and an operator's question; null = it was not answered. */
  readonly healthMs: number | null;
  readonly operatorMs: number | null;
}

const EVERY_MS = 1_000;

/** Asks the shop how it does, once a second, until `stop`. */
export class Watch {
  readonly #shop: ServedShop;
  readonly #began: number = performance.now();
  readonly #cpuBefore: number | null;
  readonly #samples: Sample[] = [];
  readonly #watching: Promise<void>;
  #stopped = false;

  constructor(shop: ServedShop) {
    this.#shop = shop;
    this.#cpuBefore = shop.cpuS;
    this.#watching = this.#watch();
  }

  async stop(): Promise<readonly Sample[]> {
    this.#stopped = true;
    await this.#watching;
    return this.#samples;
  }

  async #watch(): Promise<void> {
    for (let i = 0; !this.#stopped; i++) {
      await pause(Math.max(0, this.#began + i * EVERY_MS - performance.now()));
      this.#samples.push(await this.#sample());
    }
  }

  async #sample(): Promise<Sample> {
    const atMs = Math.round(performance.now() - this.#began);
    const [health, healthMs] = await timed(() => this.#shop.health());
    const [, operatorMs] = await timed(() => this.#shop.operate());
    const cpuS = this.#shop.cpuS;
    return {
      atMs,
      rssBytes: health?.process.rssBytes ?? 0,
      lag: health?.lag ?? 0,
      loopP99Ms: health?.process.eventLoopDelayP99Ms ?? 0,
      cpuS: cpuS === null || this.#cpuBefore === null ? null : cpuS - this.#cpuBefore,
      healthMs,
      operatorMs,
    };
  }
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [T | undefined, number | null]> {
  const began = performance.now();
  try {
    const value = await work();
    return [value, Math.round(performance.now() - began)];
  } catch {
    return [undefined, null];
  }
}

import { monitorEventLoopDelay } from "node:perf_hooks";

type IntervalHistogram = ReturnType<typeof monitorEventLoopDelay>;

export interface Delays {
  readonly p99Ms: number;
  readonly maxMs: number;
}

const WINDOW_MS = 10_000;

/**
 * How late the event loop is, in steps of 1 ms: over the last 5 to 10 seconds, and since the start. Two histograms of 10 s each begin 5 s
 * apart and the older one is read, so that readers share the figures: none of them resets anything.
 */
export class EventLoopDelay {
  readonly #total: IntervalHistogram = started();
  #older: IntervalHistogram = started();
  #newer: IntervalHistogram = started();
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => this.turn(), WINDOW_MS / 2).unref();
  }

  /** The older window ends, and begins again as the newer one. */
  turn(): void {
    this.#older.reset();
    [this.#older, this.#newer] = [this.#newer, this.#older];
  }

  get recent(): Delays {
    return delaysOf(this.#older);
  }

  get sinceStart(): Delays {
    return delaysOf(this.#total);
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const histogram of [this.#total, this.#older, this.#newer]) histogram.disable();
  }
}

function started(): IntervalHistogram {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  return histogram;
}

function delaysOf(histogram: IntervalHistogram): Delays {
  if (histogram.count === 0) return { p99Ms: 0, maxMs: 0 };
  return { p99Ms: milliseconds(histogram.percentile(99)), maxMs: milliseconds(histogram.max) };
}

function milliseconds(nanoseconds: number): number {
  return Math.round(nanoseconds / 1_000) / 1_000;
}

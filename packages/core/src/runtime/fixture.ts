import type { Clock, Random, Signal, Telemetry, Turn } from "../ports/index.ts";

interface Timer {
  readonly due: number;
  readonly fire: () => void;
}

/**
 * The outside of a runtime, for tests, moved by hand: time passes, turns of the event loop begin and dice fall when a test says so.
 * `drained` resolves when no promise is left that could go on by itself (`setImmediate`).
 */
export class ByHand {
  readonly signals: Signal[] = [];
  readonly clock: Clock;
  readonly turn: Turn;
  readonly random: Random;
  readonly telemetry: Telemetry = { signal: (signal) => void this.signals.push(signal) };
  /** Wall-clock time; a test may move it either way. */
  wall = 1_800_000_000_000;
  readonly #drained: () => Promise<void>;
  readonly #timers = new Set<Timer>();
  #waiting: (() => void)[] = [];
  #mono = 0;

  constructor(drained: () => Promise<void>, seed = 1) {
    let state = seed;
    this.#drained = drained;
    this.random = { u32: () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) };
    this.turn = { next: () => new Promise((resolve) => this.#waiting.push(resolve)) };
    this.clock = { now: () => this.wall, mono: () => this.#mono, after: (ms, fire) => this.#after(ms, fire) };
  }

  /** What was said under this name, in order. */
  said<Name extends Signal["name"]>(name: Name): Extract<Signal, { name: Name }>[] {
    return this.signals.filter((signal) => signal.name === name) as Extract<Signal, { name: Name }>[];
  }

  /** How many timers are set. */
  get timers(): number {
    return this.#timers.size;
  }

  /** One turn of the event loop; false when nobody waited for one. */
  async oneTurn(): Promise<boolean> {
    await this.#drained();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
    await this.#drained();
    return waiting.length > 0;
  }

  /** Turns until nobody waits for one. Time stands still. */
  async settle(): Promise<void> {
    while (await this.oneTurn());
  }

  /** Time passes: what is due fires in its order, each with all the turns it wants. */
  async pass(ms: number): Promise<void> {
    await this.settle();
    const end = this.#mono + ms;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers.delete(next);
      this.#moveTo(next.due);
      next.fire();
      await this.settle();
    }
    this.#moveTo(end);
  }

  /** Time passes while nothing else can happen, as in a body that computes. */
  elapse(ms: number): void {
    this.#moveTo(this.#mono + ms);
  }

  /** The outcome of work, driven by turns alone; time stands still. */
  async outcome<T>(work: Promise<T>): Promise<{ value: T } | { error: unknown } | "pending"> {
    let outcome: { value: T } | { error: unknown } | "pending" = "pending";
    work.then(
      (value) => (outcome = { value }),
      (error: unknown) => (outcome = { error }),
    );
    await this.settle();
    return outcome;
  }

  /** As `outcome`, for work that must end well. */
  async value<T>(work: Promise<T>): Promise<T> {
    work.catch(() => {});
    await this.settle();
    return work;
  }

  #after(ms: number, fire: () => void): () => void {
    const timer = { due: this.#mono + ms, fire };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  #next(end: number): Timer | undefined {
    const due = [...this.#timers].filter((timer) => timer.due <= end);
    return due.toSorted((left, right) => left.due - right.due)[0];
  }

  #moveTo(mono: number): void {
    this.wall += mono - this.#mono;
    this.#mono = mono;
  }
}

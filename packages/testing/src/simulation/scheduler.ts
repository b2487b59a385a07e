import type { Clock } from "@banyan/core";
import type { Life, Parked } from "./life.ts";
import type { Prng } from "./prng.ts";
import { TimerHeap, type Timer } from "./timer-heap.ts";
import { Trace } from "./trace.ts";

/** Taken before anything is guarded: the loop is the only one that uses real turns. */
const nextRealTurn = setImmediate;

/** 2026-01-01T00:00:00Z. */
const BEGINNING_MS = 1_767_225_600_000;
/** A step takes up to this long, so that timers come due in the midst of work too. */
const STEP_US = 60;

export class RunNeverEnds extends Error {}

/**
 * The loop that owns time and order.
 *
 * I1. Everything that waits for the outside is parked in `ready` or in a timer; between two picks all promises have settled, since a real
 *     turn of the event loop has passed.
 * I2. Which of what is ready goes on is decided by the seed and by nothing else.
 * I3. Time passes by steps; where nothing is ready it jumps to the earliest timer.
 * I4. What belongs to a life that has ended never goes on.
 */
export class Scheduler {
  readonly trace: Trace = new Trace();
  readonly #prng: Prng;
  readonly #stepUs: number;
  readonly #ready: Parked[] = [];
  readonly #timers = new TimerHeap();
  #nowUs = 0;
  #wallOffsetMs = 0;
  /** How much too fast the wall clock runs since it was last set, and since when. */
  #drift = { rate: 0, sinceMs: 0 };
  /** What the wall clock said when it was set to another time. */
  readonly #jumps: { readonly ms: number; readonly wallMs: number }[] = [];
  #order = 0;
  #steps = 0;

  /** With steps of 0 time stands still while anything can go on. */
  constructor(prng: Prng, stepUs: number = STEP_US) {
    this.#prng = prng;
    this.#stepUs = stepUs;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Virtual milliseconds since the run began. */
  get ms(): number {
    return this.#nowUs / 1_000;
  }

  get idle(): boolean {
    return this.#ready.length === 0;
  }

  /** Parks the caller until the scheduler picks it. */
  point(life: Life, label: string): Promise<void> {
    return new Promise((go) => this.#ready.push({ life, label, go }));
  }

  sleep(life: Life, ms: number): Promise<void> {
    return new Promise((resolve) => this.after(life, ms, resolve));
  }

  after(life: Life, ms: number, fire: () => void): () => void {
    const atUs = this.#nowUs + Math.ceil(Math.max(0, ms) * 1_000);
    const timer: Timer = { atUs, order: this.#order++, life, label: "timer", fire, cancelled: false };
    this.#timers.push(timer);
    return () => {
      timer.cancelled = true;
    };
  }

  clock(life: Life): Clock {
    return {
      now: () => this.#wallMs,
      mono: () => this.#nowUs / 1_000,
      after: (ms, fire) => this.after(life, ms, fire),
    };
  }

  jumpWallClock(ms: number): void {
    this.#jumps.push({ ms: this.ms, wallMs: this.#wallMs });
    this.#wallOffsetMs += ms;
  }

  /** The wall clock runs too fast by this part of the time that passes, or too slow; it never runs backwards. */
  driftWallClock(rate: number): void {
    this.#wallOffsetMs += this.#driftedMs;
    this.#drift = { rate, sinceMs: this.ms };
  }

  get #driftedMs(): number {
    return Math.trunc((this.ms - this.#drift.sinceMs) * this.#drift.rate);
  }

  /** The latest that the wall clock has said since a virtual time. */
  latestWall(sinceMs: number): number {
    const before = this.#jumps.filter(({ ms }) => ms >= sinceMs).map(({ wallMs }) => wallMs);
    return Math.max(this.#wallMs, ...before);
  }

  get #wallMs(): number {
    return BEGINNING_MS + this.#wallOffsetMs + this.#driftedMs + Math.floor(this.#nowUs / 1_000);
  }

  standStill(life: Life): void {
    life.held ??= [];
  }

  goOn(life: Life): void {
    const held = life.held;
    life.held = undefined;
    if (held !== undefined) this.#ready.push(...held);
  }

  /** Runs until `done` says so; it is asked whenever nothing is ready. False = nothing is left that could ever happen. */
  async run(done: () => boolean | Promise<boolean>, maxSteps: number): Promise<boolean> {
    for (;;) {
      await new Promise<void>((turned) => nextRealTurn(turned));
      const parked = this.#pick();
      if (parked !== undefined) {
        if (++this.#steps > maxSteps) throw new RunNeverEnds(`The run did not end within ${maxSteps} steps.`);
        this.trace.word(parked.label);
        this.trace.number(this.#nowUs);
        parked.go();
      } else {
        if (await done()) return true;
        if (!this.#jump()) return false;
      }
    }
  }

  #pick(): Parked | undefined {
    this.#nowUs += this.#prng.below(this.#stepUs);
    for (let due = this.#timers.peek(); due !== undefined && due.atUs <= this.#nowUs; due = this.#timers.peek())
      this.#ring();
    const ready = this.#ready;
    while (ready.length > 0) {
      const index = this.#prng.below(ready.length);
      const parked = ready[index] as Parked;
      const last = ready.pop() as Parked;
      if (parked !== last) ready[index] = last;
      if (!parked.life.alive) continue;
      if (parked.life.held === undefined) return parked;
      parked.life.held.push(parked);
    }
    return undefined;
  }

  #jump(): boolean {
    const next = this.#timers.peek();
    if (next === undefined) return false;
    this.#nowUs = Math.max(this.#nowUs, next.atUs);
    this.#ring();
    return true;
  }

  /** The earliest timer becomes ready; when it fires is the scheduler's choice, as with everything. */
  #ring(): void {
    const timer = this.#timers.pop();
    if (timer === undefined) return;
    const go = (): void => {
      if (!timer.cancelled) timer.fire();
    };
    this.#ready.push({ life: timer.life, label: timer.label, go });
  }
}

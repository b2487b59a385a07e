import { BanyanError } from "../error/index.ts";
import type { Clock } from "../ports/index.ts";
import { deferred, type Deferred } from "./deferred.ts";
import type { Limits } from "./limits.ts";

interface InLine {
  readonly since: number;
  readonly turn: Deferred<void>;
}

/**
 * Lets commands from outside through to the store, so many at a time, in the order in which they came.
 *
 * I1. No more of them wait for a commit than `commandsAtOnce`. That is fewer than a lane may hold, and all stand in one line: however many
 *     ask, what commands cause is delivered as fast as it is caused, and their wait is short.
 * I2. Whoever has waited for `commandWaitMs` is refused: an answer that late is no good to anybody, and the work would be others'.
 * I3. Beyond half of that nobody else should come: `waitedMs` is how long the first in line has waited already.
 */
export class Turnstile {
  readonly #clock: Clock;
  readonly #atOnce: number;
  readonly #waitMs: number;
  readonly #line: InLine[] = [];
  #passing = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, { commandsAtOnce, commandWaitMs }: Pick<Limits, "commandsAtOnce" | "commandWaitMs">) {
    this.#clock = clock;
    this.#atOnce = commandsAtOnce;
    this.#waitMs = commandWaitMs;
  }

  /** 0 while nobody waits. */
  get waitedMs(): number {
    const [first] = this.#line;
    return first === undefined ? 0 : this.#clock.mono() - first.since;
  }

  /** Of what a command may wait, what it would wait at least: 1 and more is too much. */
  get pressure(): number {
    const { waitedMs } = this;
    return waitedMs === 0 ? 0 : (2 * waitedMs) / this.#waitMs;
  }

  /** Throws `overloaded` where it would be in vain. */
  check(): void {
    if (this.pressure >= 1) throw overloaded();
  }

  /** The work's outcome; throws `overloaded`, and the work was not begun. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#passing < this.#atOnce) this.#passing++;
    else await this.#wait();
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  #wait(): Promise<void> {
    const turn = deferred<void>();
    this.#line.push({ since: this.#clock.mono(), turn });
    this.#cancel ??= this.#clock.after(this.#waitMs, () => this.#expire());
    return turn.promise;
  }

  #next(): void {
    const first = this.#line.shift();
    if (first === undefined) this.#passing--;
    else first.turn.resolve();
    if (this.#line.length > 0) return;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #expire(): void {
    const now = this.#clock.mono();
    const late = this.#line.findIndex(({ since }) => now - since < this.#waitMs);
    for (const { turn } of this.#line.splice(0, late < 0 ? this.#line.length : late)) turn.reject(overloaded());
    const [first] = this.#line;
    this.#cancel =
      first === undefined ? undefined : this.#clock.after(first.since + this.#waitMs - now, () => this.#expire());
  }
}

function overloaded(): BanyanError {
  return new BanyanError("overloaded", "Commands wait for longer than this process lets them.", {
    retryAfterMs: 1_000,
  });
}

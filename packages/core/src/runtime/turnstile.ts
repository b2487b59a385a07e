import { BanyanError } from "../error/index.ts";
import type { Clock } from "../ports/index.ts";
import { deferred, type Deferred } from "./deferred.ts";
import type { Limits } from "./limits.ts";
import { Pace } from "./pace.ts";

/** Of one that is on its way to the line. */
export interface Place {
  /** The work's outcome; throws `overloaded`, and the work was not begun. */
  pass<T>(work: () => Promise<T>): Promise<T>;
  /** It does not come, or has come: said again it is nothing. */
  leave(): void;
}

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
 * I3. Beyond half of that nobody else should come: neither when the first in line has waited so long, nor when the next would, as fast as the line
 *     moves. The first alone is seen too late: until it has waited, everybody who comes is let in, and most of them in vain.
 */
export class Turnstile {
  readonly #clock: Clock;
  readonly #atOnce: number;
  readonly #waitMs: number;
  readonly #line: InLine[] = [];
  readonly #pace: Pace;
  readonly #coming = new Set<{ readonly since: number }>();
  #passing = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, { commandsAtOnce, commandWaitMs }: Pick<Limits, "commandsAtOnce" | "commandWaitMs">) {
    this.#clock = clock;
    this.#pace = new Pace(clock);
    this.#atOnce = commandsAtOnce;
    this.#waitMs = commandWaitMs;
  }

  /** Of what a command may wait, what the next one would wait at least: 1 and more is too much. */
  get pressure(): number {
    const [first] = this.#line;
    const waitedMs = first === undefined ? 0 : this.#clock.mono() - first.since;
    const willWaitMs = this.#ahead * this.#pace.eachMs;
    const longer = Math.max(waitedMs, willWaitMs);
    return longer === 0 ? 0 : (2 * longer) / this.#waitMs;
  }

  /** Who would stand in line before the next that comes. Whoever is long on its way waits for something else, and may come when nobody does. */
  get #ahead(): number {
    const late = this.#clock.mono() - this.#waitMs / 2;
    for (const one of this.#coming) {
      if (one.since > late) break;
      this.#coming.delete(one);
    }
    return Math.max(0, this.#line.length + this.#coming.size - (this.#atOnce - this.#passing));
  }

  /** One is on its way to the line. Throws `overloaded` where it would be in vain. Its place is to be left, whether it passed or not. */
  come(): Place {
    if (this.pressure >= 1) throw overloaded();
    const one = { since: this.#clock.mono() };
    this.#coming.add(one);
    const leave = (): void => void this.#coming.delete(one);
    const pass = <T>(work: () => Promise<T>): Promise<T> => {
      leave();
      return this.pass(work);
    };
    return { pass, leave };
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
    this.#pace.begin();
    this.#cancel ??= this.#clock.after(this.#waitMs, () => this.#expire());
    return turn.promise;
  }

  #next(): void {
    const first = this.#line.shift();
    if (first === undefined) this.#passing--;
    else first.turn.resolve();
    if (first !== undefined) this.#pace.passed();
    if (this.#line.length > 0) return;
    this.#pace.end();
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #expire(): void {
    const now = this.#clock.mono();
    const late = this.#line.findIndex(({ since }) => now - since < this.#waitMs);
    for (const { turn } of this.#line.splice(0, late < 0 ? this.#line.length : late)) turn.reject(overloaded());
    const [first] = this.#line;
    if (first === undefined) this.#pace.end();
    this.#cancel =
      first === undefined ? undefined : this.#clock.after(first.since + this.#waitMs - now, () => this.#expire());
  }
}

function overloaded(): BanyanError {
  return new BanyanError("overloaded", "Commands wait for longer than this process lets them.", {
    retryAfterMs: 1_000,
  });
}

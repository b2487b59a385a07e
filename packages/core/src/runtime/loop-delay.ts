import type { Clock, Turn } from "../ports/index.ts";

/** No more looks than one in so long. */
const EVERY_MS = 25;
/** How much one look weighs against those before it: a single long turn is not yet a busy loop. */
const WEIGHT = 0.3;

/**
 * How long a turn of the event loop takes, as whoever delivers sees it. One for the process: a look is taken while somebody asks, and
 * there is no timer of its own, so a process at rest does nothing.
 */
export class LoopDelay {
  readonly #clock: Clock;
  readonly #turn: Turn;
  #ms = 0;
  #lookedAt = -Infinity;
  #looking = false;

  constructor(ports: { readonly clock: Clock; readonly turn: Turn }) {
    this.#clock = ports.clock;
    this.#turn = ports.turn;
  }

  /** Of the last turns, in milliseconds; asking begins the next look where it is time for one. */
  get ms(): number {
    if (!this.#looking && this.#clock.mono() - this.#lookedAt >= EVERY_MS) void this.#look();
    return this.#ms;
  }

  async #look(): Promise<void> {
    this.#looking = true;
    // from the beginning of one turn to that of the next, so that all that is done in a turn is in it, whoever comes first
    await this.#turn.next();
    const from = this.#clock.mono();
    await this.#turn.next();
    this.#lookedAt = this.#clock.mono();
    this.#ms += WEIGHT * (this.#lookedAt - from - this.#ms);
    this.#looking = false;
  }
}

import type { Clock, Turn } from "../ports/index.ts";

/** No more looks than one in so long. */
const EVERY_MS = 25;
/** After so long what was seen is of no use to whoever decides now. */
const STALE_MS = 1_000;
/** How much one look weighs against those before it: a single long turn is not yet a busy loop. */
const WEIGHT = 0.3;

/**
 * How long a turn of the event loop takes without the disk's part, as whoever delivers sees it. One for the process: a look is taken while somebody asks, and
 * there is no timer of its own, so a process at rest does nothing.
 */
export class LoopDelay {
  readonly #clock: Clock;
  readonly #turn: Turn;
  #ms = 0;
  #lookedAt = -Infinity;
  #looking = false;
  #excusedMs = 0;

  constructor(ports: { readonly clock: Clock; readonly turn: Turn }) {
    this.#clock = ports.clock;
    this.#turn = ports.turn;
  }

  /** So much of this turn was the disk's: holding fewer entries would make the commits more, and nothing faster. */
  excuse(ms: number): void {
    if (this.#looking) this.#excusedMs += ms;
  }

  /** Of the last turns, in milliseconds; asking begins the next look where it is time for one. */
  get ms(): number {
    if (!this.#looking && this.#clock.mono() - this.#lookedAt >= EVERY_MS) void this.#look();
    return this.#ms;
  }

  /** As above, but 0 where nobody has looked for a while: what was is no reason to refuse anything now. */
  get recentMs(): number {
    const ms = this.ms;
    return this.#clock.mono() - this.#lookedAt <= STALE_MS ? ms : 0;
  }

  async #look(): Promise<void> {
    this.#looking = true;
    // from the beginning of one turn to that of the next, so that all that is done in a turn is in it, whoever comes first
    await this.#turn.next();
    const from = this.#clock.mono();
    this.#excusedMs = 0;
    await this.#turn.next();
    this.#lookedAt = this.#clock.mono();
    const late = Math.max(0, this.#lookedAt - from - this.#excusedMs);
    this.#ms += WEIGHT * (late - this.#ms);
    this.#looking = false;
  }
}

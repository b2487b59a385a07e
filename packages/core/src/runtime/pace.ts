import type { Clock } from "../ports/index.ts";

/** So long is looked at before it is believed. */
const LOOK_MS = 100;
/** After so long what was seen is of no use to whoever decides now. */
const STALE_MS = 1_000;
/** How much one look weighs against those before it. */
const WEIGHT = 0.3;

/** How fast a line moves, as far as was seen lately while somebody stood in it. */
export class Pace {
  readonly #clock: Clock;
  #since: number | undefined;
  #passed = 0;
  #eachMs = 0;
  #lookedAt = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From one who has its turn to the next; 0 where nobody has seen it lately. */
  get eachMs(): number {
    return this.#clock.mono() - this.#lookedAt <= STALE_MS ? this.#eachMs : 0;
  }

  /** Somebody stands in it now. */
  begin(): void {
    this.#since ??= this.#clock.mono();
  }

  /** The first has had its turn. */
  passed(): void {
    this.#passed++;
    if (this.#since !== undefined && this.#clock.mono() - this.#since >= LOOK_MS) this.#look(this.#since);
  }

  /** Nobody stands in it any more. */
  end(): void {
    if (this.#since !== undefined && this.#passed > 0) this.#look(this.#since);
    this.#since = undefined;
    this.#passed = 0;
  }

  #look(since: number): void {
    const now = this.#clock.mono();
    const each = (now - since) / this.#passed;
    const before = this.eachMs;
    this.#eachMs = before === 0 ? each : before + WEIGHT * (each - before);
    this.#lookedAt = now;
    this.#since = now;
    this.#passed = 0;
  }
}

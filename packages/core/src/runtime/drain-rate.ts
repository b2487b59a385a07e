/** Seconds that are remembered. */
const SECONDS = 60;

/** How far back it is looked at most for what a backlog shrinks by: so much has come lately, and so much goes on average. */
const IN_MS = 10_000;
const OUT_MS = 30_000;

/** How many a second, over the last minute. It remembers one number for each second, whatever there is to count. */
export class Meter {
  readonly #counts: number[] = Array.from({ length: SECONDS }, () => 0);
  readonly #began: number;
  #second: number;

  /** `now` is of the monotonic clock, in milliseconds, as everywhere here. */
  constructor(now: number) {
    this.#began = now;
    this.#second = secondOf(now);
  }

  add(count: number, now: number): void {
    this.#turnTo(secondOf(now));
    this.#counts[this.#second % SECONDS] = (this.#counts[this.#second % SECONDS] ?? 0) + count;
  }

  /** Since `from` where that is less than a minute ago; at least a second is looked at. */
  perSecond(now: number, from: number = -Infinity): number {
    this.#turnTo(secondOf(now));
    const first = Math.max(this.#second - SECONDS + 1, secondOf(Math.max(from, this.#began)));
    let sum = 0;
    for (let second = first; second <= this.#second; second++) sum += this.#counts[second % SECONDS] ?? 0;
    const since = Math.max(first * 1_000, from, this.#began);
    return sum / (Math.max(1_000, now - since) / 1_000);
  }

  #turnTo(second: number): void {
    const passed = Math.min(SECONDS, second - this.#second);
    for (let i = 1; i <= passed; i++) this.#counts[(this.#second + i) % SECONDS] = 0;
    if (passed > 0) this.#second = second;
  }
}

/** Entries a second: that came, and that were settled. */
export interface Rate {
  readonly in: number;
  readonly out: number;
}

/** What comes to one reader and what it settles, and how long it takes until nothing waits any more. */
export class DrainRate {
  readonly #in: Meter;
  readonly #out: Meter;
  #busySince: number;
  #idle = false;

  constructor(now: number) {
    this.#in = new Meter(now);
    this.#out = new Meter(now);
    this.#busySince = now;
  }

  arrived(count: number, now: number): void {
    if (this.#idle) this.#busySince = now;
    this.#idle = false;
    this.#in.add(count, now);
  }

  settled(now: number): void {
    this.#out.add(1, now);
  }

  /** Nothing waits: what is measured next is another backlog. */
  idle(): void {
    this.#idle = true;
  }

  rate(now: number): Rate {
    return { in: this.#in.perSecond(now), out: this.#out.perSecond(now) };
  }

  /** Milliseconds until so many are settled, if it goes on as it went lately; undefined while it does not shrink. */
  drainedInMs(behind: number, now: number): number | undefined {
    if (behind === 0) return 0;
    const since = (ms: number): number => Math.max(this.#busySince, secondOf(ms) * 1_000);
    // the first half is how it began, which is no measure of how it goes on
    const half = (this.#busySince + now) / 2;
    const out = this.#out.perSecond(now, since(Math.max(half, now - OUT_MS)));
    const net = out - this.#in.perSecond(now, since(now - IN_MS));
    return net > 0 ? Math.round((behind / net) * 1_000) : undefined;
  }
}

function secondOf(ms: number): number {
  return Math.floor(ms / 1_000);
}

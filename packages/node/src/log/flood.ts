export interface FloodOptions {
  /** So many of a kind are told one by one, before they are only counted. */
  readonly first?: number;
  readonly everyMs?: number;
}

interface Kind {
  told: number;
  counted: number;
  readonly summary: (count: number) => void;
}

/**
 * Keeps what happens often from filling the log: the first of a kind are told one by one, then their number every few seconds.
 * A kind that was quiet that long is told one by one again.
 */
export class Flood {
  readonly #first: number;
  readonly #everyMs: number;
  readonly #kinds = new Map<string, Kind>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FloodOptions = {}) {
    this.#first = options.first ?? 3;
    this.#everyMs = options.everyMs ?? 5_000;
  }

  say(kind: string, tell: () => void, summary: (count: number) => void): void {
    const known = this.#kinds.get(kind) ?? { told: 0, counted: 0, summary };
    this.#kinds.set(kind, known);
    this.#timer ??= setTimeout(() => this.#tick(), this.#everyMs).unref();
    if (known.told >= this.#first) return void known.counted++;
    known.told++;
    tell();
  }

  /** Tells what was only counted so far. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const [kind, known] of this.#kinds) {
      if (known.counted === 0) this.#kinds.delete(kind);
      else known.summary(known.counted);
      known.counted = 0;
    }
  }

  #tick(): void {
    this.flush();
    if (this.#kinds.size > 0) this.#timer = setTimeout(() => this.#tick(), this.#everyMs).unref();
  }
}

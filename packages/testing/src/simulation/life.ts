/** Something parked until the scheduler lets it go on. */
export interface Parked {
  readonly life: Life;
  readonly label: string;
  readonly go: () => void;
}

/**
 * One lifetime of a process (or of a client, which has only one). When it ends, nothing of it ever goes on: what it had parked stays
 * parked for ever and its timers do not fire.
 */
export class Life {
  readonly name: string;
  /** What came due while it stood still. Undefined = it does not stand still. */
  held: Parked[] | undefined;
  readonly #onEnd = new Set<() => void>();
  #alive = true;

  constructor(name: string) {
    this.name = name;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Calls `ended` when this life ends. The function returned takes it back. */
  onEnd(ended: () => void): () => void {
    this.#onEnd.add(ended);
    return () => void this.#onEnd.delete(ended);
  }

  end(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.held = undefined;
    for (const ended of this.#onEnd) ended();
    this.#onEnd.clear();
  }
}

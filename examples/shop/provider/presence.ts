/** Knows how long nobody has asked for anything. */
export class Presence {
  readonly #timer: NodeJS.Timeout;
  #gone: () => void = () => {};

  constructor(idleMs: number) {
    this.#timer = setTimeout(() => this.#gone(), idleMs);
  }

  whenGone(gone: () => void): void {
    this.#gone = gone;
  }

  seen(): void {
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

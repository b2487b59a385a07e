import type { Clock, Store } from "../ports/index.ts";

export interface ElsewhereOptions {
  readonly store: Pick<Store, "appendedElsewhere">;
  readonly clock: Clock;
  readonly everyMs: number;
  /** Something has entered the logs of these contexts. */
  readonly found: (contexts: readonly string[]) => void;
}

/** Looks for what hosts have emitted in transactions of their own, where the store knows of any: nobody here was told of it. */
export class Elsewhere {
  readonly #options: ElsewhereOptions;
  #cancel: () => void = () => {};
  #stopped = false;

  constructor(options: ElsewhereOptions) {
    this.#options = options;
  }

  start(): void {
    const { store, clock, everyMs } = this.#options;
    if (store.appendedElsewhere === undefined || this.#stopped) return;
    this.#cancel = clock.after(everyMs, () => void this.#look());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  async #look(): Promise<void> {
    try {
      const contexts = await this.#options.store.appendedElsewhere?.();
      if (contexts !== undefined && contexts.length > 0 && !this.#stopped) this.#options.found(contexts);
    } catch {
      // a store that cannot be read says so to everybody else
    }
    this.start();
  }
}

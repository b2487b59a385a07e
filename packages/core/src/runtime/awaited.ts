import { BanyanError } from "../error/index.ts";

/** What was begun: its code if nobody awaits it, and its name. */
interface Begun {
  readonly code: "once-floating" | "call-floating";
  readonly name: string;
}

/**
 * Sees to it that what an attempt begins has ended when the attempt has: otherwise the entry would be settled, or tried again, beside it. What is
 * forgotten is waited for, and then it is an error.
 */
export class Awaited {
  readonly #what: string;
  readonly #open = new Map<Promise<unknown>, Begun>();

  /** `what` is for errors: `before of "billing.charge"`. */
  constructor(what: string) {
    this.#what = what;
  }

  begin<T>(begun: Begun, work: () => Promise<T>): Promise<T> {
    const running: Promise<T> = work().finally(() => this.#open.delete(running));
    this.#open.set(running, begun);
    return running;
  }

  /** The outcome of the whole, once everything that was begun has ended. */
  async whole<T>(run: () => T | Promise<T>): Promise<T> {
    try {
      const value = await run();
      const [forgotten] = this.#open.values();
      if (forgotten === undefined) return value;
      const { code, name } = forgotten;
      throw new BanyanError(code, `${this.#what} ended before "${name}", which it had begun and did not await.`);
    } finally {
      while (this.#open.size > 0) await Promise.allSettled(this.#open.keys());
    }
  }
}

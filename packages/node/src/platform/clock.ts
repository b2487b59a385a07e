import type { Clock } from "@banyan/core";

/** The longest wait one timer of Node can hold: 2^31 - 1 ms, about 24 days. A longer one fires at once. */
const LONGEST_MS = 2_147_483_647;

/** The clock of this machine. Waits keep the process alive until `release`. */
export interface NodeClock extends Clock {
  /** Nothing that waits, now or later, keeps the process alive any more. */
  release(): void;
}

export function nodeClock(): NodeClock {
  return new SystemClock();
}

class SystemClock implements NodeClock {
  readonly #waiting = new Set<NodeJS.Timeout>();
  #released = false;

  now(): number {
    return Date.now();
  }

  mono(): number {
    return performance.now();
  }

  after(ms: number, fire: () => void): () => void {
    const due = performance.now() + Math.max(0, ms);
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      timer = setTimeout(
        () => {
          this.#waiting.delete(timer);
          const left = due - performance.now();
          if (left > 0) wait(left);
          else fire();
        },
        Math.min(Math.ceil(leftMs), LONGEST_MS),
      );
      if (this.#released) timer.unref();
      this.#waiting.add(timer);
    };
    wait(Math.max(0, ms));
    return () => {
      this.#waiting.delete(timer);
      clearTimeout(timer);
    };
  }

  release(): void {
    this.#released = true;
    for (const timer of this.#waiting) timer.unref();
  }
}

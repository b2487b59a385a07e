import { BanyanError } from "../error/index.ts";
import type { Clock, CommandScope } from "../ports/index.ts";
import { within } from "./deferred.ts";

interface Running {
  readonly digest: string;
  /** Resolves when it has ended, well or not: the first request's failure is not the repeat's. */
  readonly done: Promise<unknown>;
}

/** Lets one execution per idempotency scope run at a time. A repeat waits for the first, then looks at what was recorded. */
export class InFlightKeys {
  readonly #clock: Clock;
  readonly #waitMs: number;
  readonly #running = new Map<string, Running>();

  constructor(clock: Clock, waitMs: number) {
    this.#clock = clock;
    this.#waitMs = waitMs;
  }

  async alone<T>(scope: CommandScope, digest: string, execute: () => Promise<T>): Promise<T> {
    const id = JSON.stringify([scope.tenant, scope.principal, scope.operation, scope.key]);
    const until = this.#clock.mono() + this.#waitMs;
    for (let first = this.#running.get(id); first !== undefined; first = this.#running.get(id)) {
      if (first.digest !== digest)
        throw new BanyanError(
          "idempotency-key-reused",
          `A request with this idempotency key and another input of "${scope.operation}" is running.`,
        );
      await within(first.done, this.#clock, { ms: Math.max(0, until - this.#clock.mono()), late: inFlightError });
    }
    const execution = execute();
    this.#running.set(id, { digest, done: Promise.allSettled([execution]) });
    try {
      return await execution;
    } finally {
      this.#running.delete(id);
    }
  }
}

function inFlightError(): BanyanError {
  return new BanyanError("in-flight", "A request with this idempotency key is still running.", { retryAfterMs: 1_000 });
}

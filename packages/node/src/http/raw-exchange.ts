import { BanyanError, type Abort } from "@banyan/core";
import type { RawBody } from "./raw-body.ts";
import { tooSlow } from "./request-body.ts";

interface Around {
  readonly client: Abort;
  /** Aborted when the process waits no longer for what is under way. */
  readonly ending: Abort;
  readonly body: RawBody | undefined;
}

/** One request of a raw route and its answer, from the first byte to the last: when it is over, and why. */
export class RawExchange {
  readonly #controller = new AbortController();
  readonly #late = Promise.withResolvers<never>();
  readonly #over = Promise.withResolvers<void>();
  readonly #timer: NodeJS.Timeout;
  readonly #forget: readonly (() => void)[];
  readonly #body: RawBody | undefined;

  constructor(timeMs: number, { client, ending, body }: Around) {
    this.#body = body;
    // it may be nobody's any more when it comes
    this.#late.promise.catch(() => {});
    this.#timer = setTimeout(() => this.#expire(timeMs), timeMs);
    this.#forget = [
      client.onAbort(() => this.#controller.abort(client.reason)),
      ending.onAbort(() => this.#giveUp(ending.reason as BanyanError)),
    ];
  }

  /** Aborted when the client is gone or the time is over. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Resolves when the answer is sent, or will not be. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Rejects when the time is over first. */
  inTime<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#late.promise]);
  }

  /** Nothing more is read of its body, and nobody is told anything any more. */
  end(): void {
    clearTimeout(this.#timer);
    for (const forget of this.#forget) forget();
    this.#body?.leave();
    this.#over.resolve();
  }

  #expire(timeMs: number): void {
    const coming = this.#body !== undefined && !this.#body.whole;
    this.#giveUp(coming ? tooSlow() : outOfTime(timeMs));
  }

  #giveUp(error: BanyanError): void {
    this.#body?.fail(error);
    this.#controller.abort(error);
    this.#late.reject(error);
  }
}

function outOfTime(timeMs: number): BanyanError {
  const words = `The route gave no whole answer within ${timeMs} ms.`;
  return new BanyanError("route-timeout", words, { retryAfterMs: 1_000 });
}

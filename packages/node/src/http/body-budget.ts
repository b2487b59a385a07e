import { BanyanError } from "@banyan/core";

/** Bytes of the bodies of all requests that have no answer yet, as they come: what is only announced holds nothing. */
export class BodyBudget {
  readonly #most: number;
  #held = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get held(): number {
    return this.#held;
  }

  /** Throws `overloaded` where they do not fit beside those of others; then they are not held. */
  hold(bytes: number): void {
    if (this.#held + bytes > this.#most) {
      throw new BanyanError("overloaded", "The bodies of requests take all the memory they may.", {
        retryAfterMs: 1_000,
      });
    }
    this.#held += bytes;
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }
}

import { setTimeout as delay } from "node:timers/promises";
import { backOffMs, codeOf, outlookOf } from "./answers.ts";
import { ReplayFailure } from "./failure.ts";
import type { Answer, Ask, Transport } from "./http.ts";

/** The replay was asked to end; the outcome of a request that was being repeated stays unknown. */
export class Stopped extends Error {}

export interface PersistenceOptions {
  readonly transport: Transport;
  /** Without one answer for this long the shop counts as gone. */
  readonly giveUpMs: number;
  readonly stop: AbortSignal;
}

const fewTimes = 5;

/**
 * Asks until there is a final answer, across restarts of the shop, with the same key each time.
 * Throws `shop-gone` when nothing at all was answered for `giveUpMs`, and Stopped when told to stop.
 */
export class PersistentShop {
  readonly #transport: Transport;
  readonly #giveUpMs: number;
  readonly #stop: AbortSignal;
  readonly #repeats = new Map<string, number>();
  /** Since when nothing but failures came back; quiet time without requests does not count. */
  #failingSince: number | undefined;

  constructor({ transport, giveUpMs, stop }: PersistenceOptions) {
    this.#transport = transport;
    this.#giveUpMs = giveUpMs;
    this.#stop = stop;
  }

  /** How often requests were repeated, by what stood in their way. */
  get repeats(): ReadonlyMap<string, number> {
    return this.#repeats;
  }

  async ask(ask: Ask): Promise<Answer> {
    let failures = 0;
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await this.#attempt(ask);
      if (!(outcome instanceof Error)) {
        const outlook = outlookOf(outcome);
        if (outlook !== "again") this.#failingSince = undefined;
        if (outlook === "again-a-few-times") failures += 1;
        if (outlook === "final" || failures > fewTimes) return outcome;
      }
      this.#countRepeat(outcome);
      await this.#pause(attempt, outcome);
    }
  }

  async #attempt(ask: Ask): Promise<Answer | Error> {
    try {
      return await this.#transport.ask(ask);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  async #pause(attempt: number, outcome: Answer | Error): Promise<void> {
    const silentMs = performance.now() - (this.#failingSince ??= performance.now());
    if (silentMs > this.#giveUpMs) {
      const last = outcome instanceof Error ? outcome.message : `${outcome.status} ${codeOf(outcome)}`;
      throw new ReplayFailure(
        "shop-gone",
        `No request succeeded for ${Math.round(silentMs / 1000)} s; the last word was: ${last}.`,
      );
    }
    const retryAfterS = outcome instanceof Error ? undefined : outcome.retryAfterS;
    try {
      await delay(backOffMs(attempt, Math.random(), retryAfterS), undefined, { signal: this.#stop });
    } catch {
      throw new Stopped();
    }
  }

  #countRepeat(outcome: Answer | Error): void {
    const why = outcome instanceof Error ? ((outcome as NodeJS.ErrnoException).code ?? "no-answer") : codeOf(outcome);
    this.#repeats.set(why, (this.#repeats.get(why) ?? 0) + 1);
  }
}

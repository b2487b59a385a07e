import { BanyanError, type Load } from "@banyan/core";

export interface AdmissionOptions {
  readonly load: () => Load;
  /** Requests that have no answer yet. */
  readonly inFlight: () => number;
  /** The most of them, and how long a turn of the event loop may take. */
  readonly limits: { readonly requests: number; readonly turnMs: number };
}

export type Asked = "command" | "query" | "operation";

/** What an operator asks is not kept out by what others ask. */
const SPARE_FOR_OPERATORS = 64;
/** With fewer requests than this it is not requests that make the event loop late, and refusing them would help nobody. */
const FEW = 32;
/** From this share of what is too much on, nobody may have more than others. */
const CROWDED = 0.5;

/**
 * Whether the door takes one more request. It is asked before anything is done for the request, because a refusal must cost little of what
 * there is too little of.
 */
export class Admission {
  readonly #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Whether so much waits that callers are held to their share. */
  get crowded(): boolean {
    return this.#options.load().commands >= CROWDED || this.#late(CROWDED);
  }

  /** Throws `overloaded`, with the words of `shut`. */
  check(kind: Asked): void {
    const words = this.shut(kind);
    if (words !== undefined) throw overloaded(words);
  }

  /** Why it takes none of these now. Queries do not wait for the store's one writer, and are taken while commands are not. */
  shut(kind: Asked): string | undefined {
    const { inFlight, limits, load } = this.#options;
    const spare = kind === "operation" ? SPARE_FOR_OPERATORS : 0;
    if (inFlight() > limits.requests + spare) return "More requests wait than this process accepts.";
    if (kind === "operation") return undefined;
    if (this.#late(1)) return "The process is too busy to take more requests.";
    if (kind === "command" && load().commands >= 1) return "More commands wait than can be done in time.";
    return undefined;
  }

  #late(share: number): boolean {
    const { inFlight, limits, load } = this.#options;
    return inFlight() > FEW && load().turnMs > limits.turnMs * share;
  }
}

export function overloaded(words: string): BanyanError {
  return new BanyanError("overloaded", words, { retryAfterMs: 1_000 });
}

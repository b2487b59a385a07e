export interface BucketsOptions {
  readonly perSecond: number;
  readonly burst: number;
  readonly now: () => number;
  /** The most callers that are remembered. Whoever was away longest is forgotten, and begins anew with a full bucket. */
  readonly most?: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** A token bucket per caller. What is taken beyond what is there is a debt. */
export class Buckets {
  readonly #options: Required<BucketsOptions>;
  /** In the order in which they were last used. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: BucketsOptions) {
    this.#options = { most: 10_000, ...options };
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** Milliseconds until there is a whole token; 0 where there is one. Takes none, and remembers nobody. */
  wait(caller: string): number {
    const bucket = this.#buckets.get(caller);
    const missing = bucket === undefined ? 0 : 1 - this.#tokens(bucket);
    return missing <= 0 ? 0 : Math.ceil((missing / this.#options.perSecond) * 1_000);
  }

  take(caller: string, count: number): void {
    const { burst, most, now } = this.#options;
    const known = this.#buckets.get(caller);
    const tokens = (known === undefined ? burst : this.#tokens(known)) - count;
    this.#buckets.delete(caller);
    this.#buckets.set(caller, { tokens, at: now() });
    const [oldest] = this.#buckets.size > most ? this.#buckets.keys() : [];
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }

  #tokens({ tokens, at }: Bucket): number {
    const { perSecond, burst, now } = this.#options;
    return Math.min(burst, tokens + ((now() - at) / 1_000) * perSecond);
  }
}

import { isBanyanError, type BanyanError } from "../error/index.ts";
import { isUnreadable } from "./envelope.ts";

export interface CircuitLimits {
  /** Keys that fail for the same reason, beyond those that succeed, before the subscription is paused. */
  readonly circuitKeys: number;
  /** How long a failure counts. */
  readonly circuitWindowMs: number;
}

/** Reasons told apart; beyond it the oldest is forgotten. */
const REASONS = 16;

/**
 * Tells trouble of a subscription (the provider is down, a table is missing) from trouble of single keys: it opens when many different keys
 * fail for one reason while few others succeed. Each success takes one failing key off every reason, so poison among entries that
 * go through never opens it. A pure count; time comes from the caller.
 */
export class Circuit {
  readonly #limits: CircuitLimits;
  /** When each key failed last, by reason; oldest first. */
  readonly #failing = new Map<string, Map<string, number>>();
  #open: string | undefined;
  #trial = false;

  constructor(limits: CircuitLimits) {
    this.#limits = limits;
  }

  /** The reason for which it is open. */
  get open(): string | undefined {
    return this.#open;
  }

  /** It is open, and yet what comes next is tried: that alone decides. */
  get onTrial(): boolean {
    return this.#trial;
  }

  tryNext(): void {
    this.#trial = this.#open !== undefined;
  }

  /** True when this failure opens it, or ends its trial. What an application refuses for good, and what cannot be read, says nothing about the others. */
  failed(error: BanyanError, key: string, now: number): boolean {
    if (isUnreadable(error) || (error.retry === "never" && error.kind !== "internal")) return false;
    const reason = reasonOf(error);
    const keys = this.#failing.get(reason) ?? new Map<string, number>();
    this.#failing.set(reason, keys);
    keys.delete(key);
    keys.set(key, now);
    for (const [old, at] of keys) if (now - at > this.#limits.circuitWindowMs) keys.delete(old);
    const [oldest] = this.#failing.keys();
    if (this.#failing.size > REASONS && oldest !== undefined) this.#failing.delete(oldest);
    if (!this.#trial && (this.#open !== undefined || keys.size < this.#limits.circuitKeys)) return false;
    this.#open = reason;
    this.#trial = false;
    return true;
  }

  succeeded(): void {
    for (const [reason, keys] of this.#failing) {
      const [oldest] = keys.keys();
      if (oldest !== undefined) keys.delete(oldest);
      if (keys.size === 0) this.#failing.delete(reason);
    }
  }

  close(): void {
    this.#open = undefined;
    this.#trial = false;
    this.#failing.clear();
  }
}

/** The code, and for what was merely thrown the code or name of its cause: `handler-failed ECONNREFUSED`. A cause that cannot be asked says nothing. */
function reasonOf({ code, cause }: BanyanError): string {
  try {
    if (!(cause instanceof Error) || isBanyanError(cause)) return code;
    const own = (cause as { readonly code?: unknown }).code;
    return `${code} ${typeof own === "string" ? own : cause.name}`;
  } catch {
    return code;
  }
}

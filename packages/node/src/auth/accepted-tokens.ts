import { hash } from "node:crypto";
import type { Principal } from "@banyan/core";

interface Accepted {
  readonly principal: Principal;
  readonly since: number;
  readonly until: number;
}

/** So long a token that was accepted is not verified again: a signature costs more than most queries. */
const HOLD_MS = 30_000;
const MOST = 1_000;

/** Who tokens were for that were verified a moment ago, by the hash of the whole token. Nothing else is ever in it. */
export class AcceptedTokens {
  readonly #now: () => number;
  readonly #most: number;
  readonly #accepted = new Map<string, Accepted>();

  constructor(now: () => number, most: number = MOST) {
    this.#now = now;
    this.#most = most;
  }

  find(token: string): Principal | undefined {
    const key = keyOf(token);
    const accepted = this.#accepted.get(key);
    const now = this.#now();
    // a clock that was set back does not make it hold for longer
    if (accepted === undefined || (accepted.since <= now && now < accepted.until)) return accepted?.principal;
    this.#accepted.delete(key);
    return undefined;
  }

  /** Never beyond its expiry, whatever the clocks are allowed to be apart. */
  add(token: string, principal: Principal, expiresAt: number): void {
    const since = this.#now();
    this.#accepted.set(keyOf(token), { principal, since, until: Math.min(expiresAt, since + HOLD_MS) });
    const [oldest] = this.#accepted.size > this.#most ? this.#accepted.keys() : [];
    if (oldest !== undefined) this.#accepted.delete(oldest);
  }
}

function keyOf(token: string): string {
  return hash("sha256", token, "base64");
}

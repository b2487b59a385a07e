import { BanyanError } from "../error/index.ts";

/** How often and when a failing entry is tried again before it is parked as `dead`. */
export interface RetryPolicy {
  readonly baseMs: number;
  readonly capMs: number;
  readonly tries: number;
}

export const DEFAULT_RETRY: RetryPolicy = { baseMs: 1_000, capMs: 300_000, tries: 8 };

/** Doubling waits from `base` up to `cap`, `tries` attempts in all: `backoff("1s", "5m", 8)`. Jitter only extends a wait, by up to a quarter. */
export function backoff(base: string, cap: string, tries: number): RetryPolicy {
  const policy = { baseMs: durationMs(base), capMs: durationMs(cap), tries };
  if (Number.isInteger(tries) && tries >= 1 && policy.capMs >= policy.baseMs) return policy;
  throw new BanyanError("config-invalid", `backoff("${base}", "${cap}", ${tries}) is not a way to retry.`, {
    remedy:
      'Write a first wait, a longest wait that is not below it, and how many attempts in all: backoff("1s", "5m", 8).',
  });
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `250ms`, `1s`, `5m`, `2h`, `3d`. */
export function durationMs(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) {
    throw new BanyanError("config-invalid", `"${text}" is not a duration.`, {
      remedy: 'Write a number and a unit: "250ms", "1s", "5m", "2h", "3d".',
    });
  }
  return Number(amount) * (UNIT_MS[unit] ?? 1);
}

/** Milliseconds to wait after failed attempt number `attempt` (from 1); `dice` is 32 random bits. */
export function waitMs(policy: RetryPolicy, attempt: number, dice: number): number {
  const plain = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(attempt - 1, 52));
  return Math.ceil(plain * (1 + dice / 0x1_0000_0000 / 4));
}

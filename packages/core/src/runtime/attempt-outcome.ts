import type { RetryPolicy } from "../context/index.ts";
import { waitMs } from "../context/index.ts";
import { retryAfterOf, type BanyanError } from "../error/index.ts";
import { LAST_INSTANT, type ParkError, type ParkState } from "../ports/index.ts";
import { isUnreadable } from "./envelope.ts";

export interface Failure {
  readonly state: ParkState;
  readonly attempts: number;
  readonly due: number;
  readonly errors: readonly ParkError[];
}

const ERRORS_KEPT = 20;

/**
 * What becomes of an entry whose attempt has failed: `unknown` when this code cannot read it, `dead` when the error is terminal or the tries are used up,
 * otherwise `retrying` with the time of the next attempt. A pure decision.
 */
export function afterFailure(
  error: BanyanError,
  before: { readonly attempts: number; readonly errors: readonly ParkError[] },
  by: { readonly policy: RetryPolicy; readonly now: number; readonly dice: number },
): Failure {
  const attempts = before.attempts + 1;
  const errors = kept([...before.errors, { at: by.now, code: error.code, message: error.message.slice(0, 500) }]);
  // What was not read was not tried.
  if (isUnreadable(error)) return { state: "unknown", attempts: before.attempts, due: 0, errors };
  if (isTerminal(error) || attempts >= by.policy.tries) return { state: "dead", attempts, due: 0, errors };
  const wait = Math.max(waitMs(by.policy, attempts, by.dice), retryAfterOf(error.retryAfterMs) ?? 0);
  return { state: "retrying", attempts, due: Math.min(LAST_INSTANT, Math.ceil(by.now + wait)), errors };
}

/** How it began, which often says the most, and how it went lately. */
function kept(errors: readonly ParkError[]): readonly ParkError[] {
  return errors.length <= ERRORS_KEPT ? errors : [...errors.slice(0, 1), ...errors.slice(1 - ERRORS_KEPT)];
}

/**
 * The application's own refusals are terminal; the runtime's internal errors may be mended by the next attempt. So may a version conflict: whoever
 * asked would read again and decide again, and here that is the next attempt, with a `before` of its own.
 */
function isTerminal(error: BanyanError): boolean {
  return error.retry === "never" && error.kind !== "internal" && error.code !== "version-conflict";
}

import { isBanyanError } from "../error/index.ts";
import type { CommandScope } from "../ports/index.ts";

/** The call of a command whose refusal an error is, or was caused by. */
const REFUSED = new WeakMap<object, CommandScope>();
/** Causes of causes that are looked at. */
const DEEP = 8;

/** The same error, known as the answer to this call. One that may be mended by asking again is recorded nowhere. */
export function asAnswerTo(scope: CommandScope, thrown: unknown): unknown {
  if (isBanyanError(thrown) && thrown.retry === "never") REFUSED.set(thrown, scope);
  return thrown;
}

/** The call whose refusal an attempt has ended with, also where the handler has wrapped it (`cause`). */
export function refusedCall(thrown: unknown): CommandScope | undefined {
  let error = thrown;
  for (let i = 0; i < DEEP && typeof error === "object" && error !== null; i++) {
    const scope = REFUSED.get(error);
    if (scope !== undefined) return scope;
    error = error instanceof Error ? error.cause : undefined;
  }
  return undefined;
}

/** A copy of an error is the answer to the call that the original was. */
export function copiedAnswer<E extends Error>(copy: E, original: unknown): E {
  const scope = refusedCall(original);
  if (scope !== undefined) REFUSED.set(copy, scope);
  return copy;
}

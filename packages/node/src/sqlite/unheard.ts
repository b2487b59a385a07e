import type { BanyanError } from "@banyan/core";

/** Who is told that a failure of theirs was, or was after all, heard by nobody. */
export interface FailureOwner {
  unheard(promise: Promise<unknown>, failure: BanyanError): void;
  heard(promise: Promise<unknown>): void;
}

/**
 * Failed statements of units that have not been judged yet. Node says of every promise, an ORM's too, when its turn of the event loop has
 * passed and nobody handled its rejection; listening to that is the one way to know.
 *
 * I1. Listeners are there only while there is a failure to watch, so that a process without one is left as it is.
 * I2. A rejection that is not of such a failure ends the process as it would without us.
 */
const watched = new Map<unknown, FailureOwner>();

/** Node's own, whatever a simulation puts in its place: this only forgets, and nobody's order of events depends on it. */
const afterThisTurn = setImmediate;

export function watchFailure(failure: BanyanError, owner: FailureOwner): void {
  if (watched.size === 0) process.on("unhandledRejection", unhandled).on("rejectionHandled", handled);
  watched.set(failure, owner);
}

/** Forgets them once the rejections of this turn have been told: what nobody heard of a unit that failed anyway is no news. */
export function forgetFailures(failures: readonly BanyanError[]): void {
  afterThisTurn(() => {
    for (const failure of failures) watched.delete(failure);
    if (watched.size === 0) process.off("unhandledRejection", unhandled).off("rejectionHandled", handled);
  });
}

/** Whether a rejection is a failed statement, or has one as its cause, whose unit is told. */
export function belongsToUnit(reason: unknown): boolean {
  return failureIn(reason) !== undefined;
}

function failureIn(reason: unknown): BanyanError | undefined {
  for (let error = reason, depth = 0; depth < 8 && error instanceof Error; error = error.cause, depth++)
    if (watched.has(error)) return error as BanyanError;
  return undefined;
}

function unhandled(reason: unknown, promise: Promise<unknown>): void {
  const failure = failureIn(reason);
  if (failure !== undefined) watched.get(failure)?.unheard(promise, failure);
  else if (process.listenerCount("unhandledRejection") === 1) throw reason;
}

function handled(promise: Promise<unknown>): void {
  for (const owner of watched.values()) owner.heard(promise);
}

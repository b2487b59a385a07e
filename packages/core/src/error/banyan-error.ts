import { ERROR_CODES, ERROR_KINDS, type ErrorCode, type ErrorKind } from "./codes.ts";
import { retryAfterOf } from "./retry-after.ts";
import { UNSAYABLE, wordsOf } from "./words.ts";

/** What the runtime does with an error: give up, or ask again later. */
export type Retry = "never" | "later";

export interface ErrorOptions {
  readonly cause?: unknown;
  /** Plain JSON, safe to show to the caller: no personal data, no secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** How long to wait before asking again; kept as whole milliseconds, thirty days at most. */
  readonly retryAfterMs?: number;
  readonly remedy?: string;
  readonly kind?: ErrorKind;
  readonly retry?: Retry;
}

interface CodeEntry {
  readonly kind: ErrorKind;
  readonly retry?: Retry;
  readonly remedy: string;
}

/** Errors that this copy of the package has made. A proxy of one is not among them. */
const MADE = new WeakSet<object>();

/** The one error of Banyan: a code of the table (or one of the application's own), a sentence, and a remedy. */
export class BanyanError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly retry: Retry;
  readonly remedy: string;
  readonly retryAfterMs: number | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode | (string & {}), message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const known: CodeEntry | undefined = Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as ErrorCode] : undefined;
    this.name = "BanyanError";
    this.code = code;
    this.kind = options.kind ?? known?.kind ?? "unprocessable";
    this.retry = options.retry ?? known?.retry ?? (this.kind === "unavailable" ? "later" : "never");
    this.remedy = options.remedy ?? known?.remedy ?? "";
    this.retryAfterMs = retryAfterOf(options.retryAfterMs);
    this.details = options.details;
    MADE.add(this);
  }
}

/** Recognised by name, not by `instanceof`: two copies of this package may be loaded. Total, as `asBanyanError` is. */
export function isBanyanError(value: unknown): value is BanyanError {
  try {
    return (
      value instanceof Error &&
      value.name === "BanyanError" &&
      typeof (value as { readonly code?: unknown }).code === "string" &&
      typeof value.message === "string"
    );
  } catch {
    return false;
  }
}

interface RefusalWords {
  readonly remedy?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** With the kind `unavailable` it is asked again, after `retryAfterMs` at the soonest; with any other it is terminal. */
export type RefusalOptions = RefusalWords &
  (
    | { readonly kind?: "unprocessable" | "conflict" | "not-found" | "forbidden"; readonly retryAfterMs?: never }
    | { readonly kind: "unavailable"; readonly retryAfterMs?: number }
  );

/**
 * A refusal with the application's own code, for a command or query to throw: `throw refuse("order-closed", "The order has
 * shipped.", { kind: "conflict" })`. Terminal unless its kind is `unavailable`; rolls the unit back; under an idempotency key it is the recorded answer.
 */
export function refuse(code: string, message: string, options: RefusalOptions = {}): BanyanError {
  return new BanyanError(code, message, { kind: "unprocessable", ...options });
}

/**
 * Any thrown value as a BanyanError; what is not one becomes `handler-failed` (asked again) with its cause. Total: anybody may throw anything, and
 * an entry whose error cannot be told could never be parked. So what it answers has fields that hold what they are declared to hold.
 */
export function asBanyanError(thrown: unknown, where: string): BanyanError {
  if (isBanyanError(thrown)) {
    if (MADE.has(thrown) && isSound(thrown)) return thrown;
    const copy = copyOf(thrown);
    if (copy !== undefined) return copy;
  }
  const cause = isTellable(thrown) ? { cause: thrown } : {};
  return new BanyanError("handler-failed", `${where} failed: ${wordsOf(thrown)}`, { ...cause, retry: "later" });
}

/** Whether nobody has put anything else in the place of a field: all of them are the error's own, and plain. */
function isSound(error: BanyanError): boolean {
  const { message, code, kind, retry, remedy, retryAfterMs } = ownFields(error);
  const texts = [message ?? "", code, remedy].every((text) => typeof text === "string");
  return texts && isKind(kind) && isRetry(retry) && retryAfterOf(retryAfterMs) === retryAfterMs;
}

function ownFields(error: BanyanError): Readonly<Record<string, unknown>> {
  const own = Object.entries(Object.getOwnPropertyDescriptors(error));
  return Object.fromEntries(own.map(([name, field]) => [name, "value" in field ? field.value : FIELD_ASKS]));
}

/** Stands for a field whose value is computed. */
const FIELD_ASKS: unique symbol = Symbol("computed");

/** An error of another copy of this package: each field is read once. */
function copyOf(error: BanyanError): BanyanError | undefined {
  try {
    const { code, message, kind, retry, remedy, retryAfterMs, details } = error as Readonly<Record<string, any>>;
    if (typeof code !== "string" || typeof message !== "string") return undefined;
    return new BanyanError(code, message, {
      ...(isTellable(error) ? { cause: error } : {}),
      ...(isKind(kind) ? { kind } : {}),
      ...(isRetry(retry) ? { retry } : {}),
      ...(typeof remedy === "string" ? { remedy } : {}),
      ...(typeof details === "object" && details !== null ? { details } : {}),
      retryAfterMs,
    });
  } catch {
    return undefined;
  }
}

function isKind(kind: unknown): kind is ErrorKind {
  return ERROR_KINDS.includes(kind as ErrorKind);
}

function isRetry(retry: unknown): retry is Retry {
  return retry === "never" || retry === "later";
}

/** Whether those who are told of a cause, a log or a circuit, can read it. */
function isTellable(thrown: unknown): boolean {
  try {
    if (!(thrown instanceof Error)) return wordsOf(thrown) !== UNSAYABLE;
    return [thrown.name, thrown.message, thrown.stack ?? ""].every((text) => typeof text === "string");
  } catch {
    return false;
  }
}

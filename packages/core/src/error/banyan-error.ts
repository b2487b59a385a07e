import { ERROR_CODES, type ErrorCode, type ErrorKind } from "./codes.ts";

/** What the runtime does with an error: give up, or ask again later. */
export type Retry = "never" | "later";

export interface ErrorOptions {
  readonly cause?: unknown;
  /** Plain JSON, safe to show to the caller: no personal data, no secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
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
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details;
  }
}

/** Recognised by name, not by `instanceof`: two copies of this package may be loaded. */
export function isBanyanError(value: unknown): value is BanyanError {
  return value instanceof Error && value.name === "BanyanError" && "code" in value;
}

export interface RefusalOptions {
  readonly kind?: "unprocessable" | "conflict" | "not-found" | "forbidden" | "unavailable";
  readonly remedy?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * A refusal with the application's own code, for a command or query to throw: `throw refuse("order-closed", "The order has
 * shipped.", { kind: "conflict" })`. Terminal unless its kind is `unavailable`; rolls the unit back; under an idempotency key it is the recorded answer.
 */
export function refuse(code: string, message: string, options: RefusalOptions = {}): BanyanError {
  return new BanyanError(code, message, { kind: "unprocessable", ...options });
}

/** Any thrown value as a BanyanError; what is not one becomes `handler-failed` (asked again) with its cause. */
export function asBanyanError(thrown: unknown, where: string): BanyanError {
  if (isBanyanError(thrown)) return thrown;
  const words = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new BanyanError("handler-failed", `${where} failed: ${words}`, { cause: thrown, retry: "later" });
}

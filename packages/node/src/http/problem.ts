import { ERROR_CODES, type BanyanError, type ErrorCode, type ErrorKind } from "@banyan/core";
import { ENDED_COOKIES } from "../auth/session-cookie.ts";

/** The one place where an error becomes an HTTP status. */
const STATUS_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unprocessable: 422,
  unauthenticated: 401,
  forbidden: 403,
  "not-found": 404,
  conflict: 409,
  "too-large": 413,
  unavailable: 503,
  internal: 500,
  configuration: 500,
};

/** Where HTTP has a status of its own for what a kind says in general. */
const STATUS_OF_CODE: Readonly<Partial<Record<ErrorCode, number>>> = {
  "media-type-unsupported": 415,
  "method-not-allowed": 405,
  "request-timeout": 408,
  "headers-too-large": 431,
  "url-too-long": 414,
  "not-available-yet": 404,
  "rate-limited": 429,
};

const TITLE_OF_KIND: Readonly<Record<ErrorKind, string>> = {
  invalid: "The request is not valid.",
  unprocessable: "The request was refused.",
  unauthenticated: "The caller is not known.",
  forbidden: "The caller may not do this.",
  "not-found": "What was asked for does not exist.",
  conflict: "The request conflicts with the present state.",
  "too-large": "The request is too large.",
  unavailable: "Not available at the moment; nothing was decided.",
  internal: ERROR_CODES.internal.meaning,
  configuration: ERROR_CODES.internal.meaning,
};

/** Headers that every answer of the edge has. */
export const ANSWER_HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** RFC 9457, as text. */
  readonly body: string;
  /** Values of `set-cookie`. */
  readonly cookies?: readonly string[];
}

/** An error as problem+json. Of an internal one the caller learns the code and `id`, under which the log has the rest. */
export function problemOf(error: BanyanError, id: string): Problem {
  const status = statusOf(error);
  const said = isInternal(error) ? internalMembers(error, id) : openMembers(error);
  const members = { ...said, status, type: `urn:banyan:error:${encodeURIComponent(String(said["code"]))}` };
  const headers = { ...ANSWER_HEADERS, "content-type": "application/problem+json", ...headersOf(error, status) };
  const problem = { status, headers, body: JSON.stringify(members) };
  // else the browser would go on sending what is not accepted
  return error.code === "session-invalid" ? { ...problem, cookies: ENDED_COOKIES } : problem;
}

/** Whether an error is this process's own affair: it is logged, and its words are not for the caller. */
export function isInternal(error: BanyanError): boolean {
  return statusOf(error) === 500;
}

function statusOf(error: BanyanError): number {
  return (STATUS_OF_CODE as Readonly<Record<string, number>>)[error.code] ?? STATUS_OF_KIND[error.kind] ?? 500;
}

function openMembers({ code, kind, message, remedy, details }: BanyanError): Record<string, unknown> {
  const known = knownCode(code);
  const title = known === undefined ? TITLE_OF_KIND[kind] : ERROR_CODES[known].meaning;
  return { ...details, title, code, detail: message, ...(remedy === "" ? {} : { remedy }) };
}

function internalMembers({ code }: BanyanError, id: string): Record<string, unknown> {
  const { meaning, remedy } = ERROR_CODES.internal;
  const detail = `Something failed here; the log has the cause under ${id}.`;
  return { title: meaning, code: knownCode(code) ?? "internal", detail, remedy, instance: `urn:uuid:${id}` };
}

function knownCode(code: string): ErrorCode | undefined {
  return Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : undefined;
}

function headersOf(error: BanyanError, status: number): Record<string, string> {
  if (error.code.startsWith("signature-")) return { "www-authenticate": 'Signature realm="banyan"' };
  if (status === 401) return { "www-authenticate": 'Bearer realm="banyan", error="invalid_token"' };
  const { retryAfterMs } = error;
  if (status === 503 || retryAfterMs !== undefined) {
    return { "retry-after": String(Math.max(1, Math.ceil((retryAfterMs ?? 1_000) / 1_000))) };
  }
  return {};
}

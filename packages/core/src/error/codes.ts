import { DATA_CODES } from "./data-codes.ts";
import { HANDLER_CODES } from "./handler-codes.ts";
import { REGISTRATION_CODES } from "./registration-codes.ts";
import { REQUEST_CODES } from "./request-codes.ts";
import { TOOL_CODES } from "./tool-codes.ts";

/** What an error is, seen from outside; the HTTP edge maps it to a status, once. */
export type ErrorKind =
  | "invalid"
  | "unprocessable"
  | "unauthenticated"
  | "forbidden"
  | "not-found"
  | "conflict"
  | "too-large"
  | "unavailable"
  | "internal"
  | "configuration";

export const ERROR_KINDS: readonly ErrorKind[] = [
  "invalid",
  "unprocessable",
  "unauthenticated",
  "forbidden",
  "not-found",
  "conflict",
  "too-large",
  "unavailable",
  "internal",
  "configuration",
];

/** Every code Banyan itself uses: what it means and what to do; `retry` where its kind does not say it. The error reference in `docs/` is made from this table. */
export const ERROR_CODES: typeof REQUEST_CODES &
  typeof HANDLER_CODES &
  typeof REGISTRATION_CODES &
  typeof DATA_CODES &
  typeof TOOL_CODES = {
  ...REQUEST_CODES,
  ...HANDLER_CODES,
  ...REGISTRATION_CODES,
  ...DATA_CODES,
  ...TOOL_CODES,
};

export type ErrorCode = keyof typeof ERROR_CODES;

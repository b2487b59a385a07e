import { BanyanError } from "./banyan-error.ts";
import { ERROR_CODES, type ErrorCode } from "./codes.ts";

/** One thing wrong with how an application is put together. All of them are collected, then reported once. */
export interface Violation {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
  /** `file:line:column` where it was written, when known. */
  readonly at: string;
}

export function violation(code: ErrorCode, at: string, message: string): Violation {
  return { code, message, at, remedy: ERROR_CODES[code].remedy };
}

/** One error that names every violation, each on lines of its own with place and remedy. */
export function violationsError(violations: readonly Violation[]): BanyanError {
  const lines = violations.map(
    (v) => `  ${v.at || "(unknown place)"} ${v.code}: ${v.message}\n    remedy: ${v.remedy}`,
  );
  const count = violations.length === 1 ? "1 violation" : `${violations.length} violations`;
  return new BanyanError("registration-refused", `The application cannot start: ${count}.\n${lines.join("\n")}`, {
    details: { violations },
  });
}

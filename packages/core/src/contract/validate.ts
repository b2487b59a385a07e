import type { StandardIssue, StandardSchema } from "./standard-schema.ts";

export type Validated<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Where a value is wrong, and how, in words of the schema library, which may repeat the value. */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

/**
 * Contracts validate synchronously: a schema that answers with a promise is a mistake in the contract, said as an issue. At most so many
 * issues are told.
 */
export function validate<T>(schema: StandardSchema<unknown, T>, value: unknown, most = 20): Validated<T> {
  const result = schema["~standard"].validate(value);
  if (result instanceof Promise) {
    result.catch(() => {});
    return { ok: false, issues: [{ path: "", message: "the schema validates asynchronously; contracts must not" }] };
  }
  if (result.issues === undefined) return { ok: true, value: result.value };
  return { ok: false, issues: result.issues.slice(0, most).map(toIssue) };
}

function toIssue(issue: StandardIssue): Issue {
  const path = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(".");
  return { path, message: issue.message };
}

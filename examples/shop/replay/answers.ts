import type { Answer } from "./http.ts";

/** The `code` of a problem answer; one without a code is named by its status, so that it shows up in the counts. */
export function codeOf(answer: Answer): string {
  const code = fieldOf(answer.body, "code");
  return typeof code === "string" && code !== "" ? code : `status-${answer.status}-without-code`;
}

export function fieldOf(body: unknown, name: string): unknown {
  return typeof body === "object" && body !== null ? (body as Record<string, unknown>)[name] : undefined;
}

export type Outlook = "final" | "again" | "again-a-few-times";

/**
 * Whether to ask again with the same key. 500 says that something failed that may have been passing or may not;
 * everything else that says "later" is asked until the shop decides.
 */
export function outlookOf(answer: Answer): Outlook {
  const { status } = answer;
  if (status === 408 || status === 425 || status === 429) return "again";
  if (status === 409) return codeOf(answer) === "in-flight" || answer.retryAfterS !== undefined ? "again" : "final";
  if (status === 500) return "again-a-few-times";
  return status > 500 ? "again" : "final";
}

/** Exponential with full jitter: after a restart the shop is not met by everybody at once. */
export function backOffMs(attempt: number, random: number, retryAfterS: number = 0): number {
  const ceiling = Math.min(2_000, 25 * 2 ** Math.min(attempt, 10));
  return Math.max(ceiling * (0.5 + random / 2), Math.min(retryAfterS, 5) * 1000 * (0.5 + random / 2));
}

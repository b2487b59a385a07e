import { BanyanError } from "../error/index.ts";

/** A terminal error as it is kept under an idempotency key. */
export function storedError(error: BanyanError): Record<string, unknown> {
  const { code, kind, message, remedy, details } = error;
  return { code, kind, message, remedy, details };
}

/** A recorded error as it is thrown again: it was terminal, so it is. */
export function revivedError(stored: unknown): BanyanError {
  const { code, kind, message, remedy, details } = stored as Pick<
    BanyanError,
    "code" | "kind" | "message" | "remedy" | "details"
  >;
  return new BanyanError(code, message, {
    kind,
    remedy,
    retry: "never",
    ...(details === undefined ? {} : { details }),
  });
}

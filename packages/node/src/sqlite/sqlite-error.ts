import { BanyanError, isBanyanError } from "@banyan/core";
import { Refusal } from "./refusal.ts";

/** Primary result codes of https://sqlite.org/rescode.html that are handled apart. */
export const SQLITE = {
  busy: 5,
  locked: 6,
  noMemory: 7,
  ioError: 10,
  corrupt: 11,
  full: 13,
  constraint: 19,
  notADatabase: 26,
} as const;

/** Nothing was decided, and asking again may go well. */
const LATER: ReadonlySet<number> = new Set([SQLITE.busy, SQLITE.locked, SQLITE.noMemory, SQLITE.full]);
/** What is on the disk is in doubt. */
const DOUBT: ReadonlySet<number> = new Set([SQLITE.ioError, SQLITE.corrupt, SQLITE.notADatabase]);

/** The primary result code of an error of SQLite; undefined for any other. */
export function sqliteCode(error: unknown): number | undefined {
  const { errcode } = (error ?? {}) as { readonly errcode?: unknown };
  return typeof errcode === "number" ? errcode & 0xff : undefined;
}

/** What a failed statement of a body or a read means; `where` names its unit. */
export function statementError(error: unknown, where: string): BanyanError {
  if (isBanyanError(error)) return error;
  if (error instanceof Refusal) return new BanyanError(error.code, `A statement of "${where}" ${error.message}.`);
  const code = sqliteCode(error) ?? 0;
  if (DOUBT.has(code)) return storeFailed(error);
  return new BanyanError("statement-failed", `The database refused a statement of "${where}": ${words(error)}`, {
    cause: error,
    retry: LATER.has(code) ? "later" : "never",
  });
}

export function noInnerPart(context: string): BanyanError {
  return new BanyanError("not-in-unit", `A read of "${context}" has no inner transactions; it writes nothing.`);
}

/** What a failed COMMIT means. A constraint checked only there is a mistake in a body; without room nothing was decided; all else is doubt. */
export function commitError(error: unknown): BanyanError {
  const code = sqliteCode(error) ?? 0;
  if (code === SQLITE.constraint) {
    return new BanyanError("statement-failed", `The database refused to commit: ${words(error)}`, { cause: error });
  }
  if (LATER.has(code))
    return new BanyanError("commit-failed", `The database did not commit: ${words(error)}`, { cause: error });
  return storeFailed(error);
}

export function storeFailed(cause: unknown): BanyanError {
  return new BanyanError("store-failed", `The database cannot be trusted to write any more: ${words(cause)}`, {
    cause,
  });
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

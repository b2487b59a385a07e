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
  cannotOpen: 14,
  constraint: 19,
  notADatabase: 26,
} as const;

/** Memory shared beside the database could not be had, which is a file of its own: there is no room for it. */
const NO_ROOM_FOR_SHARED = 4_874;
const NO_ROOM = new Set<unknown>(["ENOSPC", "EDQUOT"]);

/** Nothing was decided, and asking again may go well. */
const LATER: ReadonlySet<number> = new Set([SQLITE.busy, SQLITE.locked, SQLITE.noMemory, SQLITE.cannotOpen]);
/** What is on the disk is not what was written there. */
const DAMAGED: ReadonlySet<number> = new Set([SQLITE.corrupt, SQLITE.notADatabase]);
const ROOM_MS = 1_000;

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
  if (code === SQLITE.full) return diskFull(error);
  if (code === SQLITE.ioError || DAMAGED.has(code)) return storeFailed(error);
  return new BanyanError("statement-failed", `The database refused a statement of "${where}": ${words(error)}`, {
    cause: error,
    retry: LATER.has(code) ? "later" : "never",
  });
}

/** What a failed statement of a start means. */
export function startError(error: unknown, file: string): BanyanError {
  if (sqliteCode(error) !== SQLITE.busy)
    return noRoomFor(`The database ${file}`, error) ?? statementError(error, "the start");
  return new BanyanError("database-busy", `Something else has the database ${file} open and is writing to it.`, {
    cause: error,
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
  if (code === SQLITE.full) return diskFull(error);
  if (LATER.has(code))
    return new BanyanError("commit-failed", `The database did not commit: ${words(error)}`, { cause: error });
  return storeFailed(error);
}

/** Whether nothing may be written or believed before the next start. */
export function endsStore({ code }: BanyanError): boolean {
  return code === "store-failed" || code === "database-corrupt";
}

function diskFull(cause: unknown): BanyanError {
  const options = { cause, retryAfterMs: ROOM_MS };
  return new BanyanError("disk-full", `The database has no room for more: ${words(cause)}`, options);
}

/** What could not be opened, restored or moved aside for want of room: `what` names it. Undefined where that is not the cause. */
export function noRoomFor(what: string, cause: unknown): BanyanError | undefined {
  const { code, errcode } = (cause ?? {}) as { readonly code?: unknown; readonly errcode?: unknown };
  const full = NO_ROOM.has(code) || sqliteCode(cause) === SQLITE.full || errcode === NO_ROOM_FOR_SHARED;
  if (!full) return undefined;
  const remedy = "Make room on its disk, then start again.";
  return new BanyanError("disk-full", `${what} cannot be used, as its disk is full: ${words(cause)}`, {
    cause,
    remedy,
  });
}

/** `file` where it is known. */
export function databaseCorrupt(cause: unknown, file = ""): BanyanError {
  const name = file === "" ? "The database" : `The database ${file}`;
  const message = `${name} is damaged; keep the file, and restore a backup: ${words(cause)}`;
  return new BanyanError("database-corrupt", message, { cause });
}

export function isDamage(error: unknown): boolean {
  return DAMAGED.has(sqliteCode(error) ?? 0);
}

/** Whether it is the disk, or what is on it, and not what was asked. */
export function isTroubleOfStore(error: unknown): boolean {
  const code = sqliteCode(error) ?? 0;
  return code === SQLITE.full || code === SQLITE.ioError || DAMAGED.has(code);
}

export function storeFailed(cause: unknown): BanyanError {
  if (isDamage(cause)) return databaseCorrupt(cause);
  return new BanyanError("store-failed", `The database cannot be trusted to write any more: ${words(cause)}`, {
    cause,
  });
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import { BanyanError } from "@banyan/core";
import { setTimeout as pause } from "node:timers/promises";

/** Between two tries: short at first, because whoever writes is mostly done within a few milliseconds. */
const PAUSES_MS = [1, 2, 4, 8, 16];

/**
 * Runs a whole transaction, again and again while the database is locked by another one, and waits in between without standing in the way of the
 * event loop. For connections with a busy timeout of 0: any other one would make this whole process stand still, and in the process that runs
 * Banyan for nothing, because what it waits for cannot go on either. Throws `database-locked` after `limitMs` (5,000).
 */
export async function whenFree<T>(
  transaction: () => T,
  { limitMs = 5_000 }: { readonly limitMs?: number } = {},
): Promise<T> {
  const until = performance.now() + limitMs;
  for (let tries = 0; ; tries++) {
    try {
      return transaction();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() >= until) throw locked(limitMs, error);
    }
    await pause(PAUSES_MS[tries] ?? PAUSES_MS.at(-1));
  }
}

/** As Node and as better-sqlite3 say it, SQLITE_BUSY_SNAPSHOT too. */
function isBusy(error: unknown): boolean {
  const { errcode, code } = (error ?? {}) as { readonly errcode?: unknown; readonly code?: unknown };
  return (typeof errcode === "number" && (errcode & 0xff) === 5) || String(code).startsWith("SQLITE_BUSY");
}

function locked(limitMs: number, cause: unknown): BanyanError {
  return new BanyanError("database-locked", `The database was locked by others for ${limitMs} ms.`, { cause });
}

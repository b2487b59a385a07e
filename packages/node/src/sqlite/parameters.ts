import { Refusal } from "./refusal.ts";
import { NAME_CHARACTERS } from "./tenant-tokens.ts";

// Read in the reading threads too, so it stands on files beside it only.

/**
 * Comments, quoted names and texts. `'a''b'` is two texts here, side by side, and nothing alternates within a repetition: a text of
 * megabytes would be too deep for that.
 */
const HIDING = /--[^\n]*|\/\*[^]*?(?:\*\/|$)|'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]/g;
/** A word may have a "$" in it, and no other of these signs. */
const BY_NAME = new RegExp(`(?:[@#:]|(?<![${NAME_CHARACTERS}])\\$)[${NAME_CHARACTERS}]+`);

/** How many values a statement takes that SQLite has prepared: it binds NULL to those it is not given, and `node:sqlite` does not tell. */
export function parametersOf(sql: string): number {
  const bare = sql.replace(HIDING, " ");
  const named = BY_NAME.exec(bare);
  if (named !== null)
    throw refusal(`has the parameter ${named[0]}; values are given in order, so write "?", or "?1" for the first`);
  if (!/\?[0-9]/.test(bare)) return bare.split("?").length - 1;
  // "?" is the one after the highest so far
  const next = (most: number, [, number]: RegExpExecArray): number => Math.max(most, Number(number || most + 1));
  return [...bare.matchAll(/\?([0-9]*)/g)].reduce(next, 0);
}

export function assertCount(given: number, takes: number): void {
  if (given === takes) return;
  throw refusal(`takes ${values(takes)} and was given ${given}; give one for each "?", null where it is to be NULL`);
}

/** `node:sqlite` takes an object in first place for names of parameters, and stores NULL for it; so every value is looked at here. */
export function assertHolds(value: unknown, index: number): void {
  const which = `has a parameter (number ${index + 1}) that is`;
  if (typeof value === "bigint" && !isRead(value))
    throw refusal(
      `${which} beyond ±(2^53 - 1), which could be written and not be read; give it as text to a TEXT column`,
    );
  const sound = value === null || typeof value === "string" || typeof value === "bigint" || value instanceof Uint8Array;
  if (sound || (typeof value === "number" && !Number.isNaN(value))) return;
  const got =
    typeof value === "object" ? "an object" : typeof value === "number" ? "not a number" : `of type ${typeof value}`;
  throw refusal(`${which} ${got}; SQLite holds null, numbers, texts, bigints and bytes`);
}

/** What `node:sqlite` throws for a row with an integer that no number holds: arithmetic and literals of SQL make them too. */
export function isTooLarge(error: unknown): boolean {
  return (error as { readonly code?: unknown } | undefined)?.code === "ERR_OUT_OF_RANGE";
}

function isRead(value: bigint): boolean {
  return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER;
}

function values(count: number): string {
  return count === 1 ? "1 value" : `${count} values`;
}

function refusal(words: string): Refusal {
  return new Refusal("statement-failed", words);
}

import { BanyanError } from "@banyan/core";

/** A place in a log: a position, or a time (wall-clock milliseconds). */
export type LogPlace = { readonly position: number } | { readonly at: number };

/** Reads `42` or `2026-11-24T12:00:00Z`. Throws `option-invalid`. */
export function logPlace(option: string, word: string): LogPlace {
  if (/^\d{1,15}$/.test(word)) return { position: Number(word) };
  const at = /^\d{4}-\d{2}-\d{2}/.test(word) ? Date.parse(word) : Number.NaN;
  if (at >= 0) return { at };
  throw new BanyanError("option-invalid", `--${option} is "${word}", but must be a position or a time.`, {
    remedy: "Write a position as `banyan events tail` shows it, or a time: 2026-11-24T12:00:00Z.",
  });
}

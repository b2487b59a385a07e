import { BanyanError } from "./banyan-error.ts";

const INSTEAD = "[personal]";
/** From here on a value is looked for in small letters too: addresses are often made so. */
const LONG = 6;
const CAUSES = 8;

/**
 * The same error, and what caused it, with these values replaced wherever its words repeat them: as they are, in JSON, in an address of the web. What
 * else was on a cause is left out. A value that was changed before it was repeated is not found.
 */
export function withoutWords(error: BanyanError, values: readonly string[]): BanyanError {
  if (values.length === 0) return error;
  const { code, kind, retry, retryAfterMs, details, cause } = error;
  const clean = cleaning(values);
  const clear = new BanyanError(code, clean(error.message), {
    kind,
    retry,
    remedy: clean(error.remedy),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(details === undefined ? {} : { details: cleanData(details, clean) as Record<string, unknown> }),
    ...(cause === undefined ? {} : { cause: cleanCause(cause, clean, CAUSES) }),
  });
  return withStack(clear, error, clean);
}

type Clean = (words: string) => string;

function cleaning(values: readonly string[]): Clean {
  const said = new Set(values.flatMap(asSaid));
  const longestFirst = Array.from(said).toSorted((a, b) => b.length - a.length);
  const any = new RegExp(longestFirst.map((value) => value.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|"), "g");
  return (words) => words.replaceAll(any, INSTEAD);
}

function asSaid(value: string): string[] {
  const forms = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value.toWellFormed())];
  return value.length < LONG ? forms : [...forms, ...forms.map((form) => form.toLowerCase())];
}

function cleanCause(cause: unknown, clean: Clean, deep: number): unknown {
  if (typeof cause === "string") return clean(cause);
  if (!(cause instanceof Error) || deep === 0) return undefined;
  try {
    return cleanError(cause as Error & { readonly code?: unknown }, clean, deep);
  } catch {
    // what was thrown may be anything, and fail when it is looked at
    return undefined;
  }
}

function cleanError(error: Error & { readonly code?: unknown }, clean: Clean, deep: number): Error {
  const { code, cause } = error;
  const clear = new Error(
    clean(String(error.message)),
    cause === undefined ? undefined : { cause: cleanCause(cause, clean, deep - 1) },
  );
  clear.name = clean(String(error.name));
  if (typeof code === "string") Object.assign(clear, { code: clean(code) });
  return withStack(clear, error, clean);
}

function withStack<E extends Error>(clear: E, { stack }: Error, clean: Clean): E {
  if (typeof stack === "string") clear.stack = clean(stack);
  return clear;
}

function cleanData(data: unknown, clean: Clean): unknown {
  if (typeof data === "string") return clean(data);
  if (typeof data === "number") return clean(String(data)) === String(data) ? data : INSTEAD;
  if (Array.isArray(data)) return data.map((item) => cleanData(item, clean));
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([name, item]) => [name, cleanData(item, clean)]));
}

import { BanyanError, type ErrorOptions } from "./banyan-error.ts";

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
    ...cleanDetails(details, clean),
    ...(cause === undefined ? {} : { cause: cleanCause(cause, clean, CAUSES) }),
  });
  return withStack(clear, error, clean);
}

type Clean = (words: string) => string;

/** Without a pattern of all values: of long or many ones that would be too large, and then it is their words that the failure repeats. */
function cleaning(values: readonly string[]): Clean {
  const said = Array.from(new Set(values.flatMap(asSaid)));
  return (words) => replaced(words, said);
}

function replaced(words: string, said: readonly string[]): string {
  const found = said.flatMap((value) => placesOf(value, words)).toSorted((a, b) => a.from - b.from || b.to - a.to);
  let clear = "";
  let done = 0;
  for (const { from, to } of found) {
    if (from >= done) clear += words.slice(done, from) + INSTEAD;
    done = Math.max(done, to);
  }
  return clear + words.slice(done);
}

interface Place {
  readonly from: number;
  readonly to: number;
}

function placesOf(value: string, words: string): Place[] {
  const places: Place[] = [];
  for (let from = words.indexOf(value); from >= 0; from = words.indexOf(value, from + value.length))
    places.push({ from, to: from + value.length });
  return places;
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

function cleanDetails(details: BanyanError["details"], clean: Clean): Pick<ErrorOptions, "details"> {
  if (details === undefined) return {};
  try {
    return { details: cleanData(details, clean) as Record<string, unknown> };
  } catch {
    // they go round in a circle, or fail when they are looked at
    return {};
  }
}

function cleanData(data: unknown, clean: Clean): unknown {
  if (typeof data === "string") return clean(data);
  if (typeof data === "number") return clean(String(data)) === String(data) ? data : INSTEAD;
  if (Array.isArray(data)) return data.map((item) => cleanData(item, clean));
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([name, item]) => [name, cleanData(item, clean)]));
}

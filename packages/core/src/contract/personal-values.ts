import { isErased } from "./erased.ts";

/** A shorter word is in every sentence, and tells nobody apart. */
const LEAST_CHARACTERS = 3;
const LEAST_DIGITS = 4;

/** What stands in the fields at dotted paths, as it might be repeated in words; lists on the way have no name. */
export function personalValues(data: unknown, fields: readonly string[]): readonly string[] {
  return fields.flatMap((field) => below(data, field.split(".")).flatMap(words));
}

function below(value: unknown, names: readonly string[]): unknown[] {
  const [name, ...rest] = names;
  if (name === undefined) return [value];
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => below(item, names));
  return Object.hasOwn(value, name) ? below((value as Record<string, unknown>)[name], rest) : [];
}

function words(value: unknown): string[] {
  if (typeof value === "string") return value.length < LEAST_CHARACTERS ? [] : [value];
  if (typeof value === "number")
    return String(value).replaceAll(/\D/g, "").length < LEAST_DIGITS ? [] : [String(value)];
  if (typeof value !== "object" || value === null || isErased(value)) return [];
  return Object.values(value).flatMap(words);
}

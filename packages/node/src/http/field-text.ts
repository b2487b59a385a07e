import type { FieldShape } from "./field-shapes.ts";

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The values of one query parameter or path segment as its field wants them, or undefined when a scalar was given more than once. */
export function valueOfTexts(texts: readonly string[], shape: FieldShape | undefined): unknown {
  const [first = ""] = texts;
  const { types, items } = shape ?? { types: new Set<string>(), items: undefined };
  const list = types.has("array") && (texts.length > 1 || isOnlyList(types));
  if (list) return texts.map((text) => valueOfText(text, items?.types ?? new Set()));
  return texts.length > 1 ? undefined : valueOfText(first, types);
}

/** Text stays text wherever text is allowed, and where it is none of what is allowed: then the schema says so in its own words. */
export function valueOfText(text: string, types: ReadonlySet<string>): unknown {
  if (types.has("string")) return text;
  if ((types.has("integer") || types.has("number")) && NUMBER.test(text)) {
    const number = Number(text);
    // digits that a number cannot hold must not become another number
    if (Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number))) return number;
  }
  if (types.has("boolean") && (text === "true" || text === "false")) return text === "true";
  return text;
}

function isOnlyList(types: ReadonlySet<string>): boolean {
  return [...types].every((type) => type === "array" || type === "null");
}

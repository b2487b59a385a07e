import { jsonSchemaOf, type JsonSchema, type StandardSchema } from "../contract/index.ts";

/**
 * What a schema allows, in words that come from the schema alone. Messages of schema libraries are not used: they may repeat the value, and
 * values may be secrets.
 */
export function expectedBy(schema: StandardSchema<unknown, unknown>, path: readonly PropertyKey[] = []): string {
  const whole = jsonSchemaOf(schema, "input");
  if (typeof whole === "string") return wordsForNothing(schema);
  const { words, at } = partOf(whole, path);
  return at === "" ? words : `${words} at ${at}`;
}

/** How the schema reads text, where it says so; undefined where it does not. */
export function readsText(schema: StandardSchema<unknown, unknown>): boolean | undefined {
  const whole = jsonSchemaOf(schema, "input");
  const type = typeof whole === "string" ? undefined : whole["type"];
  return typeof type === "string" ? type === "string" : undefined;
}

/** Follows names that the schema itself has, and places in lists; names that only the value has are not told. */
function partOf(schema: JsonSchema, path: readonly PropertyKey[], at = ""): { words: string; at: string } {
  const [step, ...rest] = path;
  const here = { words: inWords(schema), at };
  if (step === undefined) return here;
  const fields = (schema["properties"] ?? {}) as JsonSchema;
  const below =
    typeof step === "number" ? schema["items"] : Object.hasOwn(fields, step) ? fields[String(step)] : undefined;
  if (!isSchema(below)) return here;
  return partOf(below, rest, at === "" ? String(step) : `${at}.${String(step)}`);
}

function inWords(schema: JsonSchema): string {
  const { description } = schema;
  const words = plainWords(schema);
  return typeof description === "string" && description !== "" ? `${description} (${words})` : words;
}

function plainWords(schema: JsonSchema): string {
  const choices = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(choices)) return choices.filter(isSchema).map(inWords).join(", or ");
  if (Array.isArray(schema["enum"])) return `one of ${schema["enum"].map((one) => JSON.stringify(one)).join(", ")}`;
  if ("const" in schema) return JSON.stringify(schema["const"]);
  switch (schema["type"]) {
    case "string":
      return `${FORMATS[String(schema["format"])] ?? "text"}${bounds(schema, "Length", " characters")}${pattern(schema)}`;
    case "integer":
      return `a whole number${bounds(schema, "imum", "")}`;
    case "number":
      return `a number${bounds(schema, "imum", "")}`;
    case "boolean":
      return "true or false";
    case "array":
      return isSchema(schema["items"]) ? `a list, each item ${inWords(schema["items"])}` : "a list";
    case "object":
      return "an object";
    case "null":
      return "null";
    default:
      return "what its schema allows";
  }
}

const FORMATS: Readonly<Record<string, string>> = {
  uri: "a URL",
  email: "an e-mail address",
  uuid: "a UUID",
  date: "a date (2026-01-31)",
  "date-time": "a time (2026-01-31T12:00:00Z)",
  ipv4: "an IPv4 address",
  ipv6: "an IPv6 address",
};

function bounds(schema: JsonSchema, what: "Length" | "imum", unit: string): string {
  const least = boundOf(schema[`min${what}`]);
  const most = boundOf(schema[`max${what}`]);
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}${unit}`;
  if (least !== undefined) return ` of ${least}${unit} or more`;
  return most === undefined ? "" : ` of ${most}${unit} or less`;
}

/** That a whole number is one that JavaScript can hold goes without saying. */
function boundOf(bound: unknown): number | undefined {
  return typeof bound === "number" && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? bound : undefined;
}

function pattern({ format, pattern: written }: JsonSchema): string {
  return typeof written === "string" && format === undefined ? ` that matches ${written}` : "";
}

/** Without a JSON Schema the library is asked what it says of nothing at all: no value can be in that. */
function wordsForNothing(schema: StandardSchema<unknown, unknown>): string {
  try {
    const result = schema["~standard"].validate(undefined);
    const [issue] = result instanceof Promise ? [] : (result.issues ?? []);
    return issue === undefined
      ? "what its schema allows"
      : `what its schema allows (without a value it says: ${issue.message})`;
  } catch {
    return "what its schema allows";
  }
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

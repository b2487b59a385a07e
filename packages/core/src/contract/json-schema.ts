import type { StandardSchema } from "./standard-schema.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;

/** The JSON Schema of what a schema reads or writes, or the reason why there is none. */
export function jsonSchemaOf(schema: StandardSchema<any, any>, side: "input" | "output"): JsonSchema | string {
  const standard: StandardSchema<any, any>["~standard"] | undefined = schema?.["~standard"];
  if (standard === undefined) return "it is not a Standard Schema (there is no `~standard`)";
  if (standard.jsonSchema === undefined)
    return `${standard.vendor} gives no Standard JSON Schema (there is no \`~standard.jsonSchema\`)`;
  try {
    return standard.jsonSchema[side]({ target: "draft-2020-12" });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The names of the fields an object schema has, or undefined when it is not a plain object schema. */
export function fieldsOf(schema: JsonSchema): readonly string[] | undefined {
  const properties = schema["properties"];
  return typeof properties === "object" && properties !== null ? Object.keys(properties) : undefined;
}

/**
 * Whether everything `written` allows is accepted by `read`, so that a stored value can be read back. Conservative: what it cannot prove
 * is a reason. Returns the first pointer at which it fails, or undefined.
 */
export function notAccepted(written: unknown, read: unknown, pointer = ""): string | undefined {
  if (sameJson(written, read) || read === true || isEmptySchema(read)) return undefined;
  if (!isSchema(written) || !isSchema(read)) return pointer || "/";
  for (const list of ["anyOf", "oneOf"]) {
    if (Array.isArray(written[list])) return notAcceptedList(written[list], read, `${pointer}/${list}`);
  }
  if (Array.isArray(read["anyOf"])) {
    return read["anyOf"].some((choice) => notAccepted(written, choice, pointer) === undefined)
      ? undefined
      : pointer || "/";
  }
  return notAcceptedPlain(written, read, pointer);
}

const STRUCTURE = new Set([
  "properties",
  "required",
  "additionalProperties",
  "items",
  "default",
  "$schema",
  "description",
  "title",
  "examples",
]);

function notAcceptedList(choices: readonly unknown[], read: JsonSchema, pointer: string): string | undefined {
  for (const [i, choice] of choices.entries()) {
    const found = notAccepted(choice, read, `${pointer}/${i}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function notAcceptedPlain(written: JsonSchema, read: JsonSchema, pointer: string): string | undefined {
  for (const [word, value] of Object.entries(read)) {
    if (!STRUCTURE.has(word) && !keywordHolds(written, word, value)) return `${pointer}/${word}`;
  }
  const required = (read["required"] ?? []) as readonly string[];
  const given = new Set((written["required"] ?? []) as readonly string[]);
  const absent = required.find((name) => !given.has(name));
  if (absent !== undefined) return `${pointer}/required/${absent}`;
  return notAcceptedFields(written, read, pointer) ?? notAcceptedItems(written, read, pointer);
}

/** `const` is the one-element `enum`; an integer is a number. Any other keyword must be the same on both sides. */
function keywordHolds(written: JsonSchema, word: string, value: unknown): boolean {
  if (word === "enum" && Array.isArray(value)) {
    const writes = Array.isArray(written["enum"])
      ? written["enum"]
      : "const" in written
        ? [written["const"]]
        : undefined;
    return writes !== undefined && writes.every((one) => value.some((other) => sameJson(one, other)));
  }
  if (word === "type" && value === "number" && written["type"] === "integer") return true;
  return sameJson(written[word], value);
}

function notAcceptedFields(written: JsonSchema, read: JsonSchema, pointer: string): string | undefined {
  const writes = (written["properties"] ?? {}) as Record<string, unknown>;
  const reads = (read["properties"] ?? {}) as Record<string, unknown>;
  const rest = read["additionalProperties"];
  for (const [name, schema] of Object.entries(writes)) {
    const target = Object.hasOwn(reads, name) ? reads[name] : (rest ?? true);
    const found =
      target === false ? `${pointer}/properties/${name}` : notAccepted(schema, target, `${pointer}/properties/${name}`);
    if (found !== undefined) return found;
  }
  const open = written["additionalProperties"];
  if (rest === undefined || rest === true || open === false) return undefined;
  return rest === false
    ? open === undefined
      ? undefined
      : `${pointer}/additionalProperties`
    : notAccepted(open ?? true, rest, `${pointer}/additionalProperties`);
}

function notAcceptedItems(written: JsonSchema, read: JsonSchema, pointer: string): string | undefined {
  return read["items"] === undefined
    ? undefined
    : notAccepted(written["items"] ?? true, read["items"], `${pointer}/items`);
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEmptySchema(value: unknown): boolean {
  return isSchema(value) && Object.keys(value).every((word) => word === "$schema");
}

function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const keys = Object.keys(left);
  const same = keys.length === Object.keys(right).length;
  return (
    same &&
    keys.every((key) => sameJson((left as Record<string, unknown>)[key], (right as Record<string, unknown>)[key]))
  );
}

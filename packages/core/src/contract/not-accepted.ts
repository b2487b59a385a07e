import type { JsonSchema } from "./json-schema.ts";

/**
 * Whether everything `written` allows is accepted by `read`, so that a stored value can be read back. Objects that do not say
 * `additionalProperties` are closed when written and open when read. Conservative: what it cannot prove is a reason. Returns the first
 * pointer at which it fails, or undefined.
 */
export function notAccepted(written: unknown, read: unknown, pointer = ""): string | undefined {
  if (written === false || read === true || sameJson(written, read) || isEmptySchema(read)) return undefined;
  if (!isSchema(written) || !isSchema(read)) return pointer || "/";
  for (const list of ["anyOf", "oneOf"]) {
    const choices = written[list];
    if (Array.isArray(choices))
      return firstOf(choices, (choice, i) => notAccepted(choice, read, `${pointer}/${list}/${i}`));
  }
  return notAcceptedByChoice(written, read, pointer) ?? notAcceptedPlain(written, read, pointer);
}

/** Of `anyOf` one must accept all that is written; of `oneOf` also no other may accept any of it. */
function notAcceptedByChoice(written: JsonSchema, { anyOf, oneOf }: JsonSchema, pointer: string): string | undefined {
  const refuses = (choice: unknown): boolean => notAccepted(written, choice) !== undefined;
  if (Array.isArray(anyOf) && anyOf.every(refuses)) return `${pointer}/anyOf`;
  if (!Array.isArray(oneOf)) return undefined;
  const apart = oneOf.filter((choice) => isApart(written, choice));
  return apart.length === oneOf.length - 1 && !oneOf.every(refuses) ? undefined : `${pointer}/oneOf`;
}

/** Whether no value fits both: their types differ, or a field that is always written has other values (a tag). */
function isApart(written: JsonSchema, other: unknown): boolean {
  if (!isSchema(other)) return other === false;
  if (!typesMeet(typesOf(written), typesOf(other))) return true;
  const values = valuesOf(written);
  const others = valuesOf(other);
  if (values !== undefined && others !== undefined) return !values.some((value) => includes(others, value));
  const fields = propertiesOf(other);
  return namesOf(written, "required").some((name) => {
    const field = propertiesOf(written)[name];
    return Object.hasOwn(fields, name) && isSchema(field) && isApart(field, fields[name]);
  });
}

function typesMeet(left: readonly unknown[], right: readonly unknown[]): boolean {
  if (left.length === 0 || right.length === 0) return true;
  return left.some((type) => accepts(right, type)) || right.some((type) => accepts(left, type));
}

const STRUCTURE: ReadonlySet<string> = new Set(
  "anyOf oneOf properties required additionalProperties prefixItems items $defs".split(" "),
);
const ANNOTATIONS: ReadonlySet<string> = new Set(
  "$schema $comment title description default examples deprecated readOnly writeOnly".split(" "),
);

function notAcceptedPlain(written: JsonSchema, read: JsonSchema, pointer: string): string | undefined {
  for (const [word, value] of Object.entries(read)) {
    if (!STRUCTURE.has(word) && !ANNOTATIONS.has(word) && !keywordHolds(written, word, value))
      return `${pointer}/${word}`;
  }
  const given = namesOf(written, "required");
  const absent = namesOf(read, "required").find((name) => !given.includes(name));
  if (absent !== undefined) return `${pointer}/required/${absent}`;
  return (
    notAcceptedFields(written, read, pointer) ??
    notAcceptedItems(written, read, pointer) ??
    notAcceptedDefinitions(written, read, pointer)
  );
}

/** `const` is the one-element `enum`; an integer is a number. Any other keyword must be the same on both sides. */
function keywordHolds(written: JsonSchema, word: string, value: unknown): boolean {
  if (word === "enum" && Array.isArray(value)) return valuesOf(written)?.every((one) => includes(value, one)) ?? false;
  if (word !== "type") return sameJson(written[word], value);
  const types = typesOf(written);
  const allowed = typesOf({ type: value });
  return types.length > 0 && types.every((type) => accepts(allowed, type));
}

function notAcceptedFields(written: JsonSchema, read: JsonSchema, pointer: string): string | undefined {
  const writes = propertiesOf(written);
  const reads = propertiesOf(read);
  const open = written["additionalProperties"] ?? false;
  const rest = read["additionalProperties"] ?? true;
  const names = new Set([...Object.keys(writes), ...Object.keys(reads)]);
  const found = firstOf([...names], (name) => {
    const field = Object.hasOwn(writes, name) ? writes[name] : open;
    return notAccepted(field, Object.hasOwn(reads, name) ? reads[name] : rest, `${pointer}/properties/${name}`);
  });
  return found ?? notAccepted(open, rest, `${pointer}/additionalProperties`);
}

function notAcceptedItems(written: JsonSchema, read: JsonSchema, pointer: string): string | undefined {
  const writes = (written["prefixItems"] ?? []) as readonly unknown[];
  const reads = (read["prefixItems"] ?? []) as readonly unknown[];
  const [open, rest] = [written["items"] ?? true, read["items"] ?? true];
  const longer = writes.length > reads.length ? writes : reads;
  const found = firstOf(longer, (_, i) =>
    notAccepted(writes[i] ?? open, reads[i] ?? rest, `${pointer}/prefixItems/${i}`),
  );
  return found ?? notAccepted(open, rest, `${pointer}/items`);
}

/** Equal references were taken to agree; they do when what they name does, also where it names itself. */
function notAcceptedDefinitions(written: JsonSchema, read: JsonSchema, pointer: string): string | undefined {
  const writes = (written["$defs"] ?? {}) as JsonSchema;
  const reads = (read["$defs"] ?? {}) as JsonSchema;
  const shared = Object.keys(reads).filter((name) => Object.hasOwn(writes, name));
  return firstOf(shared, (name) => notAccepted(writes[name], reads[name], `${pointer}/$defs/${name}`));
}

function firstOf<T>(list: readonly T[], find: (one: T, index: number) => string | undefined): string | undefined {
  for (const [i, one] of list.entries()) {
    const found = find(one, i);
    if (found !== undefined) return found;
  }
  return undefined;
}

const propertiesOf = (schema: JsonSchema): JsonSchema => (schema["properties"] ?? {}) as JsonSchema;
const namesOf = (schema: JsonSchema, word: string): readonly string[] => (schema[word] ?? []) as readonly string[];
const typesOf = ({ type }: JsonSchema): readonly unknown[] => (type === undefined ? [] : [type].flat());
const accepts = (types: readonly unknown[], type: unknown): boolean =>
  types.includes(type) || (type === "integer" && types.includes("number"));
const includes = (values: readonly unknown[], value: unknown): boolean => values.some((one) => sameJson(one, value));

/** All values a schema lists, or undefined when it lists none. */
function valuesOf(schema: JsonSchema): readonly unknown[] | undefined {
  if (Array.isArray(schema["enum"])) return schema["enum"];
  return "const" in schema ? [schema["const"]] : undefined;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEmptySchema(value: unknown): boolean {
  return isSchema(value) && Object.keys(value).every((word) => ANNOTATIONS.has(word));
}

function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const keys = Object.keys(left);
  const same = keys.length === Object.keys(right).length;
  return same && keys.every((key) => sameJson((left as JsonSchema)[key], (right as JsonSchema)[key]));
}

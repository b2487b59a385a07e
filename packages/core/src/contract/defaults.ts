import { isErased } from "./erased.ts";
import type { JsonSchema } from "./json-schema.ts";

interface Place {
  /** Where the value is in the data. */
  readonly at: string;
  /** The whole schema, which references lead into. */
  readonly root: JsonSchema;
  /** Paths of what may be missing. */
  readonly missing: string[];
}

/**
 * A value with the defaults its JSON Schema names for fields that are absent. Beside it the paths of fields that are required and have none, and of values
 * that may be one or another alternative, with other defaults: which it is would be for the schema itself to say.
 */
export function withDefaults(
  root: JsonSchema,
  value: unknown,
): { readonly whole: unknown; readonly missing: string[] } {
  const missing: string[] = [];
  return { whole: completed(root, value, { at: "", root, missing }), missing };
}

function completed(schema: unknown, value: unknown, place: Place): unknown {
  if (!isObject(schema) || !isObject(value) || isErased(value)) return value;
  const { $ref, allOf = [], anyOf = [], oneOf = [] } = schema;
  const referred = $ref === undefined ? value : completed(targetOf($ref, place.root), value, place);
  const whole = (allOf as unknown[]).reduce((rest, part) => completed(part, rest, place), referred);
  const choices = [anyOf, oneOf].flat();
  const chosen = choices.length === 0 ? whole : completedAsOne(choices, whole as JsonSchema, place);
  return Array.isArray(chosen) ? items(schema, chosen, place) : fields(schema, chosen as JsonSchema, place);
}

/** As the one alternative that it can be. Where it can be several, all must leave it as it is: then it does not matter which. */
function completedAsOne(choices: readonly unknown[], value: JsonSchema, place: Place): unknown {
  const tried = choices
    .filter((choice) => mayBe(choice, value, place.root))
    .map((choice) => {
      const missing: string[] = [];
      return { whole: completed(choice, value, { ...place, missing }), missing };
    });
  const possible = tried.filter(({ missing }) => missing.length === 0);
  const [only] = possible;
  if (possible.length === 1 && only !== undefined) return only.whole;
  const before = JSON.stringify(value);
  if (possible.length === 0 || possible.some(({ whole }) => JSON.stringify(whole) !== before))
    place.missing.push(...(tried.length === 1 && tried[0] !== undefined ? tried[0].missing : [place.at || "the data"]));
  return value;
}

function items({ prefixItems = [], items: others }: JsonSchema, value: readonly unknown[], place: Place): unknown[] {
  const first = prefixItems as readonly unknown[];
  const whole = value.map((item, i) => completed(first[i] ?? others, item, below(place, String(i))));
  for (const absent of first.slice(whole.length)) {
    if (!hasDefault(absent)) break;
    whole.push(absent["default"]);
  }
  return whole;
}

function fields(schema: JsonSchema, value: JsonSchema, place: Place): JsonSchema {
  const { properties = {}, required = [], additionalProperties } = schema;
  const known = properties as JsonSchema;
  const whole = Object.fromEntries(
    Object.entries(value).map(([name, field]) => {
      const declared = Object.hasOwn(known, name) ? known[name] : additionalProperties;
      return [name, completed(declared, field, below(place, name))];
    }),
  );
  for (const [name, field] of Object.entries(known)) {
    if (Object.hasOwn(whole, name)) continue;
    if (hasDefault(field)) whole[name] = field["default"];
    else if ((required as readonly string[]).includes(name)) place.missing.push(below(place, name).at);
  }
  return whole;
}

const below = (place: Place, name: string): Place => ({
  ...place,
  at: place.at === "" ? name : `${place.at}.${name}`,
});

function isObject(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null;
}

function hasDefault(schema: unknown): schema is JsonSchema {
  return isObject(schema) && Object.hasOwn(schema, "default");
}

/** `#` or `#/$defs/name`; what leads elsewhere is not known. */
function targetOf($ref: unknown, root: JsonSchema): unknown {
  const [, ...path] = String($ref).split("/");
  return path.reduce<unknown>((found, name) => (isObject(found) ? found[name] : undefined), root);
}

/** Whether a value may be what this schema describes: its constants say what it is not. */
function mayBe(schema: unknown, value: JsonSchema, root: JsonSchema): boolean {
  if (!isObject(schema)) return schema !== false;
  if (schema["$ref"] !== undefined) return mayBe(targetOf(schema["$ref"], root), value, root);
  if (typeof schema["type"] === "string" && schema["type"] !== (Array.isArray(value) ? "array" : "object"))
    return false;
  return Object.entries((schema["properties"] ?? {}) as JsonSchema).every(
    ([name, field]) => !isObject(field) || !("const" in field) || !(name in value) || field["const"] === value[name],
  );
}

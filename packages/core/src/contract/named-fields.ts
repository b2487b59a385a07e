import { jsonSchemaOf, type JsonSchema } from "./json-schema.ts";
import type { StandardSchema } from "./standard-schema.ts";

/** What a schema names, where it says nothing of the fields it does not name. */
interface Shape {
  /** Fields that are not in `fields` are nobody's. */
  readonly closed: boolean;
  readonly fields: ReadonlyMap<string, Shape | undefined>;
  readonly items: Shape | undefined;
}

const known = new WeakMap<StandardSchema, Shape | undefined>();

/**
 * A checked value without the fields that its schema does not name. Some schema libraries leave them in (ArkType does), and a handler that writes its
 * input to a table would write them too. A schema that allows others (`additionalProperties`) keeps them; one without a JSON Schema keeps all.
 */
export function namedFields<T>(schema: StandardSchema<any, T>, value: T): T {
  const shape = known.has(schema) ? known.get(schema) : shapeFrom(schema);
  return shape === undefined ? value : (pruned(value, shape) as T);
}

/** Takes them away itself, and its JSON Schema does not say where it is told to keep them (`looseObject`). */
const BY_ITSELF = new Set(["valibot"]);

function shapeFrom(schema: StandardSchema): Shape | undefined {
  const { vendor } = schema["~standard"];
  const json = BY_ITSELF.has(vendor) ? vendor : jsonSchemaOf(schema, "output");
  const shape = typeof json === "string" ? undefined : shapeOf(json);
  known.set(schema, shape);
  return shape;
}

/** Undefined where there is nothing to take away, here or below. */
function shapeOf(schema: JsonSchema): Shape | undefined {
  const parts = partsOf(schema);
  if (parts === undefined) return undefined;
  const objects = parts.filter(({ properties }) => isSchema(properties));
  const fields = new Map<string, Shape | undefined>();
  for (const { properties } of objects)
    for (const [name, below] of Object.entries(properties as JsonSchema)) {
      // of a name that several parts have, what is below is left as it is
      const shape = fields.has(name) || !isSchema(below) ? undefined : shapeOf(below);
      fields.set(name, shape);
    }
  const [list, ...more] = parts.filter(({ items }) => isSchema(items));
  const items = list === undefined || more.length > 0 ? undefined : shapeOf(list["items"] as JsonSchema);
  const closed = objects.length > 0 && parts.every(namesAll);
  return closed || items !== undefined || [...fields.values()].some(Boolean) ? { closed, fields, items } : undefined;
}

/** A schema with its alternatives and conjuncts; undefined where it refers to others. */
function partsOf(schema: JsonSchema): readonly JsonSchema[] | undefined {
  if ("$ref" in schema || "$dynamicRef" in schema) return undefined;
  const parts: JsonSchema[] = [schema];
  for (const word of ["anyOf", "oneOf", "allOf"] as const)
    for (const one of Array.isArray(schema[word]) ? schema[word] : []) {
      const below = isSchema(one) ? partsOf(one) : undefined;
      if (below === undefined) return undefined;
      parts.push(...below);
    }
  return parts;
}

/** Whether it names the fields of every object that it allows. */
function namesAll(part: JsonSchema): boolean {
  const open = ["additionalProperties", "patternProperties", "unevaluatedProperties", "propertyNames"];
  if (open.some((word) => word in part)) return false;
  const combined = ["anyOf", "oneOf", "allOf"].some((word) => word in part);
  const noObject = typeof part["type"] === "string" && part["type"] !== "object";
  return isSchema(part["properties"]) || combined || noObject || "const" in part || "enum" in part;
}

function pruned(value: unknown, shape: Shape): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const { items } = shape;
    return items === undefined ? value : value.map((item) => pruned(item, items));
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const { closed, fields } = shape;
  const entries = Object.entries(value).filter(([name]) => !closed || fields.has(name));
  return Object.fromEntries(
    entries.map(([name, below]) => {
      const inner = fields.get(name);
      return [name, inner === undefined ? below : pruned(below, inner)];
    }),
  );
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

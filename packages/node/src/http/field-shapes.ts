import type { JsonSchema } from "@banyan/core";

/** What a field of an input may be, as far as text has to be turned into it. Empty `types` = anything. */
export interface FieldShape {
  readonly types: ReadonlySet<string>;
  readonly items: FieldShape | undefined;
}

export type FieldShapes = ReadonlyMap<string, FieldShape>;

/** References and alternatives are followed this far: a path or a query carries scalars and lists of them. */
const DEPTH = 8;

/** The fields of an input schema; of alternatives, those of all of them together. */
export function fieldShapes(schema: JsonSchema): FieldShapes {
  const found = new Map<string, FieldShape>();
  for (const branch of branches(schema, schema, DEPTH)) {
    for (const [name, field] of Object.entries(asSchema(branch["properties"]))) {
      const shape = shapeOf(field, schema);
      const other = found.get(name);
      found.set(name, other === undefined ? shape : merged(other, shape));
    }
  }
  return found;
}

const OPEN = ["additionalProperties", "patternProperties", "unevaluatedProperties", "propertyNames"] as const;

/** Whether an input may have fields that its schema does not name. Where it names none, nobody knows. */
export function takesOthers(schema: JsonSchema): boolean {
  const all = branches(schema, schema, DEPTH);
  const open = all.some((branch) => OPEN.some((word) => word in branch && branch[word] !== false));
  return open || !all.some((branch) => branch["properties"] !== undefined);
}

function shapeOf(field: unknown, root: JsonSchema): FieldShape {
  const all = branches(field, root, DEPTH);
  const items = all.find((branch) => branch["items"] !== undefined)?.["items"];
  return {
    types: new Set(all.flatMap(typesOf)),
    items: items === undefined ? undefined : shapeOf(asSchema(items), root),
  };
}

function merged(left: FieldShape, right: FieldShape): FieldShape {
  return { types: new Set([...left.types, ...right.types]), items: left.items ?? right.items };
}

/** The schema itself and every alternative or part of it, references resolved. */
function branches(schema: unknown, root: JsonSchema, depth: number): JsonSchema[] {
  const node = asSchema(schema);
  if (depth === 0) return [node];
  const { $ref, anyOf, oneOf, allOf } = node as Record<string, unknown>;
  const parts = [anyOf, oneOf, allOf].flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []));
  const target = typeof $ref === "string" ? [resolve($ref, root)] : [];
  return [node, ...[...parts, ...target].flatMap((part) => branches(part, root, depth - 1))];
}

/** Local references only (`#`, `#/$defs/Name`). */
function resolve(reference: string, root: JsonSchema): unknown {
  const steps = reference
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  return steps.reduce<unknown>((node, step) => asSchema(node)[step], root);
}

function typesOf({ type, const: only, enum: choices }: Readonly<Record<string, unknown>>): string[] {
  if (typeof type === "string") return [type];
  if (Array.isArray(type)) return type.map(String);
  const values = Array.isArray(choices) ? (choices as unknown[]) : only === undefined ? [] : [only];
  return values.map((value) => typeof value);
}

function asSchema(value: unknown): JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonSchema) : {};
}

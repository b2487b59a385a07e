import { oddNumber, oddText, oddValue, type Draw } from "./odd-values.ts";

/** As much of JSON Schema as contracts are written in. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
}

const two = (number: number): string => String(number).padStart(2, "0");

/** Few of each, so that inputs meet what earlier ones have left. */
const FORMATS: Readonly<Record<string, (draw: Draw) => string>> = {
  uuid: (draw) => `00000000-0000-4000-8000-${String(draw.below(500)).padStart(12, "0")}`,
  email: (draw) => `a${draw.below(100)}@example.test`,
  date: (draw) => `2026-${two(1 + draw.below(12))}-${two(1 + draw.below(28))}`,
  "date-time": (draw) => `2026-01-${two(1 + draw.below(28))}T${two(draw.below(24))}:00:00Z`,
};

/** A value that a schema accepts, as far as it can be told from the schema. */
export function validFor(schema: Schema, draw: Draw): unknown {
  const choices = schema.anyOf ?? schema.oneOf;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return draw.of(schema.enum);
  if (choices !== undefined) return validFor(draw.of(choices), draw);
  const type = typeof schema.type === "string" ? schema.type : draw.of(schema.type ?? ["any"]);
  switch (type) {
    case "object":
      return objectFor(schema, draw);
    case "array":
      return arrayFor(schema, draw);
    case "integer":
    case "number":
      return numberFor(schema, draw);
    case "string":
      return textFor(schema, draw);
    case "boolean":
      return draw.oneIn(2);
    case "null":
      return null;
    default:
      return oddValue(draw);
  }
}

function objectFor({ properties = {}, required = [], additionalProperties }: Schema, draw: Draw): object {
  const named = Object.entries(properties).filter(([name]) => required.includes(name) || draw.oneIn(2));
  const members = named.map(([name, schema]) => [name, validFor(schema, draw)]);
  if (typeof additionalProperties !== "object") return Object.fromEntries(members);
  const more = draw.some(3, () => [oddText(draw), validFor(additionalProperties, draw)]);
  return Object.fromEntries([...members, ...more]);
}

function arrayFor({ items, prefixItems, minItems = 0 }: Schema, draw: Draw): unknown[] {
  if (prefixItems !== undefined) return prefixItems.map((schema) => validFor(schema, draw));
  const length = minItems + draw.below(draw.oneIn(50) ? 300 : 4);
  return Array.from({ length }, () => validFor(items ?? {}, draw));
}

function numberFor({ minimum = 0, maximum = 1_000 }: Schema, draw: Draw): number {
  if (draw.oneIn(10)) return draw.of([minimum, maximum]);
  return minimum + draw.below(Math.max(1, Math.min(maximum - minimum, 1_000)));
}

function textFor({ format = "", minLength = 0, maxLength = 40 }: Schema, draw: Draw): string {
  const formatted = FORMATS[format];
  if (formatted !== undefined) return formatted(draw);
  const text = draw.oneIn(4) ? oddText(draw) : `s${draw.below(40)}`;
  return text.slice(0, maxLength).padEnd(minLength, "x");
}

/** Nearly the same: one value somewhere in it is another, is missing or has company. */
export function mutated(value: unknown, draw: Draw): unknown {
  if (typeof value !== "object" || value === null || draw.oneIn(6)) return otherThan(value, draw);
  if (Array.isArray(value)) {
    if (value.length === 0 || draw.oneIn(5)) return [...(value as unknown[]), oddValue(draw)];
    const at = draw.below(value.length);
    return value.map((item: unknown, i) => (i === at ? mutated(item, draw) : item));
  }
  const names = Object.keys(value);
  const name = draw.oneIn(5) || names.length === 0 ? oddText(draw) : draw.of(names);
  const { [name]: old, ...rest } = value as Record<string, unknown>;
  return draw.oneIn(5) ? rest : { ...rest, [name]: mutated(old, draw) };
}

function otherThan(value: unknown, draw: Draw): unknown {
  if (draw.oneIn(3)) return oddValue(draw);
  // a confusion of types: what looks the same
  if (typeof value === "number") return draw.of([String(value), [value], value + 0.5, -value, oddNumber(draw)]);
  if (typeof value === "string")
    return draw.of([Number(value), [value], { [value]: value }, value + oddText(draw), null]);
  return draw.of<unknown>([[value], JSON.stringify(value) ?? "", null, { length: 3 }, { toString: 1 }]);
}

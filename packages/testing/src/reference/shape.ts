import type { StandardSchema } from "@banyan/core";

type Kind = "string" | "integer";
type Value<K extends Kind> = K extends "string" ? string : number;
type Shaped<Fields extends Readonly<Record<string, Kind>>> = { readonly [Name in keyof Fields]: Value<Fields[Name]> };

/** The smallest schema that contracts accept: an object with these fields, all of them required. Keeps this package free of a schema library. */
export function shape<const Fields extends Readonly<Record<string, Kind>>>(
  fields: Fields,
): StandardSchema<Shaped<Fields>> {
  const names = Object.keys(fields);
  const properties = Object.fromEntries(names.map((name) => [name, { type: fields[name] }]));
  const jsonSchema = (): Record<string, unknown> => ({
    type: "object",
    properties,
    required: names,
    additionalProperties: false,
  });
  const validate = (value: unknown): { value: Shaped<Fields> } | { issues: { message: string; path: string[] }[] } => {
    const given = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
    const wrong = names.filter((name) => !isKind(given[name], fields[name] as Kind));
    if (wrong.length > 0)
      return { issues: wrong.map((name) => ({ message: `must be a ${fields[name]}`, path: [name] })) };
    return { value: Object.fromEntries(names.map((name) => [name, given[name]])) as Shaped<Fields> };
  };
  return {
    "~standard": {
      version: 1,
      vendor: "banyan-testing",
      validate,
      jsonSchema: { input: jsonSchema, output: jsonSchema },
    },
  };
}

function isKind(value: unknown, kind: Kind): boolean {
  return kind === "string" ? typeof value === "string" : Number.isSafeInteger(value);
}

import { messageOf } from "../error/index.ts";
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
    return messageOf(error);
  }
}

/** The names of the fields an object schema has, or undefined when it is not a plain object schema. */
export function fieldsOf(schema: JsonSchema): readonly string[] | undefined {
  const properties = schema["properties"];
  return typeof properties === "object" && properties !== null ? Object.keys(properties) : undefined;
}

/** Whether values of a schema can have something at a path of field names; lists on the way have no name. */
export function hasPath(schema: unknown, path: readonly string[]): boolean {
  const [name, ...rest] = path;
  if (name === undefined || schema === true) return true;
  if (typeof schema !== "object" || schema === null) return false;
  if (Object.keys(schema).length === 0) return true;
  const { properties = {}, additionalProperties = false, items, anyOf, oneOf, $ref } = schema as JsonSchema;
  // Where a reference leads is not looked at: it is given the benefit of the doubt.
  if ($ref !== undefined) return true;
  const fields = properties as JsonSchema;
  const field = Object.hasOwn(fields, name) ? fields[name] : additionalProperties;
  return (
    (field !== false && hasPath(field, rest)) || [items, anyOf, oneOf].flat().some((inner) => hasPath(inner, path))
  );
}

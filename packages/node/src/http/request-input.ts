import { BanyanError, canonicalJson, didYouMean } from "@banyan/core";
import type { FieldShapes } from "./field-shapes.ts";
import { valueOfText, valueOfTexts } from "./field-text.ts";

export interface InputParts {
  /** The JSON value of the body, undefined when there is none. */
  readonly body: unknown;
  /** Decoded path parameters. */
  readonly path: Readonly<Record<string, string>>;
  /** Empty where the method takes no query string. */
  readonly query: URLSearchParams;
  /** Names of a query that the schema does not name are wrong unless it allows others. */
  readonly othersTaken?: boolean;
}

/** The input of an operation out of the parts of a request. What a path says, nothing else may contradict. */
export function inputOf(
  { body, path, query, othersTaken = true }: InputParts,
  shapes: FieldShapes,
): Record<string, unknown> {
  if (!othersTaken) assertNamed(query, shapes);
  const fields = new Map<string, unknown>(Object.entries(objectOf(body)));
  for (const [name, texts] of Map.groupBy(query, ([key]) => key)) {
    fields.set(
      name,
      queryValue(
        name,
        texts.map(([, text]) => text),
        shapes,
      ),
    );
  }
  for (const [name, text] of Object.entries(path)) {
    const value = valueOfText(text, shapes.get(name)?.types ?? new Set());
    if (fields.has(name) && canonicalJson(fields.get(name)) !== canonicalJson(value)) {
      throw invalidInput(name, "contradicts the path of the request");
    }
    fields.set(name, value);
  }
  // defines own fields, "__proto__" too, and never sets a prototype
  return Object.fromEntries(fields);
}

/** Where the input is the body, a query would be taken for read and change nothing. */
export function refuseQuery(query: URLSearchParams, { method, shapes }: { method: string; shapes: FieldShapes }): void {
  if (query.size === 0) return;
  const issues = [...new Set(query.keys())].map((path) => {
    const isField = shapes.has(path);
    const meant = isField ? `: give "${path}" in the body` : `.${didYouMean(path, shapes.keys())}`;
    return { path, message: `is not read from the query with ${method}${meant}` };
  });
  throw invalidQuery(issues);
}

/** All at once: a name that was mistyped would otherwise ask for something else than was meant. */
function assertNamed(query: URLSearchParams, shapes: FieldShapes): void {
  const unknown = [...new Set(query.keys())].filter((name) => !shapes.has(name));
  if (unknown.length === 0) return;
  const issues = unknown.map((path) => ({
    path,
    message: `is no parameter of this operation${didYouMean(path, shapes.keys())}`,
  }));
  throw invalidQuery(issues);
}

function invalidQuery(issues: readonly { readonly path: string; readonly message: string }[]): BanyanError {
  const words = issues.map(({ path, message }) => `"${path}" ${message}`).join("; ");
  return new BanyanError("input-invalid", `The query is not valid: ${words}`, { details: { issues } });
}

function objectOf(body: unknown): object {
  if (body === undefined) return {};
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body;
  throw invalidInput("", "must be a JSON object");
}

function queryValue(name: string, texts: readonly string[], shapes: FieldShapes): unknown {
  const value = valueOfTexts(texts, shapes.get(name));
  if (value === undefined) throw invalidInput(name, "is given more than once and takes one value");
  return value;
}

export function invalidInput(path: string, message: string): BanyanError {
  const subject = path === "" ? "The body" : `"${path}"`;
  return new BanyanError("input-invalid", `${subject} ${message}.`, { details: { issues: [{ path, message }] } });
}

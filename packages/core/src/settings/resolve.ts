import type { StandardIssue, StandardSchema } from "../contract/index.ts";
import { BanyanError } from "../error/index.ts";
import { expectedBy, readsText } from "./expected.ts";
import { Secret } from "./secret.ts";
import type { SettingField, Settings } from "./settings.ts";

/** One mistake. It never says a value: values may be secrets. */
export interface SettingProblem {
  /** Of the setting, `db.url`; of the source where the mistake is in the source as a whole. */
  readonly name: string;
  /** Where the value came from: `the environment variable DB_URL`; "" where it is missing. */
  readonly source: string;
  readonly expected: string;
  readonly message: string;
}

/** A value, and whether it was written as text, as in an environment variable; or why a source that has it cannot give it. */
export type FoundSetting =
  | { readonly value: unknown; readonly text: boolean; readonly source: string }
  | { readonly problem: SettingProblem };

/** One source of settings. */
export interface SettingsLayer {
  readonly find: (field: SettingField) => FoundSetting | undefined;
  /** What is wrong with the source as a whole. */
  readonly problems: readonly SettingProblem[];
  /** How one sets a setting here, for the message about one that is missing. */
  readonly way?: (field: SettingField) => string | undefined;
}

/** A setting as far as it may be shown. */
export interface SettingState {
  readonly name: string;
  readonly variable: string;
  readonly fileVariable: string | undefined;
  readonly secret: boolean;
  /** What its schema reads, in words; never a value. */
  readonly expected: string;
  /** `default` where its schema has one and nothing sets it; undefined where it has no value. */
  readonly source: string | undefined;
  /** Whether something outside the schema sets it. */
  readonly set: boolean;
  readonly valid: boolean;
}

export type SettingValues = Readonly<Record<string, unknown>>;

export interface ResolvedSettings {
  readonly values: SettingValues;
  readonly problems: readonly SettingProblem[];
  readonly states: readonly SettingState[];
}

/** Takes each setting from the first layer that has it, else from the default of its schema. Collects all mistakes; throws nothing. */
export function resolveSettings(settings: Settings | undefined, layers: readonly SettingsLayer[]): ResolvedSettings {
  const values: Record<string, unknown> = {};
  const problems = layers.flatMap((layer) => layer.problems);
  const states: SettingState[] = [];
  for (const field of settings?.fields ?? []) {
    const { name, variable, fileVariable, secret } = field;
    const found = foundIn(layers, field);
    const outcome = outcomeOf(field, { found, layers });
    if ("problem" in outcome) problems.push(outcome.problem);
    else put(values, field.path, wrapped(field, outcome.value));
    states.push({
      name,
      variable,
      fileVariable,
      secret,
      expected: expectedBy(field.schema),
      set: found !== undefined,
      source: sourceOf(found, outcome),
      valid: !("problem" in outcome),
    });
  }
  return { values, problems, states };
}

/** The values, or one `settings-invalid` that names every mistake. */
export function valuesOf({ values, problems }: ResolvedSettings): SettingValues {
  if (problems.length === 0) return values;
  const lines = problems.map(({ message }) => `  ${message}`);
  const count = problems.length === 1 ? "1 mistake" : `${problems.length} mistakes`;
  throw new BanyanError("settings-invalid", `The settings are not valid: ${count}.\n${lines.join("\n")}`, {
    details: { problems },
  });
}

type Outcome = { readonly value: unknown } | { readonly problem: SettingProblem };

function outcomeOf(
  field: SettingField,
  { found, layers }: { readonly found: FoundSetting | undefined; readonly layers: readonly SettingsLayer[] },
): Outcome {
  if (found === undefined) {
    const absent = read(field.schema, undefined);
    return "issues" in absent ? { problem: missing(field, layers) } : absent;
  }
  if ("problem" in found) return found;
  const judged = found.text ? readText(field.schema, String(found.value)) : read(field.schema, revealed(found.value));
  return "issues" in judged ? { problem: wrong(field, found.source, judged) } : judged;
}

type Read = { readonly value: unknown } | Refusal;

interface Refusal {
  readonly issues: readonly StandardIssue[];
  /** Settings are read at once: a schema that answers later is a mistake in itself. */
  readonly waits?: true;
}

/** What a schema throws may have the value in it, so nothing is told of it. */
function read(schema: StandardSchema<unknown, unknown>, value: unknown): Read {
  try {
    const result = schema["~standard"].validate(value);
    if (!(result instanceof Promise))
      return result.issues === undefined ? { value: result.value } : { issues: result.issues };
    result.catch(() => {});
    return { issues: [], waits: true };
  } catch {
    return { issues: [] };
  }
}

/** Text where the schema reads text, JSON where it reads something else; where it does not say, first the one and then the other. */
function readText(schema: StandardSchema<unknown, unknown>, text: string): Read {
  const asText = readsText(schema);
  const plain = asText === false ? { issues: [] } : read(schema, text);
  if (asText === true || !("issues" in plain)) return plain;
  const parsed = parse(text);
  return parsed === undefined ? plain : read(schema, parsed.value);
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function foundIn(layers: readonly SettingsLayer[], field: SettingField): FoundSetting | undefined {
  for (const layer of layers) {
    const found = layer.find(field);
    if (found !== undefined) return found;
  }
  return undefined;
}

function sourceOf(found: FoundSetting | undefined, outcome: Outcome): string | undefined {
  if (found !== undefined) return "problem" in found ? found.problem.source : found.source;
  return "problem" in outcome || outcome.value === undefined ? undefined : "default";
}

function missing(field: SettingField, layers: readonly SettingsLayer[]): SettingProblem {
  const expected = expectedBy(field.schema);
  const ways = layers.flatMap(({ way }) => way?.(field) ?? []);
  const how = ways.length === 0 ? "" : ` Set ${ways.join(", or ")}.`;
  return { name: field.name, source: "", expected, message: `${field.name} is not set. Expected: ${expected}.${how}` };
}

function wrong(field: SettingField, source: string, { issues, waits }: Refusal): SettingProblem {
  const path = (issues[0]?.path ?? []).map((step) => (typeof step === "object" ? step.key : step));
  const expected = waits === true ? "a schema that answers at once" : expectedBy(field.schema, path);
  return {
    name: field.name,
    source,
    expected,
    message: `${field.name} from ${source} is wrong. Expected: ${expected}.`,
  };
}

const revealed = (value: unknown): unknown => (value instanceof Secret ? value.reveal() : value);

const wrapped = (field: SettingField, value: unknown): unknown =>
  field.secret && value !== undefined ? new Secret(value) : value;

function put(values: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = "", ...rest] = path;
  if (rest.length === 0) values[name] = value;
  else put((values[name] ??= {}) as Record<string, unknown>, rest, value);
}

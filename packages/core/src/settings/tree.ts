import { didYouMean } from "../error/index.ts";
import { resolveSettings, valuesOf, type SettingProblem, type SettingsLayer, type SettingValues } from "./resolve.ts";
import type { SettingField, Settings } from "./settings.ts";

export interface TreeSource {
  /** What it is called in messages: `banyan.json`. */
  readonly source: string;
  readonly way?: (field: SettingField) => string;
}

/** A source that is one object, as a file of JSON is. Names in it that nothing declares are mistakes. */
export function treeLayer(settings: Settings | undefined, tree: unknown, { source, way }: TreeSource): SettingsLayer {
  const fields = settings?.fields ?? [];
  const problems = strangers(tree, { fields, source, path: [] });
  const find: SettingsLayer["find"] = ({ path }) => {
    const found = at(tree, path);
    return found === undefined ? undefined : { value: found.value, text: false, source };
  };
  return { find, problems, ...(way === undefined ? {} : { way }) };
}

/** Settings given in code, as tests give them: checked, and completed with defaults. Throws `settings-invalid`. */
export function givenSettings(settings: Settings | undefined, given: SettingValues = {}): SettingValues {
  const way = ({ name }: SettingField): string => `"${name}" among the settings given`;
  return valuesOf(resolveSettings(settings, [treeLayer(settings, given, { source: "the settings given", way })]));
}

/** A value that is undefined is not there. */
function at(tree: unknown, path: readonly string[]): { readonly value: unknown } | undefined {
  let value: unknown = tree;
  for (const name of path) {
    if (!isTree(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value === undefined ? undefined : { value };
}

interface Place {
  readonly fields: readonly SettingField[];
  readonly source: string;
  readonly path: readonly string[];
}

function strangers(tree: unknown, { fields, source, path }: Place): SettingProblem[] {
  if (!isTree(tree)) return [notAGroup(source, path)];
  const here = fields.filter((field) => path.every((name, i) => field.path[i] === name));
  const known = new Set(here.map((field) => field.path[path.length] ?? ""));
  return Object.keys(tree).flatMap((name) => {
    const below = [...path, name];
    if (!known.has(name)) return [stranger({ name: below.join("."), source }, didYouMean(name, known))];
    return here.some((field) => field.path.length > below.length && field.path[path.length] === name)
      ? strangers(tree[name], { fields, source, path: below })
      : [];
  });
}

function stranger({ name, source }: { readonly name: string; readonly source: string }, near: string): SettingProblem {
  const expected = "a setting that is declared";
  return { name, source, expected, message: `${name} in ${source} is no setting.${near}` };
}

function notAGroup(source: string, path: readonly string[]): SettingProblem {
  const name = path.join(".");
  const what = name === "" ? source : `${name} in ${source}`;
  return { name: name || source, source, expected: "an object", message: `${what} is wrong. Expected: an object.` };
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

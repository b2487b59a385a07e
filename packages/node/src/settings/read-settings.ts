import {
  resolveSettings,
  treeLayer,
  type App,
  type FoundSetting,
  type ResolvedSettings,
  type SettingField,
  type SettingProblem,
  type SettingsLayer,
  type SettingValues,
} from "@banyan/core";
import { readFileSync } from "node:fs";
import { basename } from "node:path";

export interface SettingsSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A file of JSON that has to be there. */
  readonly file?: string | undefined;
  /** Given in code: before all others. */
  readonly given?: SettingValues | undefined;
}

/**
 * What is set from outside. From the strongest: what is given in code, files that variables `…_FILE` name (secrets only), environment variables, the
 * settings file, defaults of the schemas. Throws nothing: mistakes are among what it answers.
 */
export function readSettings({ settings }: App, { env, file, given }: SettingsSources): ResolvedSettings {
  const layers = [
    ...(given === undefined ? [] : [treeLayer(settings, given, { source: "the settings given" })]),
    secretFiles(env),
    variables(env),
    settingsFile(settings, file),
  ];
  return resolveSettings(settings, layers);
}

/** An empty variable is one that is not set. */
function variables(env: SettingsSources["env"]): SettingsLayer {
  return {
    problems: [],
    way: ({ variable }) => `the environment variable ${variable}`,
    find: ({ variable }) => {
      const value = env[variable] ?? "";
      return value === "" ? undefined : { value, text: true, source: `the environment variable ${variable}` };
    },
  };
}

function secretFiles(env: SettingsSources["env"]): SettingsLayer {
  return {
    problems: [],
    way: ({ fileVariable }) => (fileVariable === undefined ? undefined : `${fileVariable} to a file that has it`),
    find: (field) => {
      const { fileVariable = "" } = field;
      const path = env[fileVariable] ?? "";
      return path === "" ? undefined : secretFile(field, { path, fileVariable });
    },
  };
}

/** The path is not told: it may be the secret itself, put into the wrong variable. */
function secretFile(
  { name }: SettingField,
  { path, fileVariable }: { readonly path: string; readonly fileVariable: string },
): FoundSetting {
  const source = `the file that ${fileVariable} names`;
  try {
    return { value: readFileSync(path, "utf8").replace(/\r?\n$/, ""), text: true, source };
  } catch (thrown) {
    const expected = "a file that can be read";
    const message = `${name} from ${source} cannot be read: ${codeOf(thrown)}. Expected: ${expected}.`;
    return { problem: { name, source, expected, message } };
  }
}

function settingsFile(settings: App["settings"], file: string | undefined): SettingsLayer {
  if (file === undefined) return { problems: [], find: () => undefined };
  const source = basename(file);
  const way = ({ name }: SettingField): string => `"${name}" in ${source}`;
  try {
    const tree: unknown = JSON.parse(readFileSync(file, "utf8").replace(/^\uFEFF/, ""));
    return treeLayer(settings, tree, { source, way });
  } catch (thrown) {
    return { problems: [unreadable(file, thrown)], find: () => undefined };
  }
}

/** What a parser says of JSON repeats some of it; where it fails is all that is told. */
function unreadable(file: string, thrown: unknown): SettingProblem {
  const source = basename(file);
  const expected = "one object in JSON";
  const [, line] = thrown instanceof SyntaxError ? (/\(line (\d+) column \d+\)$/.exec(thrown.message) ?? []) : [];
  const what =
    thrown instanceof SyntaxError
      ? `is no JSON${line === undefined ? "" : ` (line ${line})`}`
      : `cannot be read: ${codeOf(thrown)}`;
  return { name: source, source, expected, message: `${file} ${what}. Expected: ${expected}.` };
}

function codeOf(thrown: unknown): string {
  return (thrown as NodeJS.ErrnoException).code ?? "unknown reason";
}

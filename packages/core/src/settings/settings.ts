import { callSite, type StandardSchema } from "../contract/index.ts";
import { BanyanError } from "../error/index.ts";
import type { Secret, SecretSetting } from "./secret.ts";

/** Settings by name: a schema each, a secret, or a group of settings. */
export interface SettingsShape {
  readonly [name: string]: StandardSchema<unknown, unknown> | SecretSetting<unknown> | SettingsShape;
}

/** What the application reads: the output of each schema. */
export type ValuesOfShape<Shape> = {
  readonly [Name in keyof Shape]: Shape[Name] extends SecretSetting<infer T>
    ? SecretOf<T>
    : Shape[Name] extends StandardSchema<unknown, infer T>
      ? T
      : ValuesOfShape<Shape[Name]>;
};

type SecretOf<T> = undefined extends T ? Secret<Exclude<T, undefined>> | undefined : Secret<T>;

/** One value that is set from outside. */
export interface SettingField {
  /** `["db", "url"]`. */
  readonly path: readonly string[];
  /** `db.url`. */
  readonly name: string;
  /** The environment variable that sets it. */
  readonly variable: string;
  /** The environment variable that names a file which has it; secrets only. */
  readonly fileVariable: string | undefined;
  readonly secret: boolean;
  readonly schema: StandardSchema<unknown, unknown>;
}

/** What an application wants to be told from outside, declared. */
export interface Settings<Values = unknown> {
  readonly kind: "settings";
  readonly fields: readonly SettingField[];
  /** Where it was written. */
  readonly at: string;
  /** For types only. */
  readonly "~values"?: Values;
}

export type SettingsOf<S> = S extends Settings<infer Values> ? Values : never;

export interface SettingsOptions {
  /** Stands before each environment variable: with `SHOP`, `providerUrl` is set by `SHOP_PROVIDER_URL`. Default: nothing. */
  readonly prefix?: string;
}

/** Every shell sets them, for something else. */
const TAKEN = new Set(["HOME", "LANG", "LOGNAME", "PATH", "PWD", "SHELL", "TERM", "TMPDIR", "USER"]);

/**
 * Declares what is set from outside, for `settings` of an application; any Standard Schema will do:
 *
 *     settings({ providerUrl: z.url(), retries: z.int().default(3), db: { url: z.url(), password: secret(z.string()) } })
 *
 * `providerUrl` comes from PROVIDER_URL, `db.password` from DB_PASSWORD or from the file that DB_PASSWORD_FILE names, and each from the settings
 * file too. Throws `config-invalid` that names all that is wrong with the declaration.
 */
export function settings<const Shape extends SettingsShape>(
  shape: Shape,
  { prefix = "" }: SettingsOptions = {},
): Settings<ValuesOfShape<Shape>> {
  const at = callSite(1);
  const wrong: string[] = [];
  if (prefix !== "" && !/^[A-Z][A-Z0-9_]*[A-Z0-9]$/.test(prefix))
    wrong.push(`the prefix "${prefix}" is not in capitals, digits and _`);
  const fields = fieldsIn(shape, { path: [], prefix, wrong });
  wrong.push(...clashes(fields));
  if (wrong.length === 0) return { kind: "settings", fields, at };
  throw new BanyanError("config-invalid", `The settings are not declared right: ${wrong.join("; ")}.`, {
    remedy:
      "Name settings in camelCase, each with a Standard Schema; a `prefix` keeps their variables apart from others.",
    details: { at },
  });
}

interface Group {
  readonly path: readonly string[];
  readonly prefix: string;
  readonly wrong: string[];
}

function fieldsIn(shape: SettingsShape, group: Group): SettingField[] {
  return Object.entries(shape).flatMap(([word, declared]) => {
    const path = [...group.path, word];
    const name = path.join(".");
    if (!/^[a-z][A-Za-z0-9]*$/.test(word)) group.wrong.push(`"${name}" is not in camelCase`);
    const schema = schemaOf(declared);
    if (schema !== undefined) return [field(path, { schema, prefix: group.prefix, secret: "~secret" in declared })];
    if (isGroup(declared)) return fieldsIn(declared, { ...group, path });
    group.wrong.push(`"${name}" is neither a Standard Schema nor a secret nor a group of settings`);
    return [];
  });
}

function field(
  path: readonly string[],
  { schema, prefix, secret }: Pick<SettingField, "schema" | "secret"> & { readonly prefix: string },
): SettingField {
  const variable = [...(prefix === "" ? [] : [prefix]), ...path.map(inCapitals)].join("_");
  const fileVariable = secret ? `${variable}_FILE` : undefined;
  return { path, name: path.join("."), variable, fileVariable, secret, schema };
}

function schemaOf(declared: SettingsShape[string]): StandardSchema<unknown, unknown> | undefined {
  const schema = isMade(declared) && "~secret" in declared ? declared["~secret"] : declared;
  return isMade(schema) && "~standard" in schema ? (schema as StandardSchema<unknown, unknown>) : undefined;
}

/** Schemas of some libraries are functions. */
function isMade(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function isGroup(declared: unknown): declared is SettingsShape {
  return isMade(declared) && typeof declared === "object" && !Array.isArray(declared) && !("~secret" in declared);
}

/** `providerUrl` -> `PROVIDER_URL`, `baseURLOfShop` -> `BASE_URL_OF_SHOP`. */
function inCapitals(word: string): string {
  return word
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toUpperCase();
}

function clashes(fields: readonly SettingField[]): string[] {
  const owners = new Map<string, string>();
  const wrong: string[] = [];
  for (const { name, variable, fileVariable } of fields) {
    for (const one of fileVariable === undefined ? [variable] : [variable, fileVariable]) {
      const owner = owners.get(one);
      if (owner !== undefined) wrong.push(`"${owner}" and "${name}" would both be set by ${one}`);
      owners.set(one, name);
      if (TAKEN.has(one) || one.startsWith("BANYAN_") || one.startsWith("NODE_"))
        wrong.push(`"${name}" would be set by ${one}, which has another meaning`);
    }
  }
  return wrong;
}

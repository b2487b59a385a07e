import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { BanyanError, didYouMean, type App, type ContextDefinition } from "@banyan/core";
import { describeTables } from "@banyan/node";
import { parseModule } from "../check/parse.ts";
import { MARK, tableTypes } from "./table-types.ts";

export interface TableFile {
  readonly context: string;
  readonly file: string;
  readonly text: string;
}

export interface Wanted {
  /** These contexts only; [] = every one that has tables. */
  readonly contexts: readonly string[];
  /** One folder for the files of all; undefined = each beside its context. */
  readonly out: string | undefined;
}

/** The file that describes the tables of each context, as it should be. Throws `option-invalid`, and what applying the migrations throws. */
export function tableFiles({ contexts }: App, wanted: Wanted): readonly TableFile[] {
  const names = contexts.map(({ name }) => name);
  for (const name of wanted.contexts)
    if (!names.includes(name))
      throw new BanyanError("option-invalid", `There is no context "${name}".${didYouMean(name, names)}`);
  const described = new Map(describeTables(contexts).map((one) => [one.context, one]));
  return contexts.flatMap((context) => {
    const tables = described.get(context.name);
    const chosen = wanted.contexts.length === 0 || wanted.contexts.includes(context.name);
    if (tables === undefined || tables.tables.length === 0 || !chosen) return [];
    const { name } = context;
    const shares = contexts.some((other) => other !== context && folderOf(other) === folderOf(context));
    const file =
      wanted.out === undefined
        ? join(assertKnown(context), shares ? `tables-${name}.ts` : "tables.ts")
        : join(wanted.out, `${name}.ts`);
    return [{ context: name, file, text: tableTypes(tables, usesKysely(context) ? "kysely" : "plain") }];
  });
}

/** How the file there is compares. Throws `types-file-foreign` where it is somebody's own. */
export function stateOf({ file, text }: TableFile): "current" | "stale" | "missing" {
  if (!existsSync(file)) return "missing";
  // a checkout on another system may have other line ends
  const found = readFileSync(file, "utf8").replaceAll("\r\n", "\n");
  if (!found.startsWith(MARK)) throw new BanyanError("types-file-foreign", `${file} was not written by banyan types.`);
  return found === text ? "current" : "stale";
}

export function writeTableFile({ file, text }: TableFile): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function pathOf({ at }: ContextDefinition): string {
  return at.replace(/:\d+:\d+$/, "");
}

function folderOf(context: ContextDefinition): string {
  return dirname(pathOf(context));
}

function assertKnown(context: ContextDefinition): string {
  if (existsSync(pathOf(context))) return folderOf(context);
  throw new BanyanError("option-missing", `Where the context "${context.name}" is written is not known.`, {
    remedy: "Give a folder for all files with `--out DIR`.",
  });
}

function usesKysely(context: ContextDefinition): boolean {
  const path = pathOf(context);
  if (!existsSync(path)) return false;
  const { module } = parseModule(path, readFileSync(path, "utf8"));
  return module.references.some(({ specifier }) => /^(?:@banyan\/)?kysely(?:\/|$)/.test(specifier));
}

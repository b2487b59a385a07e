import { BanyanError, didYouMean } from "@banyan/core";
import type { OptionSpec, OptionTable, OptionValue } from "./command.ts";

/** `json` and `help` belong to every command. */
export interface Parsed {
  readonly values: Readonly<Record<string, OptionValue>>;
  readonly help: boolean;
}

const EVERYWHERE: OptionTable = {
  json: { kind: "flag", default: false, description: "one JSON document on standard output" },
  help: { kind: "flag", default: false, description: "what the command does and takes" },
};

/**
 * Reads the words after a command's name. `--name value`, `--name=value`, `--no-name`; a list takes words until the next
 * option (which is why `parseArgs` of `node:util` does not do). An option given twice: the last value holds, a list grows.
 */
export function parseOptions(command: string, table: OptionTable, words: readonly string[]): Parsed {
  const options: OptionTable = { ...table, ...EVERYWHERE };
  const values: Record<string, OptionValue> = {};
  for (const [name, spec] of Object.entries(options)) values[name] = defaultOf(spec);
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (!isOption(word)) {
      values[placeOf(word, { command, options, values })] = word;
      continue;
    }
    const { name, spec, inline, off } = find(command, options, word);
    values[name] =
      spec.kind === "flag" ? flag(name, inline, off) : valueOf({ name, spec, inline, before: values[name] }, left);
  }
  const { help, ...rest } = values;
  if (help !== true) assertArguments(command, options, rest);
  return { values: rest, help: help === true };
}

export function isOption(word: string): boolean {
  return word.startsWith("-") && word !== "-";
}

function defaultOf(spec: OptionSpec): OptionValue {
  if (spec.kind === "list") return [];
  return spec.kind === "later" || spec.kind === "argument" ? undefined : spec.default;
}

interface Around {
  readonly command: string;
  readonly options: OptionTable;
  readonly values: Readonly<Record<string, OptionValue>>;
}

/** Which argument a word without dashes is: the first that has none yet. */
function placeOf(word: string, { command, options, values }: Around): string {
  const [place] = argumentsOf(options).find(([name]) => values[name] === undefined) ?? [];
  if (place === undefined || word === "") throw unexpected(command, options, word);
  return place;
}

function assertArguments(command: string, options: OptionTable, values: Around["values"]): void {
  const [, missing] =
    argumentsOf(options).find(([name, { optional }]) => optional !== true && values[name] === undefined) ?? [];
  if (missing === undefined) return;
  throw new BanyanError("option-missing", `banyan ${command} needs ${missing.value}: ${missing.description}.`, {
    remedy: `\`banyan ${command} --help\` says what it takes.`,
  });
}

function argumentsOf(options: OptionTable): (readonly [string, OptionSpec & { readonly kind: "argument" }])[] {
  return Object.entries(options).flatMap(([name, spec]) => (spec.kind === "argument" ? [[name, spec] as const] : []));
}

interface Found {
  readonly name: string;
  readonly spec: OptionSpec;
  readonly inline: string | undefined;
  readonly off: boolean;
}

function find(command: string, options: OptionTable, word: string): Found {
  const [written = "", ...rest] = word.split("=");
  const inline = rest.length === 0 ? undefined : rest.join("=");
  for (const [name, spec] of Object.entries(options)) {
    if (spec.kind === "argument") continue;
    const off = spec.kind === "flag" && spec.default;
    if (written !== (off ? `--no-${name}` : `--${name}`)) continue;
    if (spec.kind === "later")
      throw new BanyanError("not-available-yet", `${written} of banyan ${command} does not exist yet.`);
    return { name, spec, inline, off };
  }
  const known = optionNames(options);
  throw new BanyanError("option-unknown", `banyan ${command} has no option ${written}.${didYouMean(written, known)}`, {
    remedy: `\`banyan ${command} --help\` lists its options.`,
  });
}

/** The options as they are written, without those that do not exist yet. */
export function optionNames(options: OptionTable): string[] {
  const shown = Object.entries(options).filter(([, { kind }]) => kind !== "later" && kind !== "argument");
  return shown.map(([name, spec]) => (spec.kind === "flag" && spec.default ? `--no-${name}` : `--${name}`));
}

function flag(name: string, inline: string | undefined, off: boolean): boolean {
  if (inline !== undefined) throw new BanyanError("option-invalid", `--${name} takes no value, but got "${inline}".`);
  return !off;
}

interface Place {
  readonly name: string;
  readonly spec: OptionSpec;
  readonly inline: string | undefined;
  readonly before: OptionValue;
}

/** Takes the option's words off the front of `left`. */
function valueOf({ name, spec, inline, before }: Place, left: string[]): OptionValue {
  const given = inline === undefined ? take(spec, left) : [inline];
  const [first] = given;
  if (first === undefined && spec.kind === "number" && spec.bare !== undefined) return spec.bare;
  if (first === undefined || first === "") throw new BanyanError("option-invalid", `--${name} needs a value.`);
  if (spec.kind === "list") return [...(before as readonly string[]), ...given];
  return spec.kind === "number" ? numberOf(name, spec, first) : first;
}

function take(spec: OptionSpec, left: string[]): string[] {
  const end = left.findIndex((word) => isOption(word));
  const most = spec.kind === "list" ? left.length : 1;
  return left.splice(0, end === -1 ? most : Math.min(end, most));
}

function numberOf(name: string, { min, max }: { readonly min: number; readonly max: number }, word: string): number {
  const number = /^\d{1,15}$/.test(word) ? Number(word) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new BanyanError("option-invalid", `--${name} is "${word}", but must be a whole number from ${min} to ${max}.`);
}

function unexpected(command: string, options: OptionTable, word: string): BanyanError {
  const known = argumentsOf(options).map(([, { value }]) => value);
  const takes = known.length === 0 ? "takes no argument" : `takes ${known.join(" ")} and no other argument`;
  return new BanyanError("argument-unexpected", `banyan ${command} ${takes}, but got "${word}".`);
}

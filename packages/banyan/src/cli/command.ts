import type { Io } from "./io.ts";

/** An option of a command. A flag that is on by default is written `--no-NAME`; a list takes every word up to the next option. */
export type OptionSpec =
  | { readonly kind: "flag"; readonly default: boolean; readonly description: string }
  | { readonly kind: "string"; readonly value: string; readonly default?: string; readonly description: string }
  | {
      readonly kind: "number";
      readonly value: string;
      readonly default?: number;
      /** What the option is where it is given without a value; else it needs one. */
      readonly bare?: number;
      readonly min: number;
      readonly max: number;
      readonly description: string;
    }
  | { readonly kind: "list"; readonly value: string; readonly description: string }
  /** A word that stands for itself, and has to be given unless it is optional. */
  | { readonly kind: "argument"; readonly optional?: true; readonly value: string; readonly description: string }
  /** Planned: known by name so that it is refused as such, and not shown in help. */
  | { readonly kind: "later" };

export type OptionTable = Readonly<Record<string, OptionSpec>>;

type ValueOf<Spec> = Spec extends { kind: "flag" }
  ? boolean
  : Spec extends { kind: "list" }
    ? readonly string[]
    : Spec extends { kind: "argument"; optional: true }
      ? string | undefined
      : Spec extends { kind: "string"; default: string } | { kind: "argument" }
        ? string
        : Spec extends { kind: "string" }
          ? string | undefined
          : Spec extends { kind: "number"; default: number }
            ? number
            : Spec extends { kind: "number" }
              ? number | undefined
              : never;

/** The options a command is run with: one value per option of its table, defaults filled in, and `json`. */
export type Options<Table extends OptionTable> = { readonly [Name in keyof Table]: ValueOf<Table[Name]> } & {
  readonly json: boolean;
};

/** The exit code of a command: 0 fine, 1 the thing checked fell short, 2 could not be judged or run. */
export type ExitCode = number;

interface CommandSpec<Table extends OptionTable> {
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  /** What is written after `banyan`. */
  readonly example: string;
  /** When it ends with 1; without it, it never does. */
  readonly exit1?: string;
  readonly options: Table;
  run(options: Options<Table>, io: Io): ExitCode | Promise<ExitCode>;
}

/** A command whose option types are no longer told apart: what the table of commands holds. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly example: string;
  readonly exit1?: string;
  readonly options: OptionTable;
  run(options: Readonly<Record<string, OptionValue>>, io: Io): ExitCode | Promise<ExitCode>;
}

/** A word that stands before commands of its own: `banyan events lag`. Their names have both words. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly actions: readonly Command[];
}

export function isGroup(known: Command | CommandGroup): known is CommandGroup {
  return "actions" in known;
}

export type OptionValue = boolean | string | number | readonly string[] | undefined;

/** Declares a command; `run` gets its options as the table types them, which parsing keeps. */
export function defineCommand<const Table extends OptionTable>(spec: CommandSpec<Table>): Command {
  return { ...spec, run: (options, io) => spec.run(options as Options<Table>, io) };
}

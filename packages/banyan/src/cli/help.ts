import { isGroup, type Command, type CommandGroup, type OptionSpec } from "./command.ts";

const WIDTH = 20;

/** What `banyan --help` prints. */
export function helpOfAll(commands: readonly (Command | CommandGroup)[]): string {
  const lines = commands.map(({ name, summary }) => row(name, summary));
  return `banyan COMMAND [OPTIONS]

${lines.join("\n")}

${row("--version", "the version of banyan")}
${row("--json", "one JSON document on standard output and nothing else; errors too")}
${row("--help", "this, or after a command what it takes")}

Exit code 0: fine. 1: the thing checked fell short. 2: it could not be judged or run.
`;
}

/** What `banyan COMMAND --help` prints. */
export function helpOf({ name, summary, example, exit1, options }: Command): string {
  const rows = Object.entries(options).flatMap(([option, spec]) => optionRow(option, spec));
  const words = Object.values(options).flatMap((spec) => (spec.kind === "argument" ? [`${wordOf(spec)} `] : []));
  return `banyan ${name} ${words.join("")}[OPTIONS]

${summary}.${exit1 === undefined ? "" : ` Ends with 1 when ${exit1.replaceAll("`", "")}.`}

${[...rows, row("--json", "one JSON document on standard output and nothing else; errors too")].join("\n")}

For example: banyan ${example}
`;
}

function wordOf({ value, optional }: OptionSpec & { readonly kind: "argument" }): string {
  return optional === true ? `[${value}]` : value;
}

/** What `banyan GROUP --help` prints. */
export function helpOfGroup({ name, summary, actions }: CommandGroup): string {
  return `banyan ${name} COMMAND [OPTIONS]

${summary}.

${actions.map((action) => row(action.name, action.summary)).join("\n")}

\`banyan ${name} COMMAND --help\` says what each takes.
`;
}

/** The same as data, for `--help --json`. */
export function helpAsData(known: Command | CommandGroup): object {
  if (isGroup(known)) {
    const { name, summary, actions } = known;
    return { name, summary, commands: actions.map(helpAsData) };
  }
  const { name, summary, example, exit1, options } = known;
  const shown = Object.entries(options).filter(([, spec]) => spec.kind !== "later");
  return { name, summary, example, exit1, options: Object.fromEntries(shown) };
}

function optionRow(name: string, spec: OptionSpec): string[] {
  if (spec.kind === "later") return [];
  if (spec.kind === "flag") return [row(spec.default ? `--no-${name}` : `--${name}`, spec.description)];
  if (spec.kind === "argument") return [row(spec.value, spec.description)];
  if (spec.kind === "list") return [row(`--${name} ${spec.value}…`, spec.description)];
  const otherwise = spec.default === undefined ? "" : ` (default: ${spec.default})`;
  return [row(`--${name} ${spec.value}`, spec.description + otherwise)];
}

function row(left: string, right: string): string {
  return `  ${left.padEnd(WIDTH - 1)} ${right}`;
}

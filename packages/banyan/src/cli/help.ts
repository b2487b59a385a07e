import type { Command, OptionSpec } from "./command.ts";

const WIDTH = 20;

/** What `banyan --help` prints. */
export function helpOfAll(commands: readonly Command[]): string {
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
export function helpOf({ name, summary, options }: Command): string {
  const rows = Object.entries(options).flatMap(([option, spec]) => optionRow(option, spec));
  return `banyan ${name} [OPTIONS]

${summary}.

${[...rows, row("--json", "one JSON document on standard output and nothing else; errors too")].join("\n")}
`;
}

/** The same as data, for `--help --json`. */
export function helpAsData({ name, summary, options }: Command): object {
  const shown = Object.entries(options).filter(([, spec]) => spec.kind !== "later");
  return { name, summary, options: Object.fromEntries(shown) };
}

function optionRow(name: string, spec: OptionSpec): string[] {
  if (spec.kind === "later") return [];
  if (spec.kind === "flag") return [row(spec.default ? `--no-${name}` : `--${name}`, spec.description)];
  if (spec.kind === "list") return [row(`--${name} ${spec.value}…`, spec.description)];
  const otherwise = spec.default === undefined ? "" : ` (default: ${spec.default})`;
  return [row(`--${name} ${spec.value}`, spec.description + otherwise)];
}

function row(left: string, right: string): string {
  return `  ${left.padEnd(WIDTH)}${right}`;
}

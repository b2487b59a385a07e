import { type Command, type CommandGroup, isGroup, type OptionSpec } from "../packages/banyan/src/cli/command.ts";
import { COMMANDS } from "../packages/banyan/src/cli/main.ts";
import { TOKEN_VARIABLE } from "../packages/banyan/src/cli/operating-options.ts";
import { table } from "./markdown.ts";

/** `docs/reference/commands.md`, from the tables that the command line is parsed by. */
export function commandsPage(): string {
  const commands = COMMANDS.flatMap(commandsIn);
  return `# The command line

What \`banyan\` can be told, as \`banyan COMMAND --help\` shows it. Every command also takes \`--json\` (one JSON document on standard output and nothing
else, errors too; \`events tail\` prints one for each entry) and \`--help\`. Errors go to standard error, with their [code](errors.md) and what to do.

Exit code 0: fine. 1: the thing checked fell short, where a command says so below. 2: it could not be judged or run. A second Ctrl-C ends
\`dev\` and \`start\` at once, with 130.

With \`--url\` a command reads its token from \`${TOKEN_VARIABLE.name}\`. How they are used: [operating delivery](../how-to/operate-delivery.md),
[replays](../how-to/replay.md), [backups](../how-to/backup-and-restore.md), [the doctor](../how-to/doctor.md).

Made from the tables of the command line by \`npm run docs\`.

${commands.map(section).join("\n\n")}
`;
}

function commandsIn(known: Command | CommandGroup): readonly Command[] {
  return isGroup(known) ? known.actions : [known];
}

function section({ name, summary, example, exit1, options }: Command): string {
  const specs = Object.entries(options).filter(([, { kind }]) => kind !== "later");
  const words = specs.flatMap(([, spec]) => (spec.kind === "argument" ? [written("", spec)] : []));
  const rows = specs.map(([option, spec]) => {
    return [`\`${written(option, spec)}\``, descriptionOf(spec), defaultOf(spec)];
  });
  return [
    `## banyan ${[name, ...words].join(" ")}`,
    `${summary}.${exit1 === undefined ? "" : ` Ends with 1 when ${exit1}.`}`,
    `For example \`banyan ${example}\`.`,
    ...(rows.length === 0 ? [] : [table(["option", "what", "default"], rows)]),
  ].join("\n\n");
}

function written(name: string, spec: OptionSpec): string {
  if (spec.kind === "argument") return spec.optional === true ? `[${spec.value}]` : spec.value;
  if (spec.kind === "flag") return spec.default ? `--no-${name}` : `--${name}`;
  if (spec.kind === "list") return `--${name} ${spec.value}…`;
  return spec.kind === "later" ? "" : `--${name} ${spec.value}`;
}

function descriptionOf(spec: OptionSpec): string {
  if (spec.kind === "later") return "";
  return spec.kind === "number" && spec.max < Number.MAX_SAFE_INTEGER
    ? `${spec.description} (${spec.min} to ${spec.max})`
    : spec.description;
}

function defaultOf(spec: OptionSpec): string {
  return (spec.kind === "string" || spec.kind === "number") && spec.default !== undefined ? `\`${spec.default}\`` : "";
}

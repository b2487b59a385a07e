import { readFileSync } from "node:fs";
import { BanyanError, didYouMean, isBanyanError } from "@banyan/core";
import { isGroup, type Command, type CommandGroup, type ExitCode } from "./command.ts";
import { backupCommand } from "./commands/backup.ts";
import { checkCommand } from "./commands/check.ts";
import { devCommand } from "./commands/dev.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { eventsGroup } from "./commands/events.ts";
import { graphCommand } from "./commands/graph.ts";
import { initCommand } from "./commands/init.ts";
import { keyCommand } from "./commands/key.ts";
import { restoreCommand } from "./commands/restore.ts";
import { startCommand } from "./commands/start.ts";
import { typesCommand } from "./commands/types.ts";
import { helpAsData, helpOf, helpOfAll, helpOfGroup } from "./help.ts";
import { processIo, type Io } from "./io.ts";
import { isOption, parseOptions } from "./parse-options.ts";
import { printableLines } from "./printable.ts";

export const COMMANDS: readonly (Command | CommandGroup)[] = [
  initCommand,
  devCommand,
  startCommand,
  graphCommand,
  checkCommand,
  doctorCommand,
  typesCommand,
  eventsGroup,
  keyCommand,
  backupCommand,
  restoreCommand,
];

/** Commands that are planned: refused by name, so that nobody takes them for a misspelling. */
const LATER: readonly string[] = [
  "runs",
  "trace",
  "contracts",
  "audit",
  "cost",
  "checklist",
  "privacy",
  "policy",
  "gate",
  "move",
  "studio",
];

/** Runs one command line and answers its exit code. Every failure is reported here, once, with code and remedy. */
export async function main(words: readonly string[], io: Io = processIo()): Promise<ExitCode> {
  try {
    return await run(words, io);
  } catch (thrown) {
    report(told(thrown), words.includes("--json"), io);
    return 2;
  }
}

/** A path may come from any option: that it is too long only the system can say. */
function told(thrown: unknown): unknown {
  if ((thrown as NodeJS.ErrnoException | undefined)?.code !== "ENAMETOOLONG") return thrown;
  return new BanyanError("option-invalid", "A path is longer than the system takes.");
}

async function run(words: readonly string[], io: Io): Promise<ExitCode> {
  // no shell passes one; where a program does, a file name would fail in Node's words
  if (words.some((word) => word.includes("\0"))) throw new BanyanError("option-invalid", "A word has a NUL in it.");
  const [name, ...rest] = words;
  if (name === undefined || isOption(name)) return general(words, io);
  const known = COMMANDS.find((one) => one.name === name);
  if (known === undefined) throw unknownCommand(name);
  return isGroup(known) ? runIn(known, rest, io) : runCommand(known, rest, io);
}

function runCommand(command: Command, words: readonly string[], io: Io): ExitCode | Promise<ExitCode> {
  const { values, help } = parseOptions(command.name, command.options, words);
  if (!help) return command.run(values, io);
  io.out(values["json"] === true ? document(helpAsData(command)) : helpOf(command));
  return 0;
}

/** The first word after a group's name says which of its commands. */
function runIn(group: CommandGroup, words: readonly string[], io: Io): ExitCode | Promise<ExitCode> {
  const [word, ...rest] = words;
  if (word !== undefined && !isOption(word)) return runCommand(actionOf(group, word), rest, io);
  const { values, help } = parseOptions(group.name, {}, words);
  if (!help) throw actionMissing(group);
  io.out(values["json"] === true ? document(helpAsData(group)) : helpOfGroup(group));
  return 0;
}

function actionOf(group: CommandGroup, word: string): Command {
  const name = `${group.name} ${word}`;
  const action = group.actions.find((one) => one.name === name);
  if (action !== undefined) return action;
  const near = didYouMean(word, actionWords(group));
  throw new BanyanError("command-unknown", `banyan ${group.name} has no command "${word}".${near}`, {
    remedy: `\`banyan ${group.name} --help\` lists its commands.`,
  });
}

function actionMissing(group: CommandGroup): BanyanError {
  const words = actionWords(group).join(", ");
  return new BanyanError("command-unknown", `banyan ${group.name} needs one of its commands: ${words}.`, {
    remedy: `\`banyan ${group.name} --help\` says what each does.`,
  });
}

function actionWords({ name, actions }: CommandGroup): string[] {
  return actions.map((action) => action.name.slice(name.length + 1));
}

/** `banyan`, `banyan --help`, `banyan --version`: no command is named. */
function general(words: readonly string[], io: Io): ExitCode {
  const unknown = words.find((word) => !["--help", "--version", "--json"].includes(word));
  if (unknown !== undefined) throw unknownOption(unknown);
  const json = words.includes("--json");
  if (words.includes("--version")) io.out(json ? document({ version: version() }) : `${version()}\n`);
  else io.out(json ? document({ commands: COMMANDS.map(helpAsData) }) : helpOfAll(COMMANDS));
  return 0;
}

function unknownCommand(name: string): BanyanError {
  if (LATER.includes(name)) return new BanyanError("not-available-yet", `banyan ${name} does not exist yet.`);
  const near = didYouMean(
    name,
    COMMANDS.map((known) => known.name),
  );
  return new BanyanError("command-unknown", `banyan has no command "${name}".${near}`);
}

function unknownOption(word: string): BanyanError {
  const near = didYouMean(word, ["--help", "--version", "--json"]);
  return new BanyanError("option-unknown", `banyan has no option ${word} without a command.${near}`, {
    remedy: "Name the command first; `banyan --help` lists them.",
  });
}

/** The package's own version; the file lies two folders up from the sources and from what is built of them. */
function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

function report(thrown: unknown, json: boolean, io: Io): void {
  const { code, message, remedy } = isBanyanError(thrown) ? thrown : unforeseen(thrown);
  if (json) return io.out(document({ error: { code, message, remedy } }));
  io.err(printableLines(`banyan: ${code}: ${message}\n  remedy: ${remedy}\n`));
  if (!isBanyanError(thrown) && thrown instanceof Error) io.err(`${thrown.stack ?? ""}\n`);
}

function unforeseen(thrown: unknown): BanyanError {
  const words = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new BanyanError("internal", words, {
    cause: thrown,
    remedy: "This is a fault of banyan itself: report it with the lines below.",
  });
}

function document(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

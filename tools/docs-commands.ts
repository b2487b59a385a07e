import { isBanyanError } from "@banyan/core";
import { isGroup } from "../packages/banyan/src/cli/command.ts";
import { COMMANDS } from "../packages/banyan/src/cli/main.ts";
import { parseOptions } from "../packages/banyan/src/cli/parse-options.ts";

/** What is wrong with a line that begins with `npx banyan`, read as the command line reads it; undefined where it would run. */
export function commandProblem(line: string): string | undefined {
  const words = [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word).slice(2);
  const [first = "", second = ""] = words;
  const known = COMMANDS.find(({ name }) => name === first);
  const command =
    known !== undefined && isGroup(known) ? known.actions.find(({ name }) => name === `${first} ${second}`) : known;
  if (command === undefined) return `banyan has no command "${first}${known === undefined ? "" : ` ${second}`}"`;
  try {
    parseOptions(command.name, command.options, words.slice(command.name.split(" ").length));
    return undefined;
  } catch (error) {
    if (isBanyanError(error)) return error.message;
    throw error;
  }
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, type CommandGroup, isGroup } from "../packages/banyan/src/cli/command.ts";
import { COMMANDS } from "../packages/banyan/src/cli/main.ts";
import type { Section } from "./docs-index.ts";

const root = join(import.meta.dirname, "..");

const NODE: string = JSON.parse(readFileSync(join(root, "packages/banyan/package.json"), "utf8")).engines.node;

const IDEA = `> A TypeScript framework. A context owns a durable log; everything else is a reader with a position. The body of a command or a subscription is one
> transaction: rows, events and the position of the reader commit together. One process on one SQLite file; Node ${NODE}.`;

const RULES = `- A contract file declares events, commands and queries, and is all that other contexts import (from \`banyan/contract\`).
- Every operation says who may use it (\`allow\`), every subscription its \`name\` and \`from\`, every event its \`key\`: else the application does not start.
- A body does nothing but its transaction (\`tx\`, \`emit\`, \`newId\`). What reaches outside goes in \`before\`, in subscriptions by \`once\`.
- Every error has a code and says what to do. What does not exist yet is refused as \`not-available-yet\`: PostgreSQL, brokers, workflows, live channels.`;

/** `llms.txt` of the repository (llmstxt.org): what it is, and where everything stands. */
export function llmsOfRepository(docs: readonly Section[]): string {
  const sections = docs.map(({ title, pages }) => {
    const lines = pages.map((page) => `- [${page.title}](${page.path}): ${page.first}`);
    return `## ${title}\n\n${lines.join("\n")}`;
  });
  return `# Banyan

${IDEA}

${RULES}

The [README](README.md) has twenty lines of code and what it is not.

${sections.join("\n\n")}

## Examples

- [The tutorial's application](examples/tutorial/README.md): two contexts
- [The shop](examples/shop/README.md): five contexts, with a payment provider outside
- [Booking](examples/booking/README.md): the same with raw SQL, Kysely and Drizzle

## Optional

- [For contributors](AGENTS.md): commands, folders, rules of this repository
- [Decisions](docs/decisions/README.md): why it is as it is
`;
}

/** Of the package `banyan`: links lead to what is in it, since the docs are not. */
export function llmsOfPackage(): string {
  return `# banyan

${IDEA}

${RULES}

## Files

- [README](README.md): what is imported from where
- [Types of \`banyan\`](dist/index.d.ts): everything an application uses, with comments
- [Types of \`banyan/contract\`](dist/contract.d.ts): what a contract file uses
- [A contract](templates/first/contexts/guestbook/contract.ts), [its context](templates/first/contexts/guestbook/index.ts), [its test](templates/first/contexts/guestbook/guestbook.test.ts) and [the configuration](templates/first/banyan.config.ts): what \`banyan init\` writes

## Commands

\`npx banyan COMMAND --help\` says what each takes, \`--help --json\` as data.

${COMMANDS.flatMap(commandsIn)
  .map(({ name, summary }) => `- \`banyan ${name}\`: ${summary}`)
  .join("\n")}
`;
}

function commandsIn(known: Command | CommandGroup): readonly Command[] {
  return isGroup(known) ? known.actions : [known];
}

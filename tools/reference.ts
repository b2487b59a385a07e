import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ERROR_CODES } from "@banyan/core";
import { checkoutSupply } from "./checkout-supply.ts";
import { directTable, licenceTable } from "./dependencies.ts";
import { docsIndex, sectionsOfDocs } from "./docs-index.ts";
import { llmsOfPackage, llmsOfRepository } from "./llms.ts";
import { withMade } from "./made-parts.ts";
import { table } from "./markdown.ts";
import { proofsPage, proofsTable } from "./prove/record.ts";
import { commandsPage } from "./reference-commands.ts";
import { configurationPage } from "./reference-configuration.ts";
import { httpPage } from "./reference-http.ts";

const DEPENDENCIES = "docs/explanation/dependencies.md";

/** Pages of the docs that are made from tables in the code, or have parts that are, by path. */
export function referencePages(): ReadonlyMap<string, string> {
  const pages = new Map([
    ["docs/reference/errors.md", errorsPage()],
    ["docs/reference/commands.md", commandsPage()],
    ["docs/reference/configuration.md", configurationPage()],
    ["docs/reference/http.md", httpPage()],
    [DEPENDENCIES, dependenciesPage()],
    ["docs/proofs/README.md", proofsPage()],
  ]);
  const sections = sectionsOfDocs(pages);
  return new Map([
    ...pages,
    ["docs/README.md", docsIndex(sections)],
    ["README.md", withMade(read("README.md"), { proofs: proofsTable() })],
    ["llms.txt", llmsOfRepository(sections)],
    ["packages/banyan/llms.txt", llmsOfPackage()],
  ]);
}

function dependenciesPage(): string {
  const supply = checkoutSupply();
  return withMade(read(DEPENDENCIES), { "direct dependencies": directTable(supply), licences: licenceTable(supply) });
}

function read(path: string): string {
  return readFileSync(join(import.meta.dirname, "..", path), "utf8");
}

function errorsPage(): string {
  const rows = Object.entries(ERROR_CODES).map(([code, { kind, meaning, remedy }]) => {
    return [`\`${code}\``, kind, meaning, remedy];
  });
  return `# Errors

Every error has a code, a sentence and a remedy. Over HTTP it comes as \`application/problem+json\` (RFC 9457) with \`code\` and
\`remedy\`; on the command line on standard error. The kind decides what a caller should do: \`unavailable\` means that nothing was
decided and the same request may be sent again; everything else stays so until something is changed. Applications add codes
of their own with \`refuse(code, message)\`.

Made from the tables in \`packages/core/src/error/*-codes.ts\` by \`npm run docs\`.

${table(["code", "kind", "meaning", "what to do"], rows)}
`;
}

import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OLDEST } from "./age.ts";
import { table } from "../markdown.ts";

const root = join(import.meta.dirname, "..", "..");
const FOLDER = "docs/proofs";

/** What a suite found, as it is kept in `docs/proofs/NAME.json`. */
export interface Proof {
  readonly name: string;
  readonly claim: string;
  readonly command: string;
  readonly verdict: "holds" | "fell short" | "skipped";
  readonly figures: string;
  readonly steps: number;
  readonly seconds: number;
  readonly date: string;
  readonly commit: string;
  readonly machine: string;
}

export function keep(proof: Proof): void {
  mkdirSync(join(root, FOLDER), { recursive: true });
  writeFileSync(join(root, FOLDER, `${proof.name}.json`), `${JSON.stringify(proof, null, 2)}\n`);
}

export function kept(): readonly Proof[] {
  const files = globSync(`${FOLDER}/*.json`, { cwd: root }).toSorted();
  return files.map((file) => JSON.parse(readFileSync(join(root, file), "utf8")) as Proof);
}

/** `docs/proofs/README.md`. */
export function proofsPage(): string {
  const rows = kept().map(({ command, figures, verdict, seconds, date, commit, machine }) => [
    `\`${command}\``,
    `${verdict}: ${figures}`,
    `${date}, \`${commit}\`, ${machine}, ${Math.ceil(seconds / 60)} min`,
  ]);
  return `# Proofs

What the long runs found, each on the commit it names. Made by \`npm run prove\`, which does them again.

${table(["run", "found", "when, of what, on what, how long"], rows)}

A run in several steps gives each step another seed or other seeds. Each is told in full by \`docs/proofs/NAME.json\`.

A proof is to be done again once more than ${OLDEST} commits have touched what it is about: a test counts them, where there is git history.
`;
}

/** The claims and what was found, for pages that quote them. */
export function proofsTable(): string {
  const rows = kept().map(({ claim, verdict, figures }) => [claim, `${verdict}: ${figures}`]);
  return table(["claim", "found"], rows);
}

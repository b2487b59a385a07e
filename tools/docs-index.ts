import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

/** A page of the docs: where it is, its heading, and the first sentence below it. */
export interface Page {
  readonly path: string;
  readonly title: string;
  readonly first: string;
}

export interface Section {
  readonly title: string;
  readonly pages: readonly Page[];
}

const SECTIONS = [
  ["tutorial", "Tutorial"],
  ["how-to", "How to"],
  ["reference", "Reference"],
  ["explanation", "Explanation"],
  ["proofs", "Proofs"],
] as const;

/** Every page of the docs but the decisions, which have an index of their own; `made` are those that are being made anew, by path. */
export function sectionsOfDocs(made: ReadonlyMap<string, string>): readonly Section[] {
  return SECTIONS.map(([folder, title]) => {
    const there = globSync(`docs/${folder}/*.md`, { cwd: root }).map((path) => path.replaceAll("\\", "/"));
    const paths = new Set([...there, ...[...made.keys()].filter((path) => path.startsWith(`docs/${folder}/`))]);
    const pages = [...paths]
      .toSorted()
      .map((path) => pageOf(path, made.get(path) ?? readFileSync(join(root, path), "utf8")));
    return { title, pages };
  });
}

/** Throws where a page does not begin with a heading and a sentence: an index of it would say nothing. */
export function pageOf(path: string, text: string): Page {
  const [heading = "", opening = ""] = text.split("\n\n");
  const title = /^# (.+)$/.exec(heading)?.[1];
  const first = /^(?!```|[#<|])[^]*?(?:[.!?](?=\s|$)|:$)/.exec(withoutLinks(opening.replaceAll("\n", " ")))?.[0];
  if (title === undefined || first === undefined)
    throw new Error(`${path} must begin with a heading and a sentence that says what the page is for.`);
  return { path, title, first: first.replace(/:$/, ".") };
}

/** `docs/README.md`. */
export function docsIndex(all: readonly Section[]): string {
  const sections = all.map(({ title, pages }) => {
    const lines = pages.map((page) => `- [${page.title}](${page.path.replace(/^docs\//, "")}): ${page.first}`);
    return `## ${title}\n\n${lines.join("\n")}`;
  });
  return `# Documentation

What Banyan is, and what it is not, stands in the [README](../README.md). Made from the headings of the pages by \`npm run docs\`.

${sections.join("\n\n")}

## Decisions

What was decided, and why: [half a page each](decisions/README.md).
`;
}

function withoutLinks(text: string): string {
  return text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
}

import { posix } from "node:path";

/** A link of a document, where it leads from the root of the repository: a path, and a heading of it. */
export interface Link {
  readonly from: string;
  readonly line: number;
  readonly path: string;
  readonly anchor: string | undefined;
}

const OUTSIDE = /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i;

/** The links of a document that lead into the repository. Blocks and code are not read. */
export function linksOf(from: string, markdown: string): readonly Link[] {
  const plain = markdown
    .replaceAll(/^```[^]*?^```$/gm, (block) => block.replaceAll(/[^\n]/g, ""))
    .replaceAll(/`[^`\n]*`/g, "");
  return [...plain.matchAll(/\]\(([^)\s]+)\)/g)].flatMap((match) => {
    const [, to = ""] = match;
    if (OUTSIDE.test(to)) return [];
    const [target = "", anchor] = to.split("#");
    const path = target === "" ? from : posix.join(posix.dirname(from), target);
    return [{ from, line: plain.slice(0, match.index).split("\n").length, path, anchor }];
  });
}

/** The anchors that a renderer gives the headings of a document: a second one of the same words gets a number. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of markdown.replaceAll(/^```[^]*?^```$/gm, "").matchAll(/^#{1,6} (.+)$/gm)) {
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = words.replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-");
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Links that lead nowhere. `read` answers the text of a document, "" for another file or a folder, undefined for nothing. */
export function brokenLinks(links: readonly Link[], read: (path: string) => string | undefined): string[] {
  return links.flatMap(({ from, line, path, anchor }) => {
    const text = read(path);
    if (text === undefined) return [`${from}:${line} leads to ${path}, which does not exist`];
    if (anchor === undefined || anchorsOf(text).has(anchor)) return [];
    return [`${from}:${line} leads to #${anchor} of ${path}, which has no such heading`];
  });
}

/** Documents that nobody finds who follows links from the first one. */
export function orphans(first: string, documents: ReadonlyMap<string, string>): string[] {
  const found = new Set([first]);
  for (const path of found)
    for (const link of linksOf(path, documents.get(path) ?? "")) if (documents.has(link.path)) found.add(link.path);
  return [...documents.keys()].filter((path) => !found.has(path));
}

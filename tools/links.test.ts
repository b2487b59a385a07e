import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { anchorsOf, brokenLinks, linksOf, orphans } from "./links.ts";

const root = join(import.meta.dirname, "..");
const paths = globSync(["*.md", "llms.txt", "docs/**/*.md", "{packages,examples}/*/*.md"], { cwd: root });
const documents = new Map(
  paths.map((path) => [path.replaceAll("\\", "/"), readFileSync(join(root, path), "utf8")] as const),
);

/** A folder is something to lead to, and has no headings. */
function read(path: string): string | undefined {
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  return path.endsWith(".md") && stat.isFile() ? readFileSync(join(root, path), "utf8") : "";
}

test("every link leads to a file that exists, and to a heading of it", () => {
  const links = [...documents].flatMap(([path, text]) => linksOf(path, text));
  expect(links.length).toBeGreaterThan(150);
  expect(links.filter(({ anchor }) => anchor !== undefined).length).toBeGreaterThan(5);
  expect(brokenLinks(links, read)).toEqual([]);
});

test("every page of the docs is found from the README, and llms.txt lists all but single decisions", () => {
  const pages = new Map([...documents].filter(([path]) => /^(README\.md|llms\.txt|docs\/)/.test(path)));
  expect(pages.size).toBeGreaterThan(30);
  expect(orphans("README.md", pages)).toEqual(["llms.txt"]);
  const listed = linksOf("llms.txt", pages.get("llms.txt") ?? "").map(({ path }) => path);
  const unlisted = [...pages.keys()].filter((path) => path.startsWith("docs/") && !listed.includes(path));
  expect(unlisted.filter((path) => !/^docs\/(decisions\/\d|README)/.test(path))).toEqual([]);
});

test("links of the package's llms.txt lead to what is in the package", () => {
  const home = "packages/banyan";
  const links = linksOf("llms.txt", readFileSync(join(root, home, "llms.txt"), "utf8")).map(({ path }) => path);
  const { files, exports } = JSON.parse(readFileSync(join(root, home, "package.json"), "utf8"));
  const built = Object.values<{ types: string }>(exports).map(({ types }) => types.replace("./", ""));
  const there = (path: string): boolean => built.includes(path) || read(`${home}/${path}`) !== undefined;
  expect(links.length).toBeGreaterThan(5);
  expect(links.filter((path) => !there(path))).toEqual([]);
  expect(links.filter((path) => path !== "README.md" && !files.includes(path.split("/")[0]))).toEqual([]);
});

test("a link that leads nowhere is told, by file and line", () => {
  const texts = new Map([
    [
      "docs/a.md",
      "# A\n\n[b](b.md) [two](b.md#two) [gone](gone.md)\n[three](b.md#three) [own](#a) [far](https://example.com/x#y)\n",
    ],
    ["docs/b.md", "# B\n\n```text\n# three\n[not read](nowhere.md)\n```\n\n## Two\n\n`[nor](this.md)`\n"],
  ]);
  const links = [...texts].flatMap(([path, text]) => linksOf(path, text));
  expect(brokenLinks(links, (path) => texts.get(path))).toEqual([
    "docs/a.md:3 leads to docs/gone.md, which does not exist",
    "docs/a.md:4 leads to #three of docs/b.md, which has no such heading",
  ]);
});

test("anchors are those of a renderer", () => {
  const anchors = anchorsOf("# `auth`: `jwt({ … })`\n## It's [here](x.md), again\n## Twice\n## Twice\n");
  expect([...anchors]).toEqual(["auth-jwt--", "its-here-again", "twice", "twice-1"]);
});

test("a page that nobody leads to is an orphan, however it leads to others", () => {
  const pages = new Map([
    ["README.md", "[a](docs/a.md)"],
    ["docs/a.md", "[b](b.md)"],
    ["docs/b.md", ""],
    ["docs/c.md", "[b](b.md)"],
  ]);
  expect(orphans("README.md", pages)).toEqual(["docs/c.md"]);
});

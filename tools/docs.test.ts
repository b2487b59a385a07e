import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkout } from "./docs-world.ts";
import { type Fence, fencesOf, problemsOf, regionOf } from "./docs.ts";

const root = join(import.meta.dirname, "..");
const documents = globSync(["{README,AGENTS}.md", "docs/**/*.md", "{packages,examples}/*/README.md"], { cwd: root });
const fences = (path: string): Fence[] => fencesOf(path, readFileSync(join(root, path), "utf8"));

describe.runIf(documents.length > 0).each(documents)("%s", (path) => {
  test("every block is quoted, run, or names only what exists", { timeout: 300_000 }, () => {
    expect(problemsOf(fences(path), checkout()).join("\n\n")).toBe("");
  });
});

test("code that is not quoted compiles as an application", () => {
  const loose = documents
    .flatMap(fences)
    .filter(({ lang, marks }) => lang === "ts" && !marks.some((mark) => mark.startsWith("file=")));
  // inside the checkout, so that packages resolve as they do for an application
  const folder = join(root, "node_modules", ".cache", "banyan-docs");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { path, line, text } of loose)
    writeFileSync(join(folder, `${path.replaceAll("/", "__")}.${line}.ts`), text);
  const config = {
    extends: join(root, "tsconfig.base.json"),
    compilerOptions: { types: ["node"] },
    files: [],
    include: ["*.ts"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const { stdout } = spawnSync(join(root, "node_modules/.bin/tsc"), ["--pretty", "false", "-p", folder], {
    encoding: "utf8",
  });
  expect(stdout).toBe("");
});

test("a region is what stands between its marks, at the left margin", () => {
  const source = "a\n  // #region one\n  b\n    c\n  // #region two\n  d\n  // #endregion\n\n  e\n  // #endregion\nf";
  expect(regionOf(source, "one")).toBe("b\n  c\nd\n\ne");
  expect(regionOf(source, "two")).toBe("d");
  expect(regionOf(source, "three")).toBeUndefined();
});

test("every way to be untrue is found, by file and line", () => {
  const blocks = [
    "ts file=a.ts\nconst a = 2;",
    "ts file=a.ts#gone\nconst a = 1;",
    "ts file=b.ts\nconst b = 1;",
    "text\nnothing printed this",
    "python\nprint(1)",
    "sh\nnpm run gone # says so",
    "sh run\nfalse",
    "sh run\necho one; echo two",
    "text\none\nthree",
    "sh run\necho one; echo two",
    "text\n…\ntwo",
    "ts file=a.ts\nconst a = 1;",
  ];
  const markdown = blocks.map((block) => `\`\`\`${block}\n\`\`\`\n`).join("");
  const world = { ...checkout(), read: (path: string) => (path === "a.ts" ? "const a = 1;\n" : undefined) };
  const problems = problemsOf(fencesOf("x.md", markdown), world).map((problem) => problem.split("\n")[0]);
  expect(problems).toEqual([
    "x.md:1 differs from a.ts, which is now:",
    'x.md:4 quotes a.ts, which has no "#region gone"',
    "x.md:7 quotes b.ts, which does not exist",
    'x.md:10 a text block needs file=PATH#region or a "sh run" block before it',
    'x.md:13 a python block needs file=PATH#region or a "sh run" block before it',
    'x.md:16 there is no npm script "gone"',
    "x.md:19 did not run: exit 1",
    "x.md:25 is not what the block before it prints, which is:",
  ]);
});

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { main } from "../cli/main.ts";
import { OTHERS } from "./package-lines.ts";
import { planOf } from "./plan.ts";
import { addLines } from "./write.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "banyan-init-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function init(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: "", err: "" };
  const out = (text: string): void => void (written.out += text);
  const err = (text: string): void => void (written.err += text);
  const code = await main(["init", ...words], { out, err, cwd: folder, env: {} });
  return { code, ...written };
}

/** Every file of the folder with its text. */
function contents(of: string = folder): Readonly<Record<string, string>> {
  const files = readdirSync(of, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).toSorted();
  return Object.fromEntries(paths.map((path) => [path.slice(of.length + 1), readFileSync(path, "utf8")]));
}

function put(file: string, text: string): void {
  mkdirSync(join(folder, file, ".."), { recursive: true });
  writeFileSync(join(folder, file), text);
}

const MANIFEST = `{
    "name": "theirs",
    "type": "module",
    "scripts": { "test": "jest", "dev": "vite", "banyan:dev": "mine" },
    "dependencies": { "zod": "4.0.0" }
}
`;
const FIRST = [
  "banyan.config.ts",
  "contexts/guestbook/contract.ts",
  "contexts/guestbook/guestbook.test.ts",
  "contexts/guestbook/index.ts",
  "contexts/guestbook/migrations/001-guestbook.sql",
];

test("an empty folder gets a package of its own, and what comes next is said", async () => {
  const { code, out, err } = await init("My Shop");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const files = contents(join(folder, "My Shop"));
  expect(Object.keys(files)).toEqual([".gitignore", ...FIRST, "package.json", "tsconfig.json"]);
  expect(JSON.parse(files["package.json"] ?? "")).toMatchObject({
    name: "my-shop",
    type: "module",
    scripts: { dev: "banyan dev", test: "node --test", types: "tsc" },
    dependencies: { banyan: expect.stringMatching(/^\^\d/) },
  });
  expect(files[".gitignore"]).toContain(".banyan/\n");
  expect(out).toMatch(/^written in My Shop:\n[^]*next:\n {2}cd My Shop\n {2}npm install\n/);
});

test("in a repository nothing of the user's is touched; what its package lacks is printed", async () => {
  put("package.json", MANIFEST);
  put("tsconfig.json", "{}");
  put(".gitignore", "node_modules");
  put("src/index.ts", "mine");
  const before = contents();
  const { code, out } = await init();
  expect(code).toBe(0);
  const after = contents();
  expect(after).toMatchObject(before);
  expect(Object.keys(after).filter((file) => !(file in before))).toEqual([...FIRST, "tsconfig.banyan.json"]);
  for (const line of [
    // not the tests that are there, which are of another runner
    '"banyan:test": "node --test \\"contexts/**/*.test.ts\\""',
    '"start": "banyan start"',
    '"types": "tsc -p tsconfig.banyan.json"',
  ])
    expect(out).toContain(line);
  for (const theirs of ['"zod"', '"dev"', '"banyan:dev"']) expect(out).not.toContain(theirs);
  expect(out).toContain(".gitignore\n  .banyan/\n");
  expect(out).toContain("npm run banyan:test\n");
  expect(out).toContain('leave it out there:\n  "exclude": ["node_modules", "banyan.config.ts", "contexts"]\n');
});

test.each([
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["package-lock.json", "npm"],
])("who has %s goes on with %s", async (lockfile, manager) => {
  put("package.json", MANIFEST);
  put(lockfile, "");
  const { out } = await init();
  expect(out).toContain(`next:\n  ${manager} install\n  ${manager} run banyan:test\n  ${manager} run `);
});

test("--write adds what is missing, and keeps every value that was there", async () => {
  put("package.json", MANIFEST);
  put(".gitignore", "node_modules");
  const { code, out } = await init("--write", "--json");
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ folder, kind: "added", added: true, ignore: ".banyan/" });
  const { "package.json": manifest = "", ".gitignore": ignored } = contents();
  expect(ignored).toBe("node_modules\n.banyan/\n");
  expect(manifest).toMatch(/^\{\n {4}"name": "theirs",/);
  const { scripts, dependencies, devDependencies } = JSON.parse(manifest);
  expect(scripts).toMatchObject({ test: "jest", dev: "vite", "banyan:dev": "mine" });
  expect(scripts["banyan:test"]).toBe('node --test "contexts/**/*.test.ts"');
  expect(dependencies).toMatchObject({ zod: "4.0.0", banyan: expect.any(String) });
  expect(Object.keys(devDependencies)).toContain("@banyan/testing");
});

test("every file in the way is named, and nothing is written", async () => {
  put("banyan.config.ts", "mine");
  put("contexts/guestbook/index.ts", "mine");
  symlinkSync("/nowhere", join(folder, "tsconfig.json"));
  const before = contents();
  const { code, out, err } = await init();
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toMatch(
    /^banyan: init-conflict: .*\n- banyan.config.ts\n- contexts\/guestbook\/index.ts\n- tsconfig.json\nNothing was written.\n {2}remedy: /,
  );
  expect(contents()).toEqual(before);
});

test("what --write would need a place for is in the way too", async () => {
  put("package.json", MANIFEST);
  put("package.json.new", "");
  const before = contents();
  expect(await init("--write")).toMatchObject({ code: 2, err: expect.stringContaining("- package.json.new\n") });
  expect(contents()).toEqual(before);
});

test("lines that cannot be added are told as such, and package.json is left as it is", () => {
  put("package.json", MANIFEST);
  const plan = planOf(folder);
  put("package.json.new", "");
  expect(() => addLines(folder, plan)).toThrow(expect.objectContaining({ code: "init-conflict" }));
  expect(contents()["package.json"]).toBe(MANIFEST);
});

test("a package.json that leads elsewhere is neither changed nor replaced", async () => {
  put("real.json", MANIFEST);
  symlinkSync("real.json", join(folder, "package.json"));
  expect(await init("--write")).toMatchObject({ code: 2, err: expect.stringContaining("- package.json\nNothing was") });
  expect(Object.keys(contents())).toEqual(["real.json"]);
});

test.each(["contexts", "contexts/guestbook", ".gitignore"])(
  "nothing is written through a link: %s leads elsewhere",
  async (link) => {
    const elsewhere = mkdtempSync(join(tmpdir(), "banyan-elsewhere-"));
    try {
      if (link.includes("/")) mkdirSync(join(folder, "contexts"));
      if (link === ".gitignore") writeFileSync(join(elsewhere, "file"), "");
      symlinkSync(link === ".gitignore" ? join(elsewhere, "file") : elsewhere, join(folder, link));
      put("package.json", '{ "type": "module" }');
      const { code, err } = await init("--write");
      expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(`- ${link}\nNothing was written.`) });
      const written = readdirSync(elsewhere).map((name) => readFileSync(join(elsewhere, name), "utf8"));
      expect(written.join("")).toBe("");
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  },
);

test.each([
  ["a package that is not of modules", '{ "name": "x" }', "init app"],
  ["a package.json that is broken", "{", "Correct it"],
  ["a package.json that is no object", "[]", "Correct it"],
])("%s is left alone, and told how to begin", async (...[, manifest, remedy]) => {
  put("package.json", manifest);
  const before = contents();
  const { code, err } = await init();
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining("init-conflict") });
  expect(err).toContain(remedy);
  expect(contents()).toEqual(before);
  expect((await init("app")).code).toBe(0);
});

test.each([
  ["dependencies", "zod", "^3.25.0"],
  ["devDependencies", "zod", "3"],
  ["peerDependencies", "zod", "^2.0.0 || ~3.1"],
  ["devDependencies", "typescript", "~5.7.3"],
  ["devDependencies", "typescript", "^4.9.5"],
])("what is written would not work with what is there: %s, %s %s", async (section, name, range) => {
  put("package.json", JSON.stringify({ type: "module", [section]: { [name]: range } }));
  const before = contents();
  const { code, err } = await init("--write");
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(`has ${name} ${range}, and not ^`) });
  expect(err).toMatch(/remedy: Raise it\. Or begin in a folder of its own/);
  expect(contents()).toEqual(before);
});

test.each(["^4.0.0", "^3.25 || ^4", ">=3", "*", "catalog:", "workspace:^", "latest", "^5"])(
  "a range that may have a version that fits is left to its owner: zod %s",
  async (range) => {
    put("package.json", JSON.stringify({ type: "module", dependencies: { zod: range, typescript: "^5.0.0" } }));
    expect((await init()).code).toBe(0);
  },
);

test("--write has nothing to add to where there is no package", async () => {
  expect(await init("--write")).toMatchObject({ code: 2, err: expect.stringContaining("option-invalid") });
  expect(contents()).toEqual({});
});

test("the versions it names are those that this is built and tried with", () => {
  const root = join(import.meta.dirname, "..", "..", "..", "..");
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const [name, range] of Object.entries(OTHERS))
    expect([name, range]).toEqual([name, `^${devDependencies[name]}`]);
});

test("a file where a folder is meant, and a folder where a file is, are refused in words", async () => {
  put("file", "");
  put("odd/package.json/x", "");
  for (const dir of ["file", "odd"]) {
    const { code, err } = await init(dir);
    expect(code).toBe(2);
    expect(err).toMatch(
      /^banyan: init-conflict: .+(cannot be (read|written)).+\n {2}remedy: Give a folder that this user/,
    );
  }
});

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";

// The lint configuration is tried on planted breaches: a glob that matches nothing would otherwise pass for ever.
const root = join(import.meta.dirname, "..");
const scratch = mkdtempSync(join(tmpdir(), "banyan-lint-"));
copyFileSync(join(root, ".oxlintrc.json"), join(scratch, ".oxlintrc.json"));
writeFileSync(join(scratch, "tsconfig.json"), '{ "compilerOptions": { "module": "nodenext", "strict": true } }');
afterAll(() => rmSync(scratch, { recursive: true }));

function lint(path: string, text: string): string[] {
  const file = join(scratch, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const options = ["--format=json", file];
  const { stdout } = spawnSync(join(root, "node_modules/.bin/oxlint"), options, { cwd: scratch, encoding: "utf8" });
  return JSON.parse(stdout).diagnostics.map(
    (finding: { code: string; help?: string }) => `${finding.code} ${finding.help}`,
  );
}

const foreign = ["Date", "Temporal", "Intl", "WeakRef", "setTimeout", "console", "process", "crypto", "performance"];
test.each(foreign)("core may not use %s, and is told what to use instead", (name) => {
  const found = lint("packages/core/src/runtime/planted.ts", `export const planted: unknown = ${name};\n`);
  expect(found).toEqual([expect.stringMatching(/no-restricted-globals.* [a-z ]{12}/)]);
});

test("core's own tests may", () => {
  expect(lint("packages/core/src/runtime/planted.test.ts", "export const planted = Date.now();\n")).toEqual([]);
});

test.each([
  ["packages/core/src/a.ts", "export const a: number = Math.random();\n", "no-restricted-properties"],
  ["packages/core/src/a.ts", 'export const a: number = "a".localeCompare("b");\n', "no-restricted-properties"],
  [
    "packages/core/src/a.ts",
    'import { join } from "node:path";\nexport const a: unknown = join;\n',
    "no-restricted-imports",
  ],
  [
    "packages/node/src/a.ts",
    'import { memory } from "@banyan/testing";\nexport const a = memory;\n',
    "no-restricted-imports",
  ],
  ["packages/node/src/a.ts", "console.log(1);\n", "no-restricted-globals"],
  [
    "examples/shop/a.ts",
    'import { context } from "@banyan/core";\nexport const a = context;\n',
    "no-restricted-imports",
  ],
  ["packages/node/src/a.ts", "export default 1;\n", "no-default-export"],
  ["packages/node/src/aB.ts", "export const a = 1;\n", "filename-case"],
  ["packages/node/src/a.ts", "export const a = (b: 1, c: 1, d: 1, e: 1): unknown => [b, c, d, e];\n", "max-params"],
  ["packages/node/src/a.ts", `export function a(): void {${"\n;".repeat(70)}\n}\n`, "max-lines-per-function"],
  ["packages/node/src/a.ts", "Promise.reject(new Error());\n", "no-floating-promises"],
  [
    "packages/node/src/a.ts",
    'export function a(b: "x" | "y"): void { switch (b) { case "x": throw new Error(); } }\n',
    "switch-exhaustiveness-check",
  ],
])("%s: %j breaks %s", (path, text, rule) => {
  expect(lint(path, text).join("\n")).toContain(rule);
});

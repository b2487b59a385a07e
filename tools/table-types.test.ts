import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const BIN = join(root, "packages", "banyan", "bin", "banyan.js");

test.each([
  ["shop", []],
  ["booking", ["--context", "cars"]],
])("the tables of the %s are what its migrations make (banyan types writes them)", (example, words) => {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const options = { cwd: join(root, "examples", example), env, encoding: "utf8" } as const;
  expect(execFileSync(process.execPath, [BIN, "types", "--check", ...words], options)).toMatch(/^(current .+\n)+$/);
});

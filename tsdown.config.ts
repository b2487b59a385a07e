import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type UserConfig } from "tsdown";

// What is built is what `exports` name: each entry's `source` becomes its `default`, so there is one list, not two.
const packages = join(import.meta.dirname, "packages");

export default defineConfig(readdirSync(packages).map((name) => build(join(packages, name))));

function build(cwd: string): UserConfig {
  const { exports } = JSON.parse(readFileSync(join(cwd, "package.json"), "utf8"));
  const entry = Object.values<{ source: string; default: string }>(exports).map((target) => [
    target.default.replace(/^\.\/dist\/|\.js$/g, ""),
    target.source,
  ]);
  // what bin/ starts is nobody's to import
  const command = existsSync(join(cwd, "src/cli/main.ts")) ? { "cli/main": "src/cli/main.ts" } : {};
  // nor what a worker thread starts with
  const thread = existsSync(join(cwd, "src/sqlite/sql-thread.ts")) ? { "sql-thread": "src/sqlite/sql-thread.ts" } : {};
  return {
    cwd,
    entry: { ...Object.fromEntries(entry), ...command, ...thread },
    format: "esm",
    platform: "node",
    target: "node24.15",
    outExtensions: () => ({ js: ".js", dts: ".d.ts" }),
    dts: { oxc: true },
    publint: true,
    clean: true,
    report: false,
    logLevel: "warn",
  };
}

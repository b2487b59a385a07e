#!/usr/bin/env node
// Plain JavaScript that any Node can read, so that an old one is refused in words and not by a syntax error.
import { existsSync } from "node:fs";
import module from "node:module";
import { join } from "node:path";

const NEEDED = [24, 15];
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  const message = `banyan needs Node ${NEEDED.join(".")} or newer, but this is ${process.versions.node} (${process.execPath}).`;
  const remedy = "Install a newer Node, or run banyan by npx or an npm script in a project that brings its own.";
  if (process.argv.includes("--json")) {
    process.stdout.write(`${JSON.stringify({ error: { code: "node-too-old", message, remedy } })}\n`);
  } else {
    process.stderr.write(`banyan: node-too-old: ${message}\n  remedy: ${remedy}\n`);
  }
  process.exitCode = 2;
} else {
  // what was compiled the last time is not compiled again; `start` writes nothing beside its data
  const modules = join(process.cwd(), "node_modules");
  if (process.argv[2] !== "start" && existsSync(modules)) module.enableCompileCache(join(modules, ".cache", "banyan"));
  const source = new URL("../src/cli/main.ts", import.meta.url);
  // An installed package lies in node_modules, where Node runs no TypeScript, and is built; a checkout is run as it is.
  const checkout = !source.pathname.includes("/node_modules/") && existsSync(source);
  if (checkout) {
    module.registerHooks({
      resolve: (specifier, context, next) =>
        next(specifier, { ...context, conditions: [...context.conditions, "source"] }),
    });
  }
  const { main } = await import(checkout ? source.href : "../dist/cli/main.js");
  process.exitCode = await main(process.argv.slice(2));
}

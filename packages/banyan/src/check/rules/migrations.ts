import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Expression } from "oxc-parser";
import type { Fault } from "../report.ts";
import { isTest, type CallSite, type SourceModule } from "../source-module.ts";
import type { Application } from "./rule.ts";

/** `sqlFiles(new URL("./migrations/", import.meta.url))` of a folder with no file in it: its context starts, and has no tables. */
export function emptyMigrations({ modules, shown }: Application): Fault[] {
  return modules
    .filter((module) => !isTest(module) && module.imports.has("sqlFiles"))
    .flatMap((module) => module.calls.flatMap((site) => empty(site, module, shown)));
}

function empty(site: CallSite, module: SourceModule, shown: Application["shown"]): Fault[] {
  if (site.method !== "sqlFiles" || site.receiver !== undefined) return [];
  const named = folderOf(site.node.arguments[0] as Expression | undefined);
  if (named === undefined) return [];
  const folder = join(dirname(module.path), named);
  if (!isEmpty(folder)) return [];
  const message = `The folder of migrations ${shown(folder)} has no migration, so nothing makes a table.`;
  return [{ code: "migrations-empty", module, at: site.at, message }];
}

/** Only what is written as a path beside the file can be known without running it. */
function folderOf(argument: Expression | undefined): string | undefined {
  if (argument?.type !== "NewExpression" || argument.callee.type !== "Identifier" || argument.callee.name !== "URL")
    return undefined;
  const [path] = argument.arguments;
  const isRelative = path?.type === "Literal" && typeof path.value === "string" && /^\.\.?\//.test(path.value);
  return isRelative ? String(path.value) : undefined;
}

/** What `sqlFiles` passes over is nothing here either. One that is not there is found when the application is run. */
function isEmpty(folder: string): boolean {
  try {
    return readdirSync(folder).every((name) => name.startsWith("."));
  } catch {
    return false;
  }
}

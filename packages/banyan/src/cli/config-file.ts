import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { BanyanError, didYouMean } from "@banyan/core";
import type { Io } from "./io.ts";

/** The option every command has that reads the application. */
export const CONFIG = {
  kind: "string",
  value: "FILE",
  default: "banyan.config.ts",
  description: "the file that puts the application together",
} as const;

/** The absolute path of the config file, from where the user stands. */
export function configFile(option: string, { cwd }: Io): string {
  const path = resolve(cwd, option);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return path;
  throw new BanyanError("config-not-found", `There is no file ${path}.${didYouMean(basename(path), neighbours(path))}`);
}

/** The file of settings: the one named, else `banyan.json` beside the config file, where there is one. */
export function settingsFile(named: string | undefined, config: string, { cwd }: Io): string | undefined {
  if (named !== undefined) return resolve(cwd, named);
  const usual = join(dirname(config), "banyan.json");
  return existsSync(usual) ? usual : undefined;
}

/** What may have been meant; another tool's `*.config.ts` never is. */
function neighbours(path: string): string[] {
  const folder = dirname(path);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => !name.includes(".config.") || name.startsWith("banyan"));
}

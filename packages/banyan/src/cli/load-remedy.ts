import { readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { didYouMean } from "@banyan/core";

/** What to do about a module that could not be loaded, by the words of the engine. */
export function loadRemedy(thrown: unknown): string {
  const { code, message } = thrown instanceof Error ? (thrown as NodeJS.ErrnoException) : { code: "", message: "" };
  const [, name = ""] = /export named '([^']+)'/.exec(message) ?? [];
  if (name !== "") return `Export \`${name}\` from the file that is imported, or import a name that it exports.`;
  const [, packaged = ""] = /^Cannot find package '([^']+)'/.exec(message) ?? [];
  if (packaged !== "") return `Install it with \`npm install ${packaged}\`, or correct the name that is imported.`;
  const [, path = ""] = /^Cannot find module '([^']+)'/.exec(message) ?? [];
  if (path !== "") return `Correct the path that is imported; it ends as the file does, in .ts.${nearest(path)}`;
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX")
    return "Write it without syntax that has to be compiled: no enum, no namespace, no parameter property.";
  return "Correct the file named; the line is where it failed.";
}

function nearest(path: string): string {
  try {
    const names = readdirSync(dirname(path));
    const same = names.find((name) => name.startsWith(`${basename(path)}.`));
    return same === undefined ? didYouMean(basename(path), names) : ` Did you mean "${same}"?`;
  } catch {
    // not even its folder is there
    const folder = dirname(path);
    return folder === path ? "" : nearest(folder);
  }
}

import { readdirSync, type Dirent } from "node:fs";
import { join } from "node:path";

const SOURCE = /(?<!\.d)\.[cm]?[jt]sx?$/;
const CONFIG = /^banyan\.config\.[cm]?[jt]s$/;
const SKIPPED = new Set(["node_modules", "dist", "coverage"]);

export function isSource(path: string): boolean {
  return SOURCE.test(path);
}

/**
 * Every source file beneath a folder. Links are not followed (what they lead to is judged where it lies), nor folders
 * that start with a dot, hold what was built or installed, or are applications of their own.
 */
export function sourceFiles(folder: string): string[] {
  return filesIn(folder, readdirSync(folder, { withFileTypes: true }));
}

function filesIn(folder: string, entries: readonly Dirent[]): string[] {
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return isSource(entry.name) ? [path] : [];
    return entry.isDirectory() && !SKIPPED.has(entry.name) && !entry.name.startsWith(".") ? nested(path) : [];
  });
}

function nested(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.some((entry) => CONFIG.test(entry.name)) ? [] : filesIn(folder, entries);
}

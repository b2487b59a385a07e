import { execFileSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

/** A proof older than this many commits that touch what it names is to be done again. */
export const OLDEST = 200;

/** Undefined where it fails. */
function git(...args: readonly string[]): string | undefined {
  try {
    return execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}

/** Why the age of a proof cannot be told here; undefined where it can. */
export function noHistory(): string | undefined {
  const shallow = git("rev-parse", "--is-shallow-repository");
  if (shallow === undefined) return "there is no git history";
  return shallow === "true" ? "the git history is cut short" : undefined;
}

/** How many commits have touched these paths since a commit. Where that is not in the history (it was written anew since), since the one that changed `file` last. */
export function commitsSince(commit: string, paths: readonly string[], file: string): number {
  const known = git("merge-base", "--is-ancestor", commit, "HEAD") !== undefined;
  const since = known ? commit : git("rev-list", "-1", "HEAD", "--", file);
  if (since === undefined || since === "")
    throw new Error(`Nothing is known of ${commit}, and ${file} is not in the history.`);
  return Number(git("rev-list", "--count", `${since}..HEAD`, "--", ...paths));
}

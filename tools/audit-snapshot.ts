import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Audit } from "./audit.ts";

const root = join(import.meta.dirname, "..");

/** The last answer that was recorded: when, and of which lockfile. */
export interface Snapshot {
  readonly at: string;
  readonly lockfile: string;
  readonly audit: Exclude<Audit, { verdict: "unasked" }>;
}

export function record(audit: Snapshot["audit"], file: string): void {
  const snapshot: Snapshot = { at: new Date().toISOString(), lockfile: lockfileDigest(), audit };
  writeFileSync(file, `${JSON.stringify(snapshot, undefined, 2)}\n`);
}

/** What is known where nobody answers now. */
export function snapshotText(file: string): string {
  if (!existsSync(file)) return "No answer was ever recorded (npm run audit -- --record).";
  const { at, lockfile, audit }: Snapshot = JSON.parse(readFileSync(file, "utf8"));
  const since = lockfile === lockfileDigest() ? "of this lockfile" : "of another lockfile than this one";
  return `The last answer, of ${at}, ${since}: ${audit.verdict}, ${audit.packages} packages.`;
}

function lockfileDigest(): string {
  return createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
}

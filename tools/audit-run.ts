import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { auditOf, auditText, EXIT } from "./audit.ts";
import { record, snapshotText } from "./audit-snapshot.ts";

// `npm run audit [-- --record [FILE]]`: 0 = the registry knows of nothing, 1 = it does, 2 = it could not be asked.
const LIMIT_MS = 120_000;
const words = ["audit", "--audit", "--json", "--omit=dev", "--package-lock-only", "--fetch-retries=1"];
const [option, file = join(import.meta.dirname, "audit-snapshot.json")] = process.argv.slice(2);
const { stdout } = spawnSync(process.platform === "win32" ? "npm.cmd" : "npm", words, {
  cwd: join(import.meta.dirname, ".."),
  encoding: "utf8",
  timeout: LIMIT_MS,
  shell: process.platform === "win32",
});
const audit = auditOf(stdout);
console.log(auditText(audit));
if (audit.verdict === "unasked") console.log(snapshotText(file));
else if (option === "--record") record(audit, file);
process.exitCode = EXIT[audit.verdict];

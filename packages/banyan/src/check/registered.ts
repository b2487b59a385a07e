import { realpathSync } from "node:fs";
import { ERROR_CODES, isBanyanError, type ErrorCode, type Violation } from "@banyan/core";
import { byPlace, shown, type CheckReport, type Finding } from "./report.ts";

/** What running the config file found: violations of registration, or why it could not be run. */
export type Registered = { readonly violations: readonly Violation[] } | { readonly failure: unknown };

/** The report with what running the application adds to it. What both halves found is reported once. */
export function withRegistered(
  report: CheckReport,
  found: Registered,
  by: { readonly config: string; readonly base: string },
): CheckReport {
  const base = realpathSync.native(by.base);
  if ("failure" in found) {
    const unjudged = [...report.unjudged, failureOf(found.failure, by.config, base)];
    return { ...report, ok: false, unjudged };
  }
  const known = new Set(report.violations.map(identity));
  const added = found.violations
    .map((violation) => findingOf(violation, by.config, base))
    .filter((finding) => !known.has(identity(finding)));
  const violations = [...report.violations, ...added].sort(byPlace);
  return { ...report, ok: report.ok && violations.length === 0, violations };
}

function identity({ code, file, line }: Finding): string {
  return `${file}:${line} ${code}`;
}

function findingOf({ code, message, remedy, at }: Violation, config: string, base: string): Finding {
  return { code, message, remedy, ...placed(at === "" ? config : at, base) };
}

function failureOf(thrown: unknown, config: string, base: string): Finding {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const code =
    isBanyanError(thrown) && Object.hasOwn(ERROR_CODES, thrown.code) ? (thrown.code as ErrorCode) : "config-invalid";
  const at = isBanyanError(thrown) ? thrown.details?.["at"] : undefined;
  const remedy = isBanyanError(thrown) && thrown.remedy !== "" ? thrown.remedy : ERROR_CODES[code].remedy;
  return { code, message, remedy, ...placed(typeof at === "string" ? at : config, base) };
}

/** `file:line:column` taken apart; what says no line is meant as a whole. */
function placed(at: string, base: string): Pick<Finding, "file" | "line" | "column"> {
  const [, path = at, line = "1", column = "1"] = /^(.*?)(?::(\d+))?(?::(\d+))?$/.exec(at) ?? [];
  return { file: shown(real(path), base), line: Number(line), column: Number(column) };
}

function real(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

import type { CheckReport, Finding } from "./report.ts";

/** A report for people: `file:line:column code message`, the remedy below, and a closing line. */
export function formatReport(report: CheckReport): string {
  const { violations, warnings, unjudged } = report;
  const lines = [
    ...violations.map((finding) => block(finding, "")),
    ...unjudged.map((finding) => block(finding, "not judged: ")),
    ...warnings.map((finding) => block(finding, "warning: ")),
    summary(report),
  ];
  return `${lines.join("\n")}\n`;
}

function block({ file, line, column, code, message, remedy }: Finding, mark: string): string {
  return `${file}:${line}:${column} ${mark}${code} ${message}\n  remedy: ${remedy}`;
}

function summary({ ok, violations, warnings, unjudged }: CheckReport): string {
  const counts = [
    violations.length > 0 && counted(violations.length, "violation"),
    unjudged.length > 0 && `${counted(unjudged.length, "place")} not judged`,
    warnings.length > 0 && counted(warnings.length, "warning"),
  ].filter((words) => words !== false);
  return [ok ? "check: fine" : "check: not fine", ...counts].join(", ");
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

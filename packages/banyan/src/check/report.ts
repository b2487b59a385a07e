import { relative, sep } from "node:path";
import { ERROR_CODES, type ErrorCode } from "@banyan/core";
import { placeOf } from "./place.ts";
import type { SourceModule } from "./source-module.ts";

/** One thing found in the sources, with the place where it was written. Lines and columns start at 1. */
export interface Finding {
  readonly code: ErrorCode;
  /** Relative to the folder `check` was asked from, with `/`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly remedy: string;
}

/** What `banyan check` says. `unjudged` is what it could not read: then nothing is promised about it. */
export interface CheckReport {
  readonly ok: boolean;
  readonly violations: readonly Finding[];
  readonly warnings: readonly Finding[];
  readonly unjudged: readonly Finding[];
}

/** What a rule found; `remedy` replaces the one of the code's table where the place allows a better one. */
export interface Fault {
  readonly code: ErrorCode;
  readonly module: SourceModule;
  readonly at: number;
  readonly message: string;
  readonly remedy?: string;
}

/** Faults as sorted findings, named as seen from `base`. One place and code is reported once. */
export function findings(faults: readonly Fault[], base: string): Finding[] {
  const unique = new Map<string, Finding>();
  for (const fault of faults) {
    const found = findingOf(fault, base);
    unique.set(`${found.file}:${found.line}:${found.column}:${found.code}:${found.message}`, found);
  }
  return [...unique.values()].sort(byPlace);
}

function findingOf(fault: Fault, base: string): Finding {
  const { line, column } = placeOf(fault.module.text, fault.at);
  const remedy = fault.remedy ?? ERROR_CODES[fault.code].remedy;
  return { code: fault.code, file: shown(fault.module.path, base), line, column, message: fault.message, remedy };
}

export function byPlace(left: Finding, right: Finding): number {
  return (
    compare(left.file, right.file) ||
    left.line - right.line ||
    left.column - right.column ||
    compare(left.code, right.code)
  );
}

/** Code unit order: the same on every machine, whatever its locale. */
function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A path as seen from a folder, with `/` on every system. */
export function shown(path: string, base: string): string {
  return relative(base, path).split(sep).join("/");
}

import { isBanyanError } from "@banyan/core";
import type { CodeFacts, DataFacts, Facts } from "./facts.ts";

/** `UNKNOWN`: it could not be judged. */
export type Status = "PASS" | "WARN" | "FAIL" | "UNKNOWN";

/** What one check found; all but a PASS say what to do. */
export interface Finding {
  readonly status: Status;
  readonly message: string;
  readonly remedy?: string;
}

export interface Check {
  readonly name: string;
  readonly judge: (facts: Facts) => Finding;
}

export function pass(message: string): Finding {
  return { status: "PASS", message };
}

export function warn(message: string, remedy: string): Finding {
  return { status: "WARN", message, remedy };
}

export function fail(message: string, remedy: string): Finding {
  return { status: "FAIL", message, remedy };
}

/** A check of data that whoever owns it told of. */
export function ofData(name: string, judge: (data: DataFacts, facts: Facts) => Finding): Check {
  return {
    name,
    judge: (facts) => {
      if (facts.data === undefined) return pass("there is no data yet");
      return isBanyanError(facts.data) ? unjudged("data") : judge(facts.data as DataFacts, facts);
    },
  };
}

/** A check of the application's code. */
export function ofCode(name: string, judge: (code: CodeFacts, facts: Facts) => Finding): Check {
  return { name, judge: (facts) => (isBanyanError(facts.code) ? unjudged("code") : judge(facts.code, facts)) };
}

/** Because another check, which says so, could not be made. */
export function unjudged(what: "data" | "code" | "settings"): Finding {
  return { status: "UNKNOWN", message: "not judged", remedy: `What "${what}" says has to be repaired first.` };
}

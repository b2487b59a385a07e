import { columns } from "../cli/columns.ts";
import { printable } from "../cli/printable.ts";
import type { Diagnosis } from "./diagnosis.ts";

const VERDICTS: Readonly<Record<Diagnosis["verdict"], string>> = {
  pass: "nothing falls short",
  fail: "something falls short",
  unknown: "nothing falls short of what could be judged",
};

/** A line for each check, with what to do under those that need something. */
export function doctorText({ verdict, checks }: Diagnosis): string {
  const rows = checks.flatMap(({ check, status, message, remedy }) => [
    [status, check, printable(message)],
    ...(remedy === undefined ? [] : [["", "", `remedy: ${printable(remedy)}`]]),
  ]);
  return `${columns(rows)}\n${VERDICTS[verdict]}\n`;
}

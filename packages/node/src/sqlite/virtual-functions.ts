import type { Clock, Random } from "@banyan/core";
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from "node:sqlite";

/** Functions of SQLite that read the clock of the machine when they are told `now`, or told nothing. */
const DATE_FUNCTIONS = ["date", "time", "datetime", "julianday", "unixepoch", "strftime", "timediff"] as const;
const CURRENT = { current_timestamp: "datetime", current_date: "date", current_time: "time" } as const;

/** Asked by our functions for everything but the present. One for all: it has no data, and what a function holds is never collected. */
const plain = (): DatabaseSync => (asked ??= new DatabaseSync(":memory:"));
let asked: DatabaseSync | undefined;

/** Makes what SQL itself knows of time and chance come from the ports, so that a simulated database repeats itself. */
export function overrideFunctions(
  db: DatabaseSync,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): void {
  const ask = (name: string, parameters: readonly SQLInputValue[]): SQLOutputValue => {
    const sql = `SELECT ${name}(${parameters.map(() => "?").join(", ")}) AS value`;
    return (
      plain()
        .prepare(sql)
        .get(...parameters)?.["value"] ?? null
    );
  };
  const now = (): string => new Date(clock.now()).toISOString().replace("T", " ").replace("Z", "");
  for (const name of DATE_FUNCTIONS) {
    db.function(name, { varargs: true, deterministic: true }, (...parameters) =>
      ask(name, withPresent(name, parameters, now)),
    );
  }
  for (const [name, dateFunction] of Object.entries(CURRENT)) {
    db.function(name, () => ask(dateFunction, [now()]));
  }
  db.function("random", () => (BigInt(random.u32() | 0) << 32n) | BigInt(random.u32()));
  db.function("randomblob", { varargs: true }, (length) => randomBytes(random, Number(length)));
}

/** The parameters with the present as a time, also where it is only meant: `datetime()` is `datetime('now')`. */
function withPresent(name: string, parameters: readonly SQLOutputValue[], now: () => string): SQLInputValue[] {
  const times = name === "strftime" ? 1 : 0;
  const meant = parameters.length === times ? [...parameters, "now"] : parameters;
  return meant.map((value) => (typeof value === "string" && value.toLowerCase() === "now" ? now() : value));
}

function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length: Math.max(1, length) }, () => random.u32() & 0xff);
}

import { BanyanError, didYouMean } from "../error/index.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";

/** What stands still for good, or never rests, at 0. */
const FROM_ONE: ReadonlySet<string> = new Set<keyof Limits>([
  "batchUnits",
  "batchBytes",
  "queuedUnits",
  "commandsAtOnce",
  "beforeLimitMs",
  "inFlight",
  "inFlightBytes",
  "retries",
  "parkedRows",
  "parkedBytes",
  "circuitKeys",
  "backlogBytes",
  "retentionEveryMs",
  "elsewhereEveryMs",
]);

/** The limits of a runtime with their defaults in the place of what is not given; other names are somebody else's. Throws as `checkedNumbers`. */
export function checkedLimits(given: Partial<Limits> = {}): Limits {
  const own = Object.entries(given).filter(([name]) => Object.hasOwn(DEFAULT_LIMITS, name));
  return checkedNumbers(DEFAULT_LIMITS, Object.fromEntries(own));
}

/** What is given, and the defaults in the place of the rest. Throws `config-invalid`, with everything that is no limit or none that can be kept. */
export function checkedNumbers<Known extends object>(defaults: Known, given: object): Known {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  const wrong = entries.flatMap(([name, value]) => {
    if (!Object.hasOwn(defaults, name))
      return [`There is no limit "${name}".${didYouMean(name, Object.keys(defaults))}`];
    if (isLimit(name, value)) return [];
    return [`The limit "${name}" is ${String(value)}, and must be a number from ${leastOf(name)} on.`];
  });
  if (wrong.length > 0) throw invalid(wrong);
  return { ...defaults, ...Object.fromEntries(entries) };
}

const leastOf = (name: string): number => (FROM_ONE.has(name) ? 1 : 0);

function isLimit(name: string, value: unknown): boolean {
  return typeof value === "number" && value >= leastOf(name);
}

function invalid(wrong: readonly string[]): BanyanError {
  return new BanyanError("config-invalid", wrong.join(" "), {
    remedy: "Write limits as numbers, of bytes or milliseconds where their names say so, or leave them out.",
  });
}

import type { Breach } from "../simulation.ts";
import { breach, countBy } from "./breach.ts";
import type { Remains } from "./remains.ts";

/** What committed bodies emitted is in the log, or scheduled, and nothing else is. */
export function judgeEmissions({ logs, scheduled, effects }: Remains): readonly Breach[] {
  const emitted = new Map<string, number>();
  for (const { name, cause, emitted: count } of effects) {
    const id = `${contextOf(name)} ${cause}`;
    emitted.set(id, (emitted.get(id) ?? 0) + count);
  }
  const logged = [...logs.values()].flat().map(({ source, causation }) => `${source} ${causation}`);
  const waiting = scheduled.map(({ context, entry }) => `${context} ${entry.causation}`);
  const found = countBy([...logged, ...waiting], (cause) => cause);
  return [...new Set([...emitted.keys(), ...found.keys()])].flatMap((cause) => {
    const [expected, there] = [emitted.get(cause) ?? 0, found.get(cause) ?? 0];
    if (expected === there) return [];
    return breach(
      "emitted-once",
      `${cause} emitted ${expected} events in committed bodies; the log and the schedule have ${there}.`,
    );
  });
}

const contextOf = (name: string): string => name.split(".")[0] ?? "";

import type { Breach, Law } from "../simulation.ts";

export function breach(law: Law, message: string): Breach {
  return { law, message };
}

export function countBy<T>(values: readonly T[], by: (value: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(by(value), (counts.get(by(value)) ?? 0) + 1);
  return counts;
}

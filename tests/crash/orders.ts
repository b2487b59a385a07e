import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SAMPLE = join(import.meta.dirname, "..", "..", "examples", "shop", "sample", "orders.csv");

/** The bundled sample, returns included, so many times over, each time under other invoice numbers: for a replay that lasts. */
export function writeRounds(folder: string, rounds: number): string {
  const [header = "", ...rows] = readFileSync(SAMPLE, "utf8").trimEnd().split("\n");
  const all = Array.from({ length: rounds }, (_, round) =>
    rows.map((row) => row.replace(/^("?C?)/, `$1${round + 1}`)),
  ).flat();
  const file = join(folder, "orders.csv");
  writeFileSync(file, `${[header, ...all].join("\n")}\n`);
  return file;
}

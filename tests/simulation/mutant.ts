import { registerHooks } from "node:module";
import { argv } from "node:process";
import { MUTANTS } from "./mutants.ts";

// Run as a process of its own: `node --conditions=source mutant.ts NAME SEEDS` loads the runtime with one line replaced, and says which seed of the bank broke what.
const [, , name = "", seeds = "100"] = argv;
const mutant = MUTANTS[name];
let replaced = 0;

const textOf = (source: string | ArrayBuffer | NodeJS.TypedArray | undefined): string =>
  typeof source === "string" ? source : new TextDecoder().decode(source);

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (mutant === undefined || !url.endsWith(`/packages/core/src/runtime/${mutant.file}`)) return loaded;
    const parts = textOf(loaded.source).split(mutant.line);
    if (parts.length !== 2) throw new Error(`${mutant.file} has "${mutant.line}" ${parts.length - 1} times.`);
    replaced++;
    return { ...loaded, source: parts.join(mutant.instead) };
  },
});

const { memory, memoryDisk } = await import("@banyan/core");
const { reference, simulateSeed } = await import("@banyan/testing");
if (name !== "" && replaced !== 1) throw new Error(`The line of "${name}" was not replaced.`);

const usual = reference("tables");
const faults = { ...usual.faults, ...mutant?.faults };
const bank = { ...usual, faults, disk: memoryDisk, store: memory, maxSteps: 100_000 };
let found: { readonly seed: number; readonly laws: readonly string[] } | undefined;
for (let seed = 1; seed <= Number(seeds) && found === undefined; seed++) {
  const { breaches } = await simulateSeed({ ...bank, seed });
  if (breaches.length > 0) found = { seed, laws: [...new Set(breaches.map(({ law }) => law))].toSorted() };
}
process.stdout.write(JSON.stringify(found ?? null));

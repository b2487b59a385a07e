import { memoryDisk, type MemoryDisk, type Store } from "@banyan/core";
import { sqlite } from "@banyan/node";
import { reference, simulateSeeds, type Breach, type Simulation, type World } from "@banyan/testing";
import { expect, test } from "vitest";
import { simulation as shop } from "../../examples/shop/simulation/main.ts";

interface Judged {
  readonly breaches: readonly (Breach & { readonly seed: number })[];
  readonly struck: ReadonlySet<string>;
}

async function judged(simulation: Simulation, seeds: number): Promise<Judged> {
  const breaches: (Breach & { readonly seed: number })[] = [];
  const struck = new Set<string>();
  const store = (disk: MemoryDisk, { clock, random }: World): Store =>
    sqlite({ memory: disk, overrides: { clock, random } });
  for await (const result of simulateSeeds({ ...simulation, disk: memoryDisk, store, from: 1, seeds })) {
    for (const breach of result.breaches) breaches.push({ seed: result.seed, ...breach });
    for (const name of Object.keys(result.counters)) struck.add(name);
  }
  return { breaches, struck };
}

// Its first seeds found that a charge in doubt was forgotten when the order was cancelled meanwhile.
test("the shop loses no order and no cent under crashes", { timeout: 120_000 }, async () => {
  const { breaches, struck } = await judged(shop, 60);
  expect(breaches).toEqual([]);
  for (const fault of ["crash after commit", "crash before commit", "takeover", "command repeated"])
    expect(struck).toContain(fault);
});

test("the bank on SQLite breaks no law", { timeout: 60_000 }, async () => {
  expect((await judged(reference("sql"), 30)).breaches).toEqual([]);
});

import { anyone, app, command, context, event, memory, memoryDisk, tables, type App } from "@banyan/core";
import { expect, test } from "vitest";
import { shape } from "../reference/shape.ts";
import { DEFAULT_ODDS, DELIVERED, neverHappened, NO_FAULTS, simulate, simulateSeed } from "./index.ts";
import type { Client, FaultOdds } from "./index.ts";

const data = shape({ id: "string" });
const Ask = command("one.ask", { input: data });
const Asked = event("one.asked", { version: 1, key: "id", data });

/** One command, and one reader of what it emits. */
function application(): App {
  const one = context("one", { contract: { Ask, Asked }, tx: tables() });
  one.handle(Ask, { allow: anyone() }, ({ id }, { emit }) => emit(Asked, { id }));
  one.on(Asked, { name: "read", from: "start" }, async ({ data: { id } }, { tx }) => tx.table("read").set(id, 1));
  return app({ contexts: [one] });
}

async function asker(client: Client): Promise<void> {
  for (let i = 0; i < 30; i++) await client.command(Ask, { id: `${client.name} ${i % 5}` });
}

const FAULTS = Object.keys(DEFAULT_ODDS) as (keyof FaultOdds)[];

/** Odds at which each kind strikes a short run. */
const OFTEN: Partial<FaultOdds> = { crash: 0.02, pause: 0.02, takeover: 0.02, restart: 0.02, reorder: 0.9 };

test.each(FAULTS)(
  "%s strikes when it is asked for alone, under the names that are asked for, and no other does",
  async (fault) => {
    const faults = { ...NO_FAULTS, [fault]: OFTEN[fault] ?? 0.1 };
    const asked = neverHappened({}, DELIVERED, faults);
    expect(asked.length).toBeGreaterThan(1);
    const counters: Record<string, number> = {};
    for (let seed = 1; seed <= 20 && neverHappened(counters, asked, faults).length > 0; seed++) {
      const scenario = () => ({ app: application(), clients: [asker, asker, asker] });
      const result = await simulateSeed({ scenario, faults, seed, disk: memoryDisk, store: memory });
      expect(result.breaches).toEqual([]);
      Object.assign(counters, result.counters);
    }
    expect(neverHappened(counters, asked, faults)).toEqual([]);
    const others = neverHappened({}, [], DEFAULT_ODDS).filter((name) => !asked.includes(name));
    expect(others.filter((name) => name in counters)).toEqual([]);
  },
);

test("a fault that was asked for and never struck makes a hundred seeds invalid, and is told of fewer", async () => {
  const faults = { ...NO_FAULTS, diskFull: 1e-12 };
  const few = await simulate(application, { seeds: 2, faults, workload: [asker] });
  expect(few.never).toEqual(["disk full"]);
  await expect(simulate(application, { seeds: 100, faults, workload: [asker] })).rejects.toMatchObject({
    code: "simulation-unjudged",
    message: expect.stringContaining('"disk full" never happened'),
  });
});

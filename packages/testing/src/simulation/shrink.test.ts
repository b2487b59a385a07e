import { anyone, app, command, context, memory, memoryDisk, tables } from "@banyan/core";
import { expect, test } from "vitest";
import { shape } from "../reference/shape.ts";
import { NO_FAULTS, shrink, simulateSeed, type Client, type SimulationOptions } from "./index.ts";

const Ask = command("one.ask", { input: shape({ name: "string" }) });
const ask = async (client: Client): Promise<void> => {
  for (let i = 0; i < 10; i++) await client.command(Ask, { name: client.name });
};

/** Bodies count outside their transaction, so that a body that runs again counts twice. */
function miscounting(judge: (ran: ReadonlyMap<string, number>) => boolean): SimulationOptions<object> {
  const options: SimulationOptions<ReturnType<typeof memoryDisk>> = {
    scenario: () => {
      const ran = new Map<string, number>();
      const one = context("one", { contract: { Ask }, tx: tables() });
      one.handle(Ask, { allow: anyone() }, ({ name }) => void ran.set(name, (ran.get(name) ?? 0) + 1));
      const invariants = async (): Promise<string[]> => (judge(ran) ? [] : ["miscounted"]);
      return { app: app({ contexts: [one] }), clients: [ask, ask, ask, ask], invariants };
    },
    faults: { ...NO_FAULTS, commitFails: 0.5, clockJump: 0.1, delay: 0.1, pause: 0.05, readFails: 0.05 },
    seed: 3,
    disk: memoryDisk,
    store: memory,
  };
  return options as SimulationOptions<object>;
}

/** The first seed that breaks anything. */
async function failing(options: SimulationOptions<object>): Promise<SimulationOptions<object>> {
  for (let seed = 1; seed <= 50; seed++) {
    if ((await simulateSeed({ ...options, seed })).breaches.length > 0) return { ...options, seed };
  }
  throw new Error("No seed breaks anything.");
}

test("what a failing seed does not need is left out", async () => {
  const options = await failing(miscounting((ran) => [...ran.values()].every((times) => times <= 10)));
  const found = await shrink(options, "invariant");
  expect(found).toMatchObject({ seed: options.seed, of: 4, breach: { law: "invariant", message: "miscounted" } });
  expect(found?.clients.length).toBeLessThan(4);
  expect(found?.faults).toEqual(["commitFails"]);
  expect(found?.runs).toBeLessThanOrEqual(60);
});

test("where no fault is needed, none is kept", async () => {
  const found = await shrink(
    miscounting((ran) => ran.size === 0),
    "invariant",
  );
  expect(found).toMatchObject({ faults: [], clients: [expect.any(Number)], of: 4 });
});

test("clients that an invariant counts on are kept", async () => {
  const options = await failing(
    miscounting((ran) => ran.size === 4 && [...ran.values()].every((times) => times === 10)),
  );
  const found = await shrink(options, "invariant");
  expect(found?.clients).toEqual([1, 2, 3, 4]);
});

test("a seed that breaks nothing, or another law, is not shrunk", async () => {
  const options = miscounting(() => true);
  expect((await simulateSeed(options)).breaches).toEqual([]);
  expect(await shrink(options, "invariant")).toBeUndefined();
  expect(
    await shrink(
      miscounting(() => false),
      "key-order",
    ),
  ).toBeUndefined();
});

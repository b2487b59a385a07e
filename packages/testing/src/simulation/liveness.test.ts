import { anyone, app, backoff, command, context, event, memory, memoryDisk, tables, type App } from "@banyan/core";
import { expect, test } from "vitest";
import { shape } from "../reference/shape.ts";
import { NO_FAULTS, PLANTED_BUGS, simulateSeed, type Client, type SimulationResult } from "./index.ts";

const data = shape({ id: "string" });
const Ask = command("one.ask", { input: data });
const Asked = event("one.asked", { version: 1, key: "id", data });

/** One command, and a reader that fails first and is tried again an hour later. */
function slow(): App {
  const one = context("one", { contract: { Ask, Asked }, tx: tables() });
  one.handle(Ask, { allow: anyone() }, ({ id }, { emit }) => emit(Asked, { id }));
  one.on(
    Asked,
    {
      name: "read",
      from: "start",
      retry: backoff("1h", "1h", 5),
      before: (_event, { attempt }) => {
        if (attempt === 1) throw new Error("not yet");
      },
    },
    () => {},
  );
  return app({ contexts: [one] });
}

const scenario = () => ({
  app: slow(),
  clients: [async (client: Client) => void (await client.command(Ask, { id: "1" }))],
});
const run = { scenario, faults: NO_FAULTS, seed: 1, disk: memoryDisk, store: memory };

const lawsOf = ({ breaches }: SimulationResult): readonly string[] => [...new Set(breaches.map(({ law }) => law))];

test("what settles later than the bound is a breach that says what is left, and what settles within it is none", async () => {
  const late = await simulateSeed({ ...run, settleWithin: "30m" });
  expect(late.breaches[0]).toMatchObject({
    law: "liveness",
    message: expect.stringContaining("Not everything settled in time. the process is ready"),
  });
  expect(late.breaches[0]?.message).toContain("parked 1");
  expect(late.virtualMs).toBeLessThan(3 * 3_600_000);
  expect(lawsOf(await simulateSeed({ ...run, settleWithin: "2h" }))).toEqual([]);
});

test("a store that never answers is a breach of liveness and of nothing else, with no fault at all", async () => {
  const silent = PLANTED_BUGS["never answers a fetch"];
  if (silent === undefined) throw new Error("There is no such bug.");
  const asking = async (client: Client): Promise<void> => {
    for (let i = 0; i < 60; i++) await client.command(Ask, { id: String(i) }).then(() => client.sleep(10));
  };
  const store = (disk: ReturnType<typeof memoryDisk>) => silent(memory(disk));
  const stuck = await simulateSeed({
    ...run,
    scenario: () => ({ ...scenario(), clients: [asking] }),
    store,
    settleWithin: "3h",
  });
  expect(lawsOf(stuck)).toEqual(["liveness"]);
});

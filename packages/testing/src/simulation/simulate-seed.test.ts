import {
  anyone,
  BanyanError,
  app,
  command,
  context,
  event,
  memory,
  memoryDisk,
  query,
  refuse,
  tables,
  type App,
} from "@banyan/core";
import { expect, test } from "vitest";
import { shape } from "../reference/shape.ts";
import {
  DEFAULT_ODDS,
  neverHappened,
  simulateSeed,
  simulateSeeds,
  type Client,
  type FaultOdds,
  type Scenario,
  type SimulationOptions,
} from "./index.ts";

const Ask = command("one.ask", { input: shape({}) });
const NO_FAULTS = Object.fromEntries(Object.keys(DEFAULT_ODDS).map((fault) => [fault, 0])) as unknown as FaultOdds;

type Options = SimulationOptions<ReturnType<typeof memoryDisk>>;
const emptyContext = () => context("one", { contract: { Ask }, tx: tables() });

/** One context, handled as the test says, and one client that asks it once. */
function asked(handle: (one: ReturnType<typeof emptyContext>) => void, more: Partial<Scenario> = {}): Options {
  const scenario = (): Scenario => {
    const one = emptyContext();
    handle(one);
    return {
      app: app({ contexts: [one] }),
      clients: [async (client) => void (await client.command(Ask, {}))],
      ...more,
    };
  };
  return { scenario, faults: NO_FAULTS, seed: 1, disk: memoryDisk, store: memory };
}

test("a body that waits for ever is told of, with who waits for it", async () => {
  const waiting = asked((one) => one.handle(Ask, { allow: anyone(), before: () => new Promise(() => {}) }, () => {}));
  const { breaches } = await simulateSeed({ ...waiting, settleWithin: "1m" });
  expect(breaches).toContainEqual(
    expect.objectContaining({ law: "liveness", message: expect.stringContaining('client 1 waits for "one.ask"') }),
  );
});

const Asked = event("one.asked", { version: 1, key: "id", data: shape({ id: "string" }) });

/** Emits `Asked` when it is asked, with what the test says of it, and has one reader. */
function emitting(of: { readonly keep?: string; readonly due?: number }, read: () => void): Options {
  const { keep, due } = of;
  const kept = keep === undefined ? {} : { keep };
  const scenario = (): Scenario => {
    const one = context("one", { contract: { Ask, Asked }, tx: tables(), ...kept });
    one.handle(Ask, { allow: anyone() }, (_input, { emit, now }) =>
      emit(Asked, { id: "1" }, due === undefined ? undefined : { due: now + due }),
    );
    one.on(Asked, { name: "read", from: "start" }, read);
    const clients = [async (client: Client) => void (await client.command(Ask, {}))];
    return { app: app({ contexts: [one] }), clients, mayDie: () => true };
  };
  return { scenario, faults: NO_FAULTS, seed: 1, disk: memoryDisk, store: memory };
}

test("what is dead and a log that is kept for days keep nothing from being settled", async () => {
  const dying = emitting({ keep: "7d" }, () => {
    throw refuse("never", "Not this one.");
  });
  const result = await simulateSeed(dying);
  expect(result.breaches).toEqual([]);
  expect(result.counters["entry parked, dead"]).toBe(1);
  expect(result.virtualMs).toBeLessThan(60_000);
});

test("a scheduled event is waited for, unless it is due long after", async () => {
  const soon = await simulateSeed(emitting({ due: 90_000 }, () => {}));
  expect(soon.breaches).toEqual([]);
  expect(soon.counters["entry settled"]).toBe(1);
  const late = await simulateSeed(emitting({ due: 86_400_000 }, () => {}));
  expect(late.breaches).toEqual([]);
  expect(late.counters["entry settled"]).toBeUndefined();
  expect(late.virtualMs).toBeLessThan(60_000);
});

test("an invariant that does not hold is a breach", async () => {
  const simulation = asked((one) => one.handle(Ask, { allow: anyone() }, () => {}), {
    invariants: async () => ["two and two are five"],
  });
  expect((await simulateSeed(simulation)).breaches).toEqual([{ law: "invariant", message: "two and two are five" }]);
});

test("a client that throws is a breach that names it", async () => {
  const failing = async (): Promise<void> => {
    throw new Error("no money");
  };
  const simulation = asked((one) => one.handle(Ask, { allow: anyone() }, () => {}), { clients: [failing] });
  expect((await simulateSeed(simulation)).breaches).toEqual([
    expect.objectContaining({ law: "uncaught", message: expect.stringContaining("no money") }),
  ]);
});

test("a rejection nobody handles is a breach", async () => {
  const simulation = asked((one) =>
    one.handle(Ask, { allow: anyone() }, () => {
      void Promise.reject(new Error("forgotten"));
    }),
  );
  expect((await simulateSeed(simulation)).breaches).toContainEqual(
    expect.objectContaining({ law: "uncaught", message: expect.stringContaining("forgotten") }),
  );
});

test("an application that remembers an earlier run is found by the run that is made twice", async () => {
  let runs = 0;
  const { seed: _, scenario, ...options } = asked((one) => one.handle(Ask, { allow: anyone() }, () => {}));
  const remembering: typeof scenario = (world) => {
    const extra = Array.from(
      { length: ++runs },
      () => async (client: { sleep(ms: number): Promise<void> }) => client.sleep(5),
    );
    return { ...scenario(world), clients: extra };
  };
  const laws: string[] = [];
  for await (const { breaches } of simulateSeeds({ ...options, scenario: remembering, from: 1, seeds: 1 }))
    laws.push(...breaches.map(({ law }) => law));
  expect(laws).toEqual(["determinism"]);
});

test("a run begins with the earlier code, is deployed forward and back, and ends with the current code", async () => {
  const Version = query("one.version", { input: shape({}), output: shape({ version: "integer" }) });
  const codeOf = (version: number): App => {
    const one = context("one", { contract: { Version }, tx: tables() });
    // faults strike where the store is asked
    one.answer(Version, { allow: anyone() }, async (_input, { read }) => {
      await read.table("nothing").get("");
      return { version };
    });
    return app({ contexts: [one] });
  };
  const seen: unknown[] = [];
  const ask = async (client: Client): Promise<void> => {
    const answer = await client.query(Version, {});
    seen.push(answer.ok && answer.value.version);
  };
  const watching = async (client: Client): Promise<void> => {
    for (let i = 0; i < 200; i++) await ask(client).then(() => client.sleep(100));
  };
  const scenario = (): Scenario => ({
    app: codeOf(2),
    earlier: codeOf(1),
    clients: [watching],
    invariants: async ({ client }) => ask(client).then(() => []),
  });
  const faults = { ...NO_FAULTS, restart: 0.05 };
  const result = await simulateSeed({ scenario, faults, seed: 1, disk: memoryDisk, store: memory });
  expect(result.breaches).toEqual([]);
  expect(result.counters).toMatchObject({
    "deployed forward": expect.any(Number),
    "deployed back": expect.any(Number),
  });
  expect([seen[0], seen.at(-1)]).toEqual([1, 2]);
});

test("faults that never struck are named", () => {
  expect(neverHappened({})).toContain("takeover");
  expect(neverHappened({ takeover: 1 })).not.toContain("takeover");
  expect(neverHappened({ takeover: 1 }, ["operator skipped"])).toContain("operator skipped");
  expect(neverHappened({ "operator skipped": 1 }, ["operator skipped"])).not.toContain("operator skipped");
});

test("a disk fills and has room again, statements fail, the wall clock drifts: work goes on, and each is counted", async () => {
  const simulation = asked(
    (one) => one.handle(Ask, { allow: anyone() }, async (_input, { tx }) => tx.table("asked").set("1", 1)),
    {
      clients: [
        async (client) => {
          for (let i = 0; i < 100; i++) await client.command(Ask, {}).then(() => client.sleep(100));
        },
      ],
    },
  );
  const faults = { ...NO_FAULTS, diskFull: 0.1, statementFails: 0.1, clockDrift: 0.1 };
  const counters: Record<string, number> = {};
  for (let seed = 1; seed <= 5; seed++) {
    const result = await simulateSeed({ ...simulation, faults, seed });
    expect(result.breaches).toEqual([]);
    Object.assign(counters, result.counters);
  }
  expect(Object.keys(counters)).toEqual(
    expect.arrayContaining(["clock drift", "disk filled", "disk full", "statement failed"]),
  );
});

test("an internal error is asked again, however often the answer was lost before", async () => {
  let runs = 0;
  const told: unknown[] = [];
  const failing = asked(
    (one) =>
      one.handle(Ask, { allow: anyone() }, () => {
        runs++;
        if (runs <= 30) throw new BanyanError("call-failed", "Somebody else was not there.", { retry: "later" });
        if (runs <= 33) throw new Error("broken for a moment");
      }),
    { clients: [async (client) => void told.push(await client.command(Ask, {}))] },
  );
  expect((await simulateSeed(failing)).breaches).toEqual([]);
  expect(told).toEqual([expect.objectContaining({ ok: true })]);
  expect(runs).toBe(34);
});

test("the disk of a run is ended with it, also when the run fails: a thousand seeds hold no thousand databases", async () => {
  const disks: { ended: boolean }[] = [];
  const disk = () => {
    const made = memoryDisk();
    const seen = { ended: false };
    disks.push(seen);
    return Object.assign(made, { [Symbol.dispose]: () => void (seen.ended = true) });
  };
  const quick = asked((one) => one.handle(Ask, { allow: anyone() }, () => {}));
  const stuck = asked((one) => one.handle(Ask, { allow: anyone(), before: () => new Promise(() => {}) }, () => {}));
  await simulateSeed({ ...quick, disk });
  await simulateSeed({ ...stuck, disk, settleWithin: "1m" });
  expect(disks).toEqual([{ ended: true }, { ended: true }]);
});

import { memory, memoryDisk, type Store } from "@banyan/core";
import { sqlite } from "@banyan/node";
import {
  DEFAULT_ODDS,
  reference,
  simulateSeed,
  type Breach,
  type FaultOdds,
  type SimulationOptions,
} from "@banyan/testing";
import { expect, test } from "vitest";

type Disk = ReturnType<typeof memoryDisk>;

const NEVER = Object.fromEntries(Object.keys(DEFAULT_ODDS).map((fault) => [fault, 0])) as Record<
  keyof FaultOdds,
  number
>;

const onMemory = { ...reference("tables"), disk: memoryDisk, store: (disk: Disk) => memory(disk) };
const onSqlite: Omit<SimulationOptions<Disk>, "seed"> = {
  ...reference("sql"),
  disk: memoryDisk,
  store: (disk, { clock, random }) => sqlite({ memory: disk, overrides: { clock, random } }),
};

function methodOf(store: Store, name: string | symbol): unknown {
  const value: unknown = Reflect.get(store, name, store);
  return typeof value === "function" ? value.bind(store) : value;
}

/** Only the faults given strike, often; what broke once, broke in several of these seeds. */
async function breaches(bank: typeof onSqlite, faults: Partial<FaultOdds>, seeds: number): Promise<readonly Breach[]> {
  const found: Breach[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    found.push(...(await simulateSeed({ ...bank, faults: { ...NEVER, ...faults }, seed })).breaches);
  }
  return found;
}

/** Forty seeds on a machine that does other things as well. */
const LONG = { timeout: 60_000 };

test("a retry in a process that was replaced committed beside its successor's", LONG, async () => {
  expect(await breaches(onMemory, { takeover: 0.004 }, 40)).toEqual([]);
});

test("a stop during the start closed the store under the lanes that were starting", async () => {
  expect(await breaches(onMemory, { restart: 0.1 }, 40)).toEqual([]);
});

test("a lane fetched what followed before what was open had arrived", async () => {
  const slowToRefetch: typeof onSqlite = {
    ...onMemory,
    store: (disk, { clock }) => {
      const store = memory(disk);
      const entriesAt: Store["entriesAt"] = async (source, positions) => {
        if (positions.length > 0) await new Promise<void>((resolve) => clock.after(300, resolve));
        return store.entriesAt(source, positions);
      };
      return new Proxy(store, { get: (_, name) => (name === "entriesAt" ? entriesAt : methodOf(store, name)) });
    },
  };
  expect(await breaches(slowToRefetch, { crash: 0.004, delay: 0.1, commitFails: 0.2 }, 40)).toEqual([]);
});

test("a command that was refused kept its reads open while it waited for the commit of its record", async () => {
  expect(await breaches(onSqlite, {}, 5)).toEqual([]);
});

test(
  "a command that waited for another of its key held its reads open, and with them the other's commit",
  LONG,
  async () => {
    expect(await breaches(onSqlite, { pause: 0.004, delay: 0.1 }, 40)).toEqual([]);
  },
);

test("a start whose process was replaced found the store closed by its successor", async () => {
  const faults = { ...onMemory.faults, crash: 0, commitUnknown: 0, restart: 0, takeover: 0.003 };
  for (const seed of [12, 65, 90]) expect((await simulateSeed({ ...onMemory, faults, seed })).breaches).toEqual([]);
});

test("a stop that could wait no longer closed the store under a start that stood still, which then failed", async () => {
  expect((await simulateSeed({ ...onMemory, seed: 62 })).breaches).toEqual([]);
});

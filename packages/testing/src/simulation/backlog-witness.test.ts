import { app, context, event, tables, type Entry, type NewEntry, type Store } from "@banyan/core";
import { expect, test } from "vitest";
import { shape } from "../reference/shape.ts";
import { BacklogWitness } from "./backlog-witness.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Breach } from "./simulation.ts";

const Asked = event("one.asked", { version: 1, key: "id", data: shape({ id: "string" }) });
const ENTRY = 256 + 2;
const entries = (count: number): NewEntry[] => Array.from({ length: count }, () => ({ body: "{}" }) as NewEntry);

interface World {
  readonly witness: BacklogWitness;
  readonly breaches: Breach[];
  readonly clock: { steps: number; ms: number };
  /** The process is told that its reader stands here. */
  stands(pos: number, ...open: number[]): void;
  /** The process looks at a log of so many entries. */
  looks(count: number): Promise<void>;
}

/** A budget of three entries. */
function world(): World {
  const one = context("one", { contract: { Asked }, tx: tables() });
  one.on(Asked, { name: "read", from: "start" }, () => {});
  const breaches: Breach[] = [];
  const clock = { steps: 1, ms: 0 };
  const witness = new BacklogWitness(app({ contexts: [one] }), {
    limits: { backlogBytes: 3 * ENTRY },
    scheduler: clock as Scheduler,
    breach: (breach) => breaches.push(breach),
  });
  const log = (count: number): Entry[] =>
    entries(count).map((entry, i) => ({ ...entry, position: i + 1, type: "one.asked", source: "one" }));
  const looks = async (count: number): Promise<void> => {
    clock.steps++;
    const look = witness.looks("one");
    const fetch: Store["fetch"] = async ({ after }) => {
      return { entries: log(count).filter(({ position }) => position > after), through: count };
    };
    await witness.sees(look, { fetch } as Store);
    witness.answered(look);
  };
  const stands = (pos: number, ...open: number[]): void =>
    witness.told([() => witness.placed({ subscription: "one.read", source: "one", pos, open })]);
  return { witness, breaches, clock, stands, looks };
}

test("a refusal is right where so much waited at the last look, what is open included", async () => {
  const { witness, breaches, stands, looks } = world();
  stands(4, 2);
  await looks(4);
  witness.refused("one");
  expect(breaches).toEqual([]);
});

test("a refusal is a breach where less waited, what entered since included", async () => {
  const { witness, breaches, clock, stands, looks } = world();
  stands(4);
  await looks(6);
  witness.refused("one");
  expect(breaches).toMatchObject([{ law: "back-pressure", message: expect.stringContaining("516 bytes wait") }]);
  clock.steps++;
  witness.appended("one", entries(1));
  witness.refused("one");
  expect(breaches).toHaveLength(1);
});

test("a refusal is a breach where it was looked long ago, or never", async () => {
  const { witness, breaches, clock, stands, looks } = world();
  witness.refused("one");
  expect(breaches).toMatchObject([{ message: expect.stringContaining("without a look") }]);
  stands(0);
  await looks(3);
  clock.ms += 200;
  witness.refused("one");
  expect(breaches).toHaveLength(1);
  clock.ms += 1;
  witness.refused("one");
  expect(breaches).toHaveLength(2);
});

test("what a process is told in the step of its look it need not know yet; a look that was not answered counts for none", async () => {
  const { witness, breaches, clock, stands, looks } = world();
  stands(0);
  clock.steps++;
  stands(3);
  clock.steps--;
  await looks(3);
  witness.refused("one");
  expect(breaches).toEqual([]);
  clock.steps++;
  witness.looks("one");
  witness.refused("one");
  expect(breaches).toEqual([]);
});

test("a reader that is being put back may count from the start, and no longer once that has ended", async () => {
  const { witness, breaches, clock, stands, looks } = world();
  stands(3);
  const rewinding = Promise.withResolvers<void>();
  const done = witness.rewinds("one.read", rewinding.promise);
  await looks(3);
  witness.refused("one");
  expect(breaches).toEqual([]);
  rewinding.resolve();
  await done;
  clock.ms += 201;
  clock.steps++;
  await looks(3);
  witness.refused("one");
  expect(breaches).toHaveLength(1);
});

test("of several looks just before a refusal may rest on each", async () => {
  const { witness, breaches, clock, stands, looks } = world();
  stands(0);
  await looks(3);
  stands(3);
  clock.steps++;
  await looks(3);
  witness.refused("one");
  expect(breaches).toEqual([]);
});

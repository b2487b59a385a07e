import { setImmediate as drained } from "node:timers/promises";
import { memory, memoryDisk } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { anyone, app, context, tables, type Context } from "../context/index.ts";
import { command, event, type EventContract } from "../contract/index.ts";
import { ByHand } from "./fixture.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

// Three versions of the code of one application: what "orders" writes and "billing" reads.
const first = event("orders.placed", {
  version: 1,
  key: "id",
  data: z.strictObject({ id: z.string(), n: z.int(), amount: z.number() }),
});
const second = event("orders.placed", {
  version: 2,
  key: "id",
  data: z.strictObject({ id: z.string(), n: z.int(), cents: z.int() }),
  upcast: { 1: ({ amount, ...old }) => ({ ...old, cents: Math.round(amount * 100) }) },
});
const third = event("orders.placed", {
  version: 3,
  key: "id",
  data: z.object({ id: z.string(), n: z.int(), cents: z.int(), currency: z.string() }),
  upcast: { ...second.upcast, 2: (old) => ({ ...old, currency: "EUR" }) },
});
/** Of version 3 as well, but writes what the second reads too. */
const additive = event("orders.placed", {
  version: 3,
  key: "id",
  data: z.object({ id: z.string(), n: z.int(), cents: z.int() }),
});

/** What each writes; whatever else there is, an additive schema leaves out. */
const money = { 1: { amount: 1.25 }, 2: { cents: 125 }, 3: { cents: 125, currency: "EUR" } };
const Place = command("orders.place", { input: z.object({ keys: z.array(z.string()) }) });

type Placed = EventContract<"orders.placed", any>;

function ordersOf(contract: Placed): Context {
  const orders = context("orders", { contract: { contract, Place }, tx: tables() });
  orders.handle(Place, { allow: anyone() }, ({ keys }, { emit }) => {
    for (const [n, id] of keys.entries()) emit(contract, { id, n, ...money[contract.version as 1] });
  });
  return orders as Context;
}

/** Its effects are rows of the table `seen`: where, written in which version, whose, and what is left of the data. */
function billingOf(contract: Placed): Context {
  const billing = context("billing", { contract: {}, tx: tables() });
  billing.on(contract, { name: "note", from: "start" }, async ({ data, version, position }, { tx }) => {
    const { id, n, ...rest } = data as { id: string; n: number };
    await tx.table("seen").set(String(position), [`v${version}`, `${id}${n}`, rest]);
  });
  return billing as Context;
}

/** Deploys one after the other on one disk; each counts the one before as crashed. */
class Deploys {
  readonly #hand = new ByHand(drained);
  readonly #disk = memoryDisk();

  async of(contract: Placed): Promise<RuntimeWorld> {
    return this.#start([ordersOf(contract), billingOf(contract)]);
  }

  /** Code of this version writes and reads nothing: what it has written is left to the next. */
  async writes(contract: Placed, ...keys: string[]): Promise<void> {
    await place(await this.#start([ordersOf(contract)], ["billing.note"]), ...keys);
  }

  async #start(contexts: readonly Context[], hold: readonly string[] = []): Promise<RuntimeWorld> {
    this.#hand.signals.length = 0;
    return RuntimeWorld.started(app({ contexts }), { store: memory(this.#disk), hand: this.#hand, hold });
  }
}

const place = (it: RuntimeWorld, ...keys: string[]): Promise<unknown> => it.reply("orders.place", { keys });
const fates = (it: RuntimeWorld): string[] => it.fates("billing.note");
const seen = (it: RuntimeWorld): Promise<Record<string, unknown>> => it.rows("billing", "seen");

test("code rolled forward reads what the versions before it wrote", async () => {
  const deploys = new Deploys();
  await deploys.of(first);
  await deploys.writes(first, "a", "b");
  await deploys.writes(second, "a", "b");
  const reader = await deploys.of(third);
  await place(reader, "a");
  const now = { cents: 125, currency: "EUR" };
  expect(await seen(reader)).toEqual({
    1: ["v1", "a0", now],
    2: ["v1", "b1", now],
    3: ["v2", "a0", now],
    4: ["v2", "b1", now],
    5: ["v3", "a0", now],
  });
});

describe("code rolled back", () => {
  test("parks what a newer version wrote and its schema refuses, until the newer version is back", async () => {
    const deploys = new Deploys();
    await place(await deploys.of(second), "a");
    await deploys.writes(second, "a", "a", "b");
    const back = await deploys.of(first);
    expect(fates(back).toSorted()).toEqual(["2 unknown", "3 waiting", "4 unknown"]);
    expect(back.hand.said("entry.parked")[0]).toMatchObject({ code: "event-unknown", attempts: 0 });
    // It goes on with everything else, and what it writes waits behind what it could not read.
    await place(back, "c", "a");
    expect(fates(back).slice(3).toSorted()).toEqual(["5 settled", "6 waiting"]);
    expect(await seen(back)).toMatchObject({ 5: ["v1", "c0", { amount: 1.25 }] });

    const forward = await deploys.of(second);
    await forward.hand.pass(1);
    expect(fates(forward).filter((fate) => !fate.startsWith("4"))).toEqual(["2 settled", "3 settled", "6 settled"]);
    expect(forward.runtime.status).toMatchObject({ parked: 0, lag: 0 });
    expect(await seen(forward)).toEqual({
      1: ["v2", "a0", { cents: 125 }],
      2: ["v2", "a0", { cents: 125 }],
      3: ["v2", "a1", { cents: 125 }],
      4: ["v2", "b2", { cents: 125 }],
      5: ["v1", "c0", { amount: 1.25 }],
      6: ["v1", "a1", { cents: 125 }],
    });
  });

  test("reads what a newer version wrote and its schema accepts, as that version's", async () => {
    const deploys = new Deploys();
    await deploys.of(additive);
    await deploys.writes(additive, "a");
    const back = await deploys.of(second);
    expect(fates(back)).toEqual(["1 settled"]);
    expect(await seen(back)).toEqual({ 1: ["v3", "a0", { cents: 125 }] });
  });
});

test("an entry whose upcast fails is parked as unknown, and released by the code that mends it", async () => {
  const deploys = new Deploys();
  await deploys.of(first);
  await deploys.writes(first, "a", "a");
  const upcast = {
    1: () => {
      throw new Error("oh, 1.25");
    },
  };
  const broken = await deploys.of({ ...second, upcast });
  expect(fates(broken)).toEqual(["1 unknown", "2 waiting"]);
  const [parked] = broken.hand.said("entry.parked");
  expect(parked?.message).toBe(
    'Entry 1 of "orders" (orders.placed v1) cannot be read: its upcast from version 1 threw.',
  );
  const mended = await deploys.of(second);
  await mended.hand.pass(1);
  expect(fates(mended)).toEqual(["1 settled", "2 settled"]);
});

import assert from "node:assert/strict";
import type { Cursor, CursorName, ParkRow, StoreTransaction } from "@banyan/core";
import { CURSOR, deleteRow, entry, parked, putRow, record, type StoreWorld } from "./world.ts";

/** One thing done in a transaction, as data, so that a failing sequence can be made smaller. */
export type Deed =
  | { readonly deed: "append"; readonly count: number; readonly paid: boolean }
  | { readonly deed: "put"; readonly key: string; readonly value: string }
  | { readonly deed: "delete"; readonly key: string }
  | { readonly deed: "claim"; readonly lane: number; readonly from: "start" | "now" }
  | { readonly deed: "settle"; readonly lane: number; readonly stale: boolean; readonly pos: number }
  | { readonly deed: "park"; readonly position: number; readonly state: ParkRow["state"] }
  | { readonly deed: "unpark"; readonly position: number }
  | { readonly deed: "remember"; readonly key: number; readonly forMs: number };

export interface Transaction {
  readonly deeds: readonly Deed[];
  readonly end: "commit" | "rollback" | "crash";
  /** Time that passes before it. */
  readonly ms: number;
}

/** What must be there after a sequence of transactions: as simple as it can be said. */
export class StoreModel {
  ids: string[] = [];
  rows: Map<string, string> = new Map();
  cursors: Map<string, Omit<Cursor, "incarnation">> = new Map();
  parked: Map<number, ParkRow> = new Map();
  records: Map<number, { readonly commandId: string; readonly expires: number }> = new Map();

  copy(): StoreModel {
    const copy = new StoreModel();
    copy.ids = [...this.ids];
    copy.rows = new Map(this.rows);
    copy.cursors = new Map(this.cursors);
    copy.parked = new Map(this.parked);
    copy.records = new Map(this.records);
    return copy;
  }
}

/** Runs the transactions on the store and on the model, and compares the two after each. */
export async function runModel(world: StoreWorld, transactions: readonly Transaction[]): Promise<void> {
  let model = new StoreModel();
  for (const { deeds, end, ms } of transactions) {
    world.now += ms;
    const next = model.copy();
    const transaction = await world.store.begin();
    for (const deed of deeds) await perform({ world, transaction, model: next }, deed);
    if (end === "commit") await transaction.commit();
    else if (end === "rollback") await transaction.rollback();
    else await world.crash();
    if (end === "commit") model = next;
    await compare(world, model);
  }
  await world.crash();
  await compare(world, model);
  compareState(world, model);
}

interface Stage {
  readonly world: StoreWorld;
  readonly transaction: StoreTransaction;
  readonly model: StoreModel;
}

async function perform(stage: Stage, deed: Deed): Promise<void> {
  const { world, transaction, model } = stage;
  switch (deed.deed) {
    case "append":
      return append(stage, deed);
    case "put":
    case "delete":
      return row(stage, deed);
    case "claim":
    case "settle":
      return cursor(stage, deed);
    case "park": {
      const parking = parked({ position: deed.position, state: deed.state });
      model.parked.set(deed.position, parking);
      return transaction.park(parking);
    }
    case "unpark":
      model.parked.delete(deed.position);
      return transaction.unpark(parked({ position: deed.position }));
    case "remember": {
      const known = model.records.get(deed.key);
      const kept = known === undefined || known.expires <= world.now;
      const one = record({ key: `key-${deed.key}`, commandId: entry().id, expires: world.now + deed.forMs });
      if (kept) model.records.set(deed.key, { commandId: one.commandId, expires: one.expires });
      assert.equal(await transaction.remember(one), kept, "remembered once until it expires");
    }
  }
}

async function append({ transaction, model }: Stage, deed: Deed & { readonly deed: "append" }): Promise<void> {
  const type = deed.paid ? "orders.paid" : "orders.placed";
  const entries = Array.from({ length: deed.count }, () => entry({ type }));
  model.ids.push(...entries.map(({ id }) => id));
  await transaction.append("orders", entries);
}

async function row({ transaction, model }: Stage, deed: Deed & { readonly deed: "put" | "delete" }): Promise<void> {
  const unit = transaction.unit("orders", "orders.model");
  if (deed.deed === "put") {
    model.rows.set(deed.key, deed.value);
    await putRow(unit.raw, deed.key, deed.value);
  } else {
    model.rows.delete(deed.key);
    await deleteRow(unit.raw, deed.key);
  }
  unit.end();
}

async function cursor(
  { transaction, model }: Stage,
  deed: Deed & { readonly deed: "claim" | "settle" },
): Promise<void> {
  const name: CursorName = { ...CURSOR, lane: `lane-${deed.lane}` };
  const known = model.cursors.get(name.lane);
  if (deed.deed === "settle") {
    const fence = (known?.fence ?? 0) - (deed.stale ? 1 : 0);
    const moves = known !== undefined && !deed.stale;
    if (moves) model.cursors.set(name.lane, { ...known, pos: deed.pos, open: [deed.pos] });
    const settled = await transaction.settle({ ...name, fence, pos: deed.pos, open: [deed.pos] });
    assert.equal(settled, moves, "a cursor moves under its own fence only");
    return;
  }
  const { incarnation: _, ...claimed } = await transaction.claim(name, deed.from);
  const expected = known ?? {
    ...name,
    pos: deed.from === "start" ? 0 : endOf(claimed.pos, model),
    open: [],
    fence: claimed.fence - 1,
    firstName: name.subscription,
  };
  assert(claimed.fence > (known?.fence ?? 0), "the fence rises");
  assert.deepEqual({ ...claimed }, { ...expected, fence: claimed.fence }, "a claim keeps the place");
  model.cursors.set(name.lane, claimed);
}

/** The end of the log is a position no entry lies behind; which number it is, is the store's business. */
function endOf(pos: number, model: StoreModel): number {
  assert(pos >= model.ids.length, "the end of the log is not before its last entry");
  return pos;
}

async function compare(world: StoreWorld, model: StoreModel): Promise<void> {
  const log = await world.log();
  assert.deepEqual(
    log.map(({ id }) => id),
    model.ids,
    "the log has what was committed, in order",
  );
  assert(
    log.every(({ position }, i) => position > (log[i - 1]?.position ?? 0)),
    "positions rise",
  );
  assert.deepEqual(new Map(await world.rows()), model.rows, "the tables have what was committed");
  for (const [key, { commandId, expires }] of model.records) {
    const recalled = await world.store.recall(record({ key: `key-${key}` }));
    assert.equal(
      recalled?.commandId,
      expires > world.now ? commandId : undefined,
      "a record is recalled until it expires",
    );
  }
  for (const row of model.parked.values()) {
    const found = await world.store.parkedEntry(row);
    assert.equal(found?.state, row.state, "a parked entry is where it was put");
  }
}

function compareState(world: StoreWorld, model: StoreModel): void {
  const incarnation = world.state.incarnations.get("orders");
  const expectedCursors = [...model.cursors].map(([lane, cursor]) => [lane, { ...cursor, incarnation }] as const);
  const cursors = world.state.cursors.map((cursor) => [cursor.lane, { ...cursor }] as const);
  assert.deepEqual(new Map(cursors), new Map(expectedCursors), "the next start has the cursors");
  const listed = world.state.parked.map(({ position, state }) => [position, state]);
  const expected = [...model.parked.values()].map(({ position, state }) => [position, state]);
  assert.deepEqual(
    listed,
    expected.sort(([left], [right]) => Number(left) - Number(right)),
    "the next start has the parked",
  );
}

import assert from "node:assert/strict";
import type {
  CommandRecord,
  CursorName,
  Entry,
  NewEntry,
  ParkRow,
  RawHandle,
  Store,
  StorePlan,
  StoreState,
  StoreTransaction,
} from "@banyan/core";
import type { StorePlace, StoreSubject } from "./subject.ts";

export const NOON = 1_700_000_000_000;
const OWNED_COLUMNS = "(tenant TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (tenant, key))";
const COLUMNS = "(key TEXT PRIMARY KEY, value TEXT NOT NULL)";

/** A place, the store open on it, and a clock and ids under control. Two contexts: `orders` and `billing`. */
export class StoreWorld {
  readonly subject: StoreSubject;
  readonly place: StorePlace;
  now: number = NOON;
  #ids = 0;
  #store: Store | undefined;
  #state: StoreState | undefined;

  private constructor(subject: StoreSubject, place: StorePlace) {
    this.subject = subject;
    this.place = place;
  }

  static async open(subject: StoreSubject): Promise<StoreWorld> {
    const world = new StoreWorld(subject, await subject.make());
    await world.crash();
    return world;
  }

  get store(): Store {
    assert(this.#store, "the world has a store");
    return this.#store;
  }

  /** What the last `open` returned. */
  get state(): StoreState {
    assert(this.#state, "the store was opened");
    return this.#state;
  }

  /** Leaves the store as it is, in the middle of whatever it does, and opens another one on the same place. */
  async crash(plan: StorePlan = this.plan()): Promise<void> {
    this.#store = await this.place.store();
    assert.deepEqual({ ...this.#store.features }, { ...this.subject.features });
    this.#state = await this.#store.open(plan);
  }

  plan(): StorePlan {
    const context = (name: string): StorePlan["contexts"][number] => ({
      name,
      prefix: `${name}_`,
      migrations: [
        {
          name: "001-row.sql",
          sql: `CREATE TABLE ${name}_row ${COLUMNS}; CREATE TABLE ${name}_owned ${OWNED_COLUMNS};`,
        },
      ],
      tenantTables: this.subject.features.tenants ? [`${name}_owned`] : [],
    });
    return { contexts: [context("orders"), context("billing")], now: () => this.now, newId: () => `id-${++this.#ids}` };
  }

  /** Runs `work` as one transaction and commits it. */
  async commit<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T> {
    const transaction = await this.store.begin();
    const result = await work(transaction);
    await transaction.commit();
    return result;
  }

  async append(...entries: readonly NewEntry[]): Promise<void> {
    await this.commit((transaction) => transaction.append("orders", entries));
  }

  /** All entries of a log, read the way a lane reads them. */
  async log(source = "orders", types: readonly string[] = ["orders.placed", "orders.paid"]): Promise<readonly Entry[]> {
    const entries: Entry[] = [];
    for (let after = 0; ;) {
      const fetched = await this.store.fetch({ source, after, limit: 100, types });
      entries.push(...fetched.entries);
      if (fetched.through <= after) return entries;
      after = fetched.through;
    }
  }

  async rows(context = "orders"): Promise<readonly (readonly [string, string])[]> {
    const session = await this.store.session(context);
    try {
      return await rowsOf(session.raw, context);
    } finally {
      await session.end();
    }
  }
}

export async function writeRow(transaction: StoreTransaction, key: string, value: string): Promise<void> {
  const unit = transaction.unit("orders", "orders.write-row");
  await putRow(unit.raw, key, value);
  unit.end();
}

export async function putRow(raw: RawHandle, key: string, value: string): Promise<void> {
  return putRowOf("orders", raw, [key, value]);
}

/** The same in the table of another context. */
export async function putRowOf(
  context: string,
  raw: RawHandle,
  [key, value]: readonly [string, string],
): Promise<void> {
  if (raw.kind === "tables") return raw.table<string>(`${context}_row`).set(key, value);
  const sql = `INSERT INTO ${context}_row (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`;
  await raw.execute(sql, [key, value]);
}

export async function deleteRow(raw: RawHandle, key: string): Promise<void> {
  if (raw.kind === "tables") return raw.table<string>("orders_row").delete(key);
  await raw.execute("DELETE FROM orders_row WHERE key = ?", [key]);
}

export async function rowsOf(raw: RawHandle, context = "orders"): Promise<readonly (readonly [string, string])[]> {
  if (raw.kind === "tables") return raw.table<string>(`${context}_row`).entries();
  const { rows } = await raw.execute(`SELECT key, value FROM ${context}_row ORDER BY key`);
  return rows.map((row) => [String(row["key"]), String(row["value"])] as const);
}

/** Something the handle must refuse, in the middle of a unit. */
export async function failingStatement(raw: RawHandle): Promise<unknown> {
  if (raw.kind === "tables") return raw.table<unknown>("orders_row").set("key", undefined);
  return raw.execute("INSERT INTO orders_row (key, value) VALUES (?, ?)", ["key", null]);
}

let made = 0;

export function entry(over: Partial<NewEntry> = {}): NewEntry {
  return {
    id: `entry-${++made}`,
    type: "orders.placed",
    version: 1,
    key: "order-1",
    slot: 7,
    at: NOON,
    form: "json",
    body: '{"orderId":"order-1"}',
    tenant: "default",
    principal: "user:1",
    correlation: "correlation-1",
    causation: "causation-1",
    traceparent: undefined,
    ...over,
  };
}

export const CURSOR: CursorName = { subscription: "billing.charge", source: "orders", lane: "0-255" };

export function parked(over: Partial<ParkRow> = {}): ParkRow {
  const position = over.position ?? 3;
  return {
    subscription: "billing.charge",
    source: "orders",
    position,
    incarnation: "incarnation-1",
    slot: 7,
    key: "order-1",
    state: "retrying",
    attempts: 1,
    due: NOON + 1_000,
    errors: [{ at: NOON, code: "handler-failed", message: "the card was declined" }],
    entry: { ...entry(), source: "orders", position },
    ...over,
  };
}

export function record(over: Partial<CommandRecord> = {}): CommandRecord {
  return {
    tenant: "default",
    principal: "user:1",
    operation: "orders.place-order",
    key: "key-1",
    digest: "digest-1",
    commandId: "command-1",
    outcome: "result",
    body: '{"orderId":"order-1"}',
    at: NOON,
    expires: NOON + 86_400_000,
    ...over,
  };
}

/** Texts that have broken stores before. */
export const ODD_TEXTS: readonly string[] = [
  "",
  " ",
  "__proto__",
  "constructor",
  "a'b\"c`d",
  "%_\\",
  "zwei\nZeilen\t\0Ende",
  "naïve café",
  "日本語 🌳",
  "null",
  "0",
  "x".repeat(5_000),
];

import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { ChargeAnswer, ChargeRequest, RefundAnswer, RefundRequest } from "./port.ts";
import { Problem } from "./problem.ts";
import { judgeCharge, judgeRefund, type KnownCharge } from "./rules.ts";

const schema = `
  CREATE TABLE IF NOT EXISTS entry (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('charge', 'refund')),
    key TEXT NOT NULL UNIQUE,
    order_id TEXT NOT NULL,
    charge_id TEXT,
    cents INTEGER NOT NULL,
    status TEXT NOT NULL,
    reason TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS entry_by_order ON entry (order_id, kind, status, cents);
  CREATE INDEX IF NOT EXISTS entry_by_charge ON entry (charge_id, status, cents) WHERE kind = 'refund';
`;

export interface EntryRow {
  readonly seq: number;
  readonly kind: "charge" | "refund";
  readonly key: string;
  readonly order_id: string;
  readonly charge_id: string | null;
  readonly cents: number;
  readonly status: string;
  readonly reason: string | null;
}

/** `first` tells whether this request made the entry; a repeat gets the same answer with `first: false`. */
export interface Recorded<Answer> {
  readonly answer: Answer;
  readonly first: boolean;
}

/**
 * The provider's durable record: one row per idempotency key, never changed.
 * Writes belong inside `transaction`; nothing may be answered before it returned.
 */
export class Ledger {
  readonly #file: string;
  readonly #db: DatabaseSync;
  readonly #byKey: StatementSync;
  readonly #insert: StatementSync;
  readonly #charge: StatementSync;
  readonly #refunded: StatementSync;
  readonly #page: StatementSync;

  constructor(file: string) {
    this.#file = file;
    this.#db = open(file);
    this.#db.exec(schema);
    this.#byKey = this.#db.prepare("SELECT * FROM entry WHERE key = ?");
    this.#insert = this.#db.prepare(
      "INSERT INTO entry (kind, key, order_id, charge_id, cents, status, reason) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *",
    );
    this.#charge = this.#db.prepare("SELECT * FROM entry WHERE kind = 'charge' AND seq = ?");
    this.#refunded = this.#db.prepare(
      "SELECT coalesce(sum(cents), 0) AS cents FROM entry WHERE kind = 'refund' AND charge_id = ? AND status = 'refunded'",
    );
    this.#page = this.#db.prepare("SELECT * FROM entry WHERE seq > ? ORDER BY seq LIMIT ?");
  }

  transaction(body: () => void): void {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      body();
      this.#db.exec("COMMIT");
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  charge(request: ChargeRequest): Recorded<ChargeAnswer> {
    const known = this.#known(request.key, (row) => row.kind === "charge" && sameOrder(row, request));
    if (known) return { answer: chargeAnswer(known), first: false };
    const { status, reason } = judgeCharge(request.cents);
    const row = this.#add(["charge", request.key, request.orderId, null, request.cents, status, reason ?? null]);
    return { answer: chargeAnswer(row), first: true };
  }

  refund(request: RefundRequest): Recorded<RefundAnswer> {
    const same = (row: EntryRow): boolean =>
      row.kind === "refund" && sameOrder(row, request) && row.charge_id === request.chargeId;
    const known = this.#known(request.key, same);
    if (known) return { answer: refundAnswer(known), first: false };
    const { status, reason } = judgeRefund(request, this.#knownCharge(request.chargeId));
    const row = this.#add([
      "refund",
      request.key,
      request.orderId,
      request.chargeId,
      request.cents,
      status,
      reason ?? null,
    ]);
    return { answer: refundAnswer(row), first: true };
  }

  page(after: number, limit: number): readonly EntryRow[] {
    return this.#page.all(after, limit) as unknown as EntryRow[];
  }

  /** Rows of one moment: a connection of its own keeps its snapshot while charges go on. */
  *netByOrder(): Generator<{ orderId: string; netCents: number }, void, undefined> {
    const reader = new DatabaseSync(this.#file, { readOnly: true });
    try {
      const rows = reader.prepare(
        `SELECT order_id AS orderId, sum(CASE kind WHEN 'charge' THEN cents ELSE -cents END) AS netCents
         FROM entry WHERE status IN ('captured', 'refunded') GROUP BY order_id`,
      );
      for (const row of rows.iterate()) yield row as { orderId: string; netCents: number };
    } finally {
      reader.close();
    }
  }

  close(): void {
    this.#db.close();
  }

  #known(key: string, same: (row: EntryRow) => boolean): EntryRow | undefined {
    const row = this.#byKey.get(key) as EntryRow | undefined;
    if (row && !same(row)) throw new Problem("key-reused");
    return row;
  }

  #add(values: readonly (string | number | null)[]): EntryRow {
    return this.#insert.get(...values) as unknown as EntryRow;
  }

  #knownCharge(chargeId: string): KnownCharge | undefined {
    const seq = /^ch-(\d{1,15})$/.exec(chargeId)?.[1];
    const row = seq === undefined ? undefined : (this.#charge.get(Number(seq)) as EntryRow | undefined);
    if (!row) return undefined;
    const refunded = this.#refunded.get(chargeId) as { cents: number };
    return { orderId: row.order_id, cents: row.cents, status: row.status, refundedCents: refunded.cents };
  }
}

/** Opens with the settings that "answered means recorded" rests on, and reads them back. */
function open(file: string): DatabaseSync {
  const db = new DatabaseSync(file);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000");
  const journal = db.prepare("PRAGMA journal_mode").get()?.["journal_mode"];
  const synchronous = db.prepare("PRAGMA synchronous").get()?.["synchronous"];
  if (journal !== "wal" || synchronous !== 2) {
    db.close();
    const got = JSON.stringify({ journal, synchronous });
    throw new Error(`The ledger needs WAL and synchronous=2, and got ${got}. Put the data folder on a local disk.`);
  }
  return db;
}

function sameOrder(row: EntryRow, request: { readonly orderId: string; readonly cents: number }): boolean {
  return row.order_id === request.orderId && row.cents === request.cents;
}

function because(row: EntryRow): { reason?: string } {
  return row.reason === null ? {} : { reason: row.reason };
}

function chargeAnswer(row: EntryRow): ChargeAnswer {
  const status = row.status as ChargeAnswer["status"];
  return { chargeId: `ch-${row.seq}`, orderId: row.order_id, cents: row.cents, status, ...because(row) };
}

function refundAnswer(row: EntryRow): RefundAnswer {
  const status = row.status as RefundAnswer["status"];
  const chargeId = row.charge_id ?? "";
  return {
    refundId: `re-${row.seq}`,
    orderId: row.order_id,
    chargeId,
    cents: row.cents,
    status,
    ...because(row),
  };
}

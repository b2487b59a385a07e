import type { Cut, ActRecord, ActsBelow } from "@banyan/core";
import type { DatabaseSync, StatementSync } from "node:sqlite";

const COLUMNS = "key, subscription, source, position, name, state, outcome, at";

/** banyan_act. What the open transaction has changed is kept beside it as it was, for those who ask from outside. */
export class Acts {
  readonly #one: StatementSync;
  readonly #put: StatementSync;
  readonly #old: StatementSync;
  readonly #delete: StatementSync;
  readonly #of: StatementSync;
  readonly #before = new Map<string, ActRecord | undefined>();

  constructor(db: DatabaseSync) {
    this.#one = db.prepare(`SELECT ${COLUMNS} FROM banyan_act WHERE key = ?`);
    this.#put = db.prepare(`INSERT OR REPLACE INTO banyan_act (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#old = db.prepare(`SELECT key FROM banyan_act AS e
      WHERE subscription = ? AND source = ? AND position < ? AND at < ? AND NOT EXISTS (SELECT 1 FROM banyan_park AS p
        WHERE p.subscription = ? AND p.source = e.source AND p.position = e.position)
      ORDER BY position LIMIT ?`);
    this.#of = db.prepare(`SELECT key FROM banyan_act WHERE subscription IN (
      SELECT CASE first_name WHEN '' THEN subscription ELSE first_name END FROM banyan_cursor WHERE subscription = ?)`);
    this.#delete = db.prepare("DELETE FROM banyan_act WHERE key = ?");
  }

  committed(key: string): ActRecord | undefined {
    return this.#before.has(key) ? this.#before.get(key) : this.#read(key);
  }

  put(record: ActRecord): void {
    const { key, subscription, source, position, name, state, outcome, at } = record;
    if (!this.#before.has(key)) this.#before.set(key, this.#read(key));
    this.#put.run(key, subscription, source, position, name, state, outcome, at);
  }

  forget({ subscription, parkedAs, source, below }: ActsBelow, { olderThan, limit }: Cut): number {
    const rows = this.#old.all(subscription, source, below, olderThan, parkedAs, limit);
    for (const { key } of rows) this.#remove(String(key));
    return rows.length;
  }

  /** While its cursors are there, which have its first name. */
  forgetAll(subscription: string): void {
    for (const { key } of this.#of.all(subscription)) this.#remove(String(key));
  }

  ended(): void {
    this.#before.clear();
  }

  #remove(key: string): void {
    if (!this.#before.has(key)) this.#before.set(key, this.#read(key));
    this.#delete.run(key);
  }

  #read(key: string): ActRecord | undefined {
    const row = this.#one.get(key);
    if (row === undefined) return undefined;
    return {
      key: String(row["key"]),
      subscription: String(row["subscription"]),
      source: String(row["source"]),
      position: Number(row["position"]),
      name: String(row["name"]),
      state: row["state"] as ActRecord["state"],
      outcome: String(row["outcome"]),
      at: Number(row["at"]),
    };
  }
}

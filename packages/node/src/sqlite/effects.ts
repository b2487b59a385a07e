import type { Cut, EffectRecord, EffectsBelow } from "@banyan/core";
import type { DatabaseSync, StatementSync } from "node:sqlite";

const COLUMNS = "key, subscription, source, position, name, state, outcome, at";

/** banyan_effect. What the open transaction has changed is kept beside it as it was, for those who ask from outside. */
export class Effects {
  readonly #one: StatementSync;
  readonly #put: StatementSync;
  readonly #old: StatementSync;
  readonly #delete: StatementSync;
  readonly #of: StatementSync;
  readonly #before = new Map<string, EffectRecord | undefined>();

  constructor(db: DatabaseSync) {
    this.#one = db.prepare(`SELECT ${COLUMNS} FROM banyan_effect WHERE key = ?`);
    this.#put = db.prepare(`INSERT OR REPLACE INTO banyan_effect (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#old = db.prepare(`SELECT key FROM banyan_effect AS e
      WHERE subscription = ? AND source = ? AND position < ? AND at < ? AND NOT EXISTS (SELECT 1 FROM banyan_park AS p
        WHERE p.subscription = ? AND p.source = e.source AND p.position = e.position)
      ORDER BY position LIMIT ?`);
    this.#of = db.prepare(`SELECT key FROM banyan_effect WHERE subscription IN (
      SELECT CASE first_name WHEN '' THEN subscription ELSE first_name END FROM banyan_cursor WHERE subscription = ?)`);
    this.#delete = db.prepare("DELETE FROM banyan_effect WHERE key = ?");
  }

  committed(key: string): EffectRecord | undefined {
    return this.#before.has(key) ? this.#before.get(key) : this.#read(key);
  }

  put(record: EffectRecord): void {
    const { key, subscription, source, position, name, state, outcome, at } = record;
    if (!this.#before.has(key)) this.#before.set(key, this.#read(key));
    this.#put.run(key, subscription, source, position, name, state, outcome, at);
  }

  forget({ subscription, parkedAs, source, below }: EffectsBelow, { olderThan, limit }: Cut): number {
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

  #read(key: string): EffectRecord | undefined {
    const row = this.#one.get(key);
    if (row === undefined) return undefined;
    return {
      key: String(row["key"]),
      subscription: String(row["subscription"]),
      source: String(row["source"]),
      position: Number(row["position"]),
      name: String(row["name"]),
      state: row["state"] as EffectRecord["state"],
      outcome: String(row["outcome"]),
      at: Number(row["at"]),
    };
  }
}

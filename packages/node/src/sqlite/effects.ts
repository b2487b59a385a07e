import type { EffectRecord } from "@banyan/core";
import type { DatabaseSync, StatementSync } from "node:sqlite";

const COLUMNS = "key, subscription, source, position, name, state, outcome, at";

/** banyan_effect. What the open transaction has changed is kept beside it as it was, for those who ask from outside. */
export class Effects {
  readonly #one: StatementSync;
  readonly #put: StatementSync;
  readonly #before = new Map<string, EffectRecord | undefined>();

  constructor(db: DatabaseSync) {
    this.#one = db.prepare(`SELECT ${COLUMNS} FROM banyan_effect WHERE key = ?`);
    this.#put = db.prepare(`INSERT OR REPLACE INTO banyan_effect (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
  }

  committed(key: string): EffectRecord | undefined {
    return this.#before.has(key) ? this.#before.get(key) : this.#read(key);
  }

  put(record: EffectRecord): void {
    const { key, subscription, source, position, name, state, outcome, at } = record;
    if (!this.#before.has(key)) this.#before.set(key, this.#read(key));
    this.#put.run(key, subscription, source, position, name, state, outcome, at);
  }

  ended(): void {
    this.#before.clear();
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

import type { AuditRecord } from "@banyan/core";
import type { DatabaseSync, StatementSync } from "node:sqlite";

/** banyan_audit. Ids are UUIDv7, so their order is that of time; what the open transaction has added is not shown. */
export class Audits {
  readonly #insert: StatementSync;
  readonly #newest: StatementSync;
  readonly #uncommitted = new Set<string>();

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare(
      "INSERT INTO banyan_audit (id, at, operator, why, action, subject) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#newest = db.prepare(
      "SELECT id, at, operator, why, action, subject FROM banyan_audit ORDER BY id DESC LIMIT ?",
    );
  }

  add({ id, at, operator, why, action, subject }: AuditRecord): void {
    this.#insert.run(id, at, operator, why, action, JSON.stringify(subject));
    this.#uncommitted.add(id);
  }

  committed(limit: number): AuditRecord[] {
    const rows = this.#newest.all(limit + this.#uncommitted.size).map(toRecord);
    return rows.filter(({ id }) => !this.#uncommitted.has(id)).slice(0, limit);
  }

  ended(): void {
    this.#uncommitted.clear();
  }
}

function toRecord(row: Record<string, unknown>): AuditRecord {
  return {
    id: String(row["id"]),
    at: Number(row["at"]),
    operator: String(row["operator"]),
    why: String(row["why"]),
    action: row["action"] as AuditRecord["action"],
    subject: JSON.parse(String(row["subject"])) as AuditRecord["subject"],
  };
}

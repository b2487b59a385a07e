import type { CommandRecord, CommandScope } from "@banyan/core";
import type { DatabaseSync, StatementSync } from "node:sqlite";

const COLUMNS = "tenant, principal, operation, key, digest, command_id, outcome, body, at, expires";
/** With the first record and each so many after it some that have expired are deleted, more than came in meanwhile. */
const SWEEP_EVERY = 64;
const SWEEP = 256;

/** banyan_command. What the open transaction has remembered is no answer yet. */
export class Commands {
  readonly #recall: StatementSync;
  readonly #remember: StatementSync;
  readonly #forgetRefusal: StatementSync;
  readonly #sweep: StatementSync;
  readonly #now: () => number;
  readonly #uncommitted = new Set<string>();
  #remembered = 0;

  constructor(db: DatabaseSync, now: () => number) {
    this.#now = now;
    this.#recall = db.prepare(`SELECT ${COLUMNS} FROM banyan_command
      WHERE tenant = ? AND principal = ? AND operation = ? AND key = ? AND expires > ?`);
    this.#remember = db.prepare(`INSERT INTO banyan_command (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (tenant, principal, operation, key) DO UPDATE SET digest = excluded.digest, command_id = excluded.command_id,
        outcome = excluded.outcome, body = excluded.body, at = excluded.at, expires = excluded.expires
      WHERE banyan_command.expires <= ?`);
    this.#forgetRefusal = db.prepare(`DELETE FROM banyan_command
      WHERE tenant = ? AND principal = ? AND operation = ? AND key = ? AND outcome = 'error'`);
    this.#sweep = db.prepare(`DELETE FROM banyan_command WHERE rowid IN
      (SELECT rowid FROM banyan_command WHERE expires <= ? ORDER BY expires LIMIT ${SWEEP})`);
  }

  committed(scope: CommandScope): CommandRecord | undefined {
    if (this.#uncommitted.size > 0 && this.#uncommitted.has(keyOf(scope))) return undefined;
    const row = this.#recall.get(scope.tenant, scope.principal, scope.operation, scope.key, this.#now());
    return row === undefined ? undefined : toRecord(row);
  }

  remember(record: CommandRecord): boolean {
    const { tenant, principal, operation, key, digest, commandId, outcome, body, at, expires } = record;
    const sent = [tenant, principal, operation, key, digest, commandId, outcome, body, at, expires];
    const first = Number(this.#remember.run(...sent, this.#now()).changes) > 0;
    if (first) this.#uncommitted.add(keyOf(record));
    if (this.#remembered++ % SWEEP_EVERY === 0) this.#sweep.run(this.#now());
    return first;
  }

  forgetRefusal({ tenant, principal, operation, key }: CommandScope): void {
    this.#forgetRefusal.run(tenant, principal, operation, key);
  }

  ended(): void {
    this.#uncommitted.clear();
  }
}

function keyOf({ tenant, principal, operation, key }: CommandScope): string {
  return JSON.stringify([tenant, principal, operation, key]);
}

function toRecord(row: Record<string, unknown>): CommandRecord {
  return {
    tenant: String(row["tenant"]),
    principal: String(row["principal"]),
    operation: String(row["operation"]),
    key: String(row["key"]),
    digest: String(row["digest"]),
    commandId: String(row["command_id"]),
    outcome: row["outcome"] as CommandRecord["outcome"],
    body: String(row["body"]),
    at: Number(row["at"]),
    expires: Number(row["expires"]),
  };
}

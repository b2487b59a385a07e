import { BanyanError } from "../error/index.ts";
import type { AuditRecord, CommandRecord, Cursor, ActRecord, Entry, ParkRow, Scheduled } from "../ports/index.ts";

/** Rows as JSON texts, so that nobody holds what somebody else may change; by table, by key. */
export type TableRows = Map<string, Map<string, string>>;

/** One state of all tables. A commit changes it in place unless sessions look at it; then the next state is another object. */
export interface TablesState {
  readonly rows: TableRows;
  viewers: number;
}

/** Everything committed. */
export class MemoryData {
  readonly incarnations: Map<string, string> = new Map();
  /** By context; the entry at index i has position i + 1 + what was trimmed. */
  readonly logs: Map<string, Entry[]> = new Map();
  /** How many entries are gone from the head of a log. */
  readonly trimmed: Map<string, number> = new Map();
  readonly cursors: Map<string, Cursor> = new Map();
  readonly parked: Map<string, ParkRow> = new Map();
  readonly commands: Map<string, CommandRecord> = new Map();
  readonly acts: Map<string, ActRecord> = new Map();
  readonly scheduled: Map<string, Scheduled> = new Map();
  readonly audits: AuditRecord[] = [];
  tables: TablesState = { rows: new Map(), viewers: 0 };

  log(context: string): Entry[] {
    const log = this.logs.get(context);
    if (log === undefined) throw new BanyanError("internal", `This store has no log of the context "${context}".`);
    return log;
  }

  /** The last committed position. */
  end(context: string): number {
    return this.log(context).length + (this.trimmed.get(context) ?? 0);
  }

  incarnation(context: string): string {
    this.log(context);
    return this.incarnations.get(context) ?? "";
  }

  /** The tables' state a commit may change: the current one, or its successor when sessions still look at it. */
  tablesToChange(names: Iterable<string>): TableRows {
    const shared = this.tables.viewers > 0;
    if (shared) this.tables = { rows: new Map(this.tables.rows), viewers: 0 };
    const { rows } = this.tables;
    for (const name of names) if (shared || !rows.has(name)) rows.set(name, new Map(rows.get(name)));
    return rows;
  }
}

import type { Cut, Entry, FetchQuery, Fetched, LogExtent, LogVolume, NewEntry, VolumeQuery } from "@banyan/core";
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { COLUMNS, insertInto, rowOf } from "./log-rows.ts";
import { logTable } from "./schema.ts";
import { Volumes } from "./volumes.ts";

/** A look at the log goes over at most this many positions, however few of their entries are asked for. */
const SCAN = 1_024;

export interface LogIdentity {
  readonly name: string;
  readonly prefix: string;
  readonly incarnation: string;
}

/**
 * The log of one context. This connection writes it, and now and then a transaction of a host's own does; whoever is told that one has asks `refresh`:
 *
 * I1. `#end` is the last committed position that is known; entries of the open transaction lie behind it, and no reader looks behind it. It is known to
 *     be the last when a transaction begins, so that what others have appended lies before what this one appends.
 * I2. `#appended` is the last position of the open transaction, or `#end`.
 * I3. What is to be trimmed is deleted right before COMMIT and not earlier: until then readers see it.
 */
export class Log {
  readonly source: string;
  readonly incarnation: string;
  readonly #insert: StatementSync;
  readonly #first: StatementSync;
  readonly #range: StatementSync;
  readonly #exact: StatementSync;
  readonly #oldest: StatementSync;
  readonly #delete: StatementSync;
  readonly #last: StatementSync;
  readonly #table: string;
  readonly #volumes: Volumes;
  #end: number;
  #appended: number;
  /** Everything up to here goes with the open transaction. */
  #trimmed = 0;

  constructor(db: DatabaseSync, { name, prefix, incarnation }: LogIdentity) {
    const table = logTable(prefix);
    this.source = name;
    this.incarnation = incarnation;
    this.#table = table;
    this.#insert = db.prepare(insertInto(table));
    this.#first = db.prepare(`SELECT min(position) AS first FROM ${table} WHERE position > ?`);
    this.#range = db.prepare(`SELECT position, ${COLUMNS} FROM ${table} WHERE position > ? AND position <= ?
      AND type IN (SELECT value FROM json_each(?)) ORDER BY position LIMIT ?`);
    this.#exact = db.prepare(`SELECT position, ${COLUMNS} FROM ${table}
      WHERE position IN (SELECT value FROM json_each(?)) AND position <= ? ORDER BY position`);
    this.#oldest = db.prepare(`SELECT position, at FROM ${table} WHERE position > ? ORDER BY position LIMIT ?`);
    this.#delete = db.prepare(`DELETE FROM ${table} WHERE position <= ?`);
    this.#last = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = ?");
    this.#end = this.#appended = Number(this.#last.get(table)?.["seq"] ?? 0);
    this.#volumes = new Volumes(db, { context: name, table, end: this.#end });
  }

  /** The end as the open transaction sees it. */
  get appended(): number {
    return this.#appended;
  }

  /** Another connection has committed: true where it has appended here. Not to be asked once this transaction has appended. */
  refresh(): boolean {
    const end = Number(this.#last.get(this.#table)?.["seq"] ?? 0);
    if (end <= this.#end) return false;
    this.#end = this.#appended = end;
    return true;
  }

  append(entries: readonly NewEntry[]): void {
    for (const entry of entries) {
      this.#appended = Number(this.#insert.run(...rowOf(entry)).lastInsertRowid);
      this.#volumes.appended(entry, this.#appended);
    }
  }

  trim(through: number, { olderThan, limit }: Cut): number {
    const bound = Math.min(through, this.#end);
    let count = 0;
    for (const row of readRows(this.#oldest, [this.#trimmed, limit])) {
      const position = Number(row["position"]);
      if (position > bound || Number(row["at"]) >= olderThan) break;
      this.#trimmed = position;
      count++;
    }
    return count;
  }

  /** Whether it begins with its first entry, as the open transaction sees it. */
  get whole(): boolean {
    return this.#trimmed === 0 && this.extent().first <= 1;
  }

  /** The last statement of a transaction. */
  beforeCommit(): void {
    this.#volumes.beforeCommit(this.#end);
    if (this.#trimmed === 0) return;
    this.#delete.run(this.#trimmed);
    this.#volumes.trimmed(this.#trimmed);
  }

  committed(): void {
    this.#end = this.#appended;
    this.#trimmed = 0;
    this.#volumes.ended(this.#end);
  }

  rolledBack(): void {
    this.#appended = this.#end;
    this.#trimmed = 0;
    this.#volumes.ended();
  }

  fetch({ after, limit, types, bytes = Infinity }: FetchQuery): Fetched {
    if (after >= this.#end) return { entries: [], through: after };
    // the look begins at the first entry there is: where retention has cut the log there is no long way through nothing
    const first = Number(this.#first.get(after)?.["first"] ?? this.#end);
    const last = Math.min(this.#end, first + SCAN - 1);
    const parameters = [after, last, JSON.stringify(types), limit];
    const { rows, cut } = inRange(this.#range, () => rowsWithin(bytes, this.#range.iterate(...parameters)));
    const entries = rows.map((row) => toEntry(this.source, row));
    const full = cut || entries.length === limit ? entries.at(-1) : undefined;
    return { entries, through: full?.position ?? last };
  }

  extent(): LogExtent {
    const first = Number(this.#first.get(0)?.["first"] ?? this.#end + 1);
    return this.#end === 0 ? { first: 0, last: 0 } : { first: Math.min(first, this.#end + 1), last: this.#end };
  }

  volume({ after, types }: VolumeQuery): LogVolume {
    const { first } = this.extent();
    return this.#volumes.between(Math.max(after, first - 1), this.#end, types);
  }

  entriesAt(positions: readonly number[]): readonly Entry[] {
    return this.#read(this.#exact, [JSON.stringify(positions), this.#end]);
  }

  #read(statement: StatementSync, parameters: readonly SQLInputValue[]): Entry[] {
    return readRows(statement, parameters).map((row) => toEntry(this.source, row));
  }
}

function readRows(statement: StatementSync, parameters: readonly SQLInputValue[]): Record<string, unknown>[] {
  return inRange(statement, () => statement.all(...parameters));
}

/** One by one, so that what is beyond the bound is never held; the first row always comes. */
function rowsWithin(
  bytes: number,
  found: Iterable<Record<string, unknown>>,
): { readonly rows: readonly Record<string, unknown>[]; readonly cut: boolean } {
  const rows: Record<string, unknown>[] = [];
  let left = bytes;
  for (const row of found) {
    left -= Buffer.byteLength(row["body"] as string);
    if (left < 0 && rows.length > 0) return { rows, cut: true };
    rows.push(row);
  }
  return { rows, cut: false };
}

/** One number too large for JavaScript makes node:sqlite refuse all rows; then they are read as bigints, and only that number is off. */
function inRange<T>(statement: StatementSync, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== "ERR_OUT_OF_RANGE") throw error;
    statement.setReadBigInts(true);
    try {
      return read();
    } finally {
      statement.setReadBigInts(false);
    }
  }
}

function toEntry(source: string, row: Record<string, unknown>): Entry {
  return {
    id: row["id"] as string,
    type: row["type"] as string,
    version: Number(row["version"]),
    key: row["key"] as string,
    slot: Number(row["slot"]),
    at: Number(row["at"]),
    form: row["form"] as Entry["form"],
    body: row["body"] as string,
    tenant: row["tenant"] as string,
    principal: row["principal"] as string,
    correlation: row["correlation"] as string,
    causation: row["causation"] as string,
    traceparent: (row["traceparent"] as string | null) ?? undefined,
    source,
    position: Number(row["position"]),
  };
}

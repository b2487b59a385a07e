import type { LogVolume, NewEntry } from "@banyan/core";
import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Positions that are counted together. */
const BLOCK = 1_024;

const ADDED =
  "ON CONFLICT DO UPDATE SET entries = entries + excluded.entries, bytes = bytes + excluded.bytes, last = excluded.last";

export interface CountedLog {
  readonly context: string;
  readonly table: string;
  /** The last position that was ever given. */
  readonly end: number;
}

interface Count {
  entries: number;
  bytes: number;
  last: number;
}

/**
 * How much of a log there is, by type and block of positions: banyan_volume. So what waits for a reader is told of a log of millions
 * without reading it; only the block the reader stands in is counted entry by entry.
 *
 * I1. What a transaction appends is counted in that transaction: right before COMMIT, and not earlier.
 * I2. `last` is the last position that was counted. What others have appended without counting is counted in the next commit, or at the next start;
 *     until then it is counted entry by entry by whoever asks.
 * I3. A block in which entries are gone is never believed: what is asked for begins at the first entry there is.
 */
export class Volumes {
  readonly #context: string;
  readonly #add: StatementSync;
  readonly #forget: StatementSync;
  readonly #blocks: StatementSync;
  readonly #part: StatementSync;
  readonly #missing: StatementSync;
  /** Committed up to here. */
  #counted: number;
  readonly #pending = new Map<number, Map<string, Count>>();

  constructor(db: DatabaseSync, log: CountedLog) {
    const { context, table } = log;
    this.#context = context;
    this.#add = db.prepare(
      `INSERT INTO banyan_volume (context, block, type, entries, bytes, last) VALUES (?, ?, ?, ?, ?, ?) ${ADDED}`,
    );
    this.#forget = db.prepare("DELETE FROM banyan_volume WHERE context = ? AND block < ?");
    const of = "(?1 IS NULL OR type IN (SELECT value FROM json_each(?1)))";
    this.#blocks = db.prepare(`SELECT coalesce(sum(entries), 0) AS entries, coalesce(sum(bytes), 0) AS bytes
      FROM banyan_volume WHERE context = ?2 AND block > ?3 AND ${of}`);
    this.#part = db.prepare(`SELECT count(*) AS entries, coalesce(sum(octet_length(body)), 0) AS bytes
      FROM ${table} WHERE position > ?2 AND position <= ?3 AND ${of}`);
    this.#missing = db.prepare(`INSERT INTO banyan_volume (context, block, type, entries, bytes, last)
      SELECT ?, position / ${BLOCK} AS block, type, count(*), coalesce(sum(octet_length(body)), 0), max(position)
      FROM ${table} WHERE position > ? AND position <= ? GROUP BY block, type ${ADDED}`);
    const last = db.prepare("SELECT coalesce(max(last), 0) AS last FROM banyan_volume WHERE context = ?").get(context);
    this.#counted = Number(last?.["last"]);
    // to a file from before this table, and after code that did not know it
    this.#count(log.end);
    this.#counted = log.end;
  }

  /** A log that is counted is not read. */
  #count(end: number): void {
    if (this.#counted < end) this.#missing.run(this.#context, this.#counted, end);
  }

  appended({ type, body }: NewEntry, position: number): void {
    const block = blockOf(position);
    let types = this.#pending.get(block);
    if (types === undefined) this.#pending.set(block, (types = new Map()));
    let count = types.get(type);
    if (count === undefined) types.set(type, (count = { entries: 0, bytes: 0, last: 0 }));
    count.entries++;
    count.bytes += Buffer.byteLength(body);
    count.last = position;
  }

  /** Entries up to here go with the open transaction. */
  trimmed(through: number): void {
    this.#forget.run(this.#context, blockOf(through + 1));
  }

  /** `end` is the last position before what this transaction has appended. */
  beforeCommit(end: number): void {
    this.#count(end);
    for (const [block, types] of this.#pending)
      for (const [type, { entries, bytes, last }] of types) {
        this.#add.run(this.#context, block, type, entries, bytes, last);
      }
  }

  /** Up to where all is counted, where it was committed. */
  ended(counted?: number): void {
    this.#pending.clear();
    this.#counted = counted ?? this.#counted;
  }

  /** Of what lies behind `after`, which has the first entry there is behind it, up to `end`. */
  between(after: number, end: number, types: readonly string[] | undefined): LogVolume {
    const wanted = types === undefined ? null : JSON.stringify(types);
    const block = blockOf(after + 1);
    const through = Math.min(end, (block + 1) * BLOCK - 1);
    const uncounted = Math.max(this.#counted, through);
    const parts = [this.#part.get(wanted, after, through), this.#blocks.get(wanted, this.#context, block)];
    if (uncounted < end) parts.push(this.#part.get(wanted, uncounted, end));
    const sum = (name: "entries" | "bytes"): number =>
      parts.reduce((total, part) => total + Number(part?.[name] ?? 0), 0);
    return { entries: sum("entries"), bytes: sum("bytes") };
  }
}

function blockOf(position: number): number {
  return Math.floor(position / BLOCK);
}

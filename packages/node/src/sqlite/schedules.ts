import type { NewEntry, Scheduled, ScheduleExtent } from "@banyan/core";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { instant, wholeNumber } from "./whole-number.ts";

const texts = (fields: readonly string[]): string[] => fields.map((field) => `json_type(entry, '$.${field}') = 'text'`);
const wholes = (fields: readonly string[]): string[] =>
  fields.map((field) => {
    const largest = Number.MAX_SAFE_INTEGER;
    const value = `json_extract(entry, '$.${field}')`;
    return `json_type(entry, '$.${field}') = 'integer' AND ${value} BETWEEN -${largest} AND ${largest}`;
  });

/** Whether the log would take it: one that it refuses would hold up all that enter with it. */
const IS_ENTRY = [
  "json_type(entry) = 'object'",
  "json_extract(entry, '$.id') = id",
  "json_extract(entry, '$.form') IN ('json', 'sealed')",
  ...texts(["id", "type", "key", "body", "tenant", "principal", "correlation", "causation"]),
  ...wholes(["version", "slot", "at"]),
  "coalesce(json_type(entry, '$.traceparent'), 'null') IN ('text', 'null')",
].join(" AND ");

/**
 * banyan_schedule. What the open transaction has put in is not shown, and what it has taken out still is. A row that is no entry is passed over, so that
 * it holds nobody up; it is counted.
 */
export class Schedules {
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #earliest: StatementSync;
  readonly #extents: StatementSync;
  readonly #added = new Map<string, Scheduled>();
  readonly #taken = new Map<string, Scheduled>();

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare("INSERT INTO banyan_schedule (context, id, due, entry) VALUES (?, ?, ?, ?)");
    this.#delete = db.prepare("DELETE FROM banyan_schedule WHERE context = ? AND id = ?");
    this.#earliest = db.prepare(
      `SELECT context, due, entry FROM banyan_schedule
        WHERE context = ? AND CASE WHEN json_valid(entry) THEN ${IS_ENTRY} ELSE 0 END ORDER BY due, id LIMIT ?`,
    );
    this.#extents = db.prepare(`SELECT context, count(*) AS entries, count(*) FILTER (WHERE due <= ?) AS overdue,
      min(due) AS first FROM banyan_schedule GROUP BY context`);
    for (const reads of [this.#earliest, this.#extents]) reads.setReadBigInts(true);
  }

  add(one: Scheduled): void {
    this.#insert.run(one.context, one.entry.id, instant(one.due), JSON.stringify(one.entry));
    this.#added.set(one.entry.id, one);
  }

  take(one: Scheduled): boolean {
    const taken = Number(this.#delete.run(one.context, one.entry.id).changes) > 0;
    if (taken && !this.#added.delete(one.entry.id)) this.#taken.set(one.entry.id, one);
    return taken;
  }

  committed(context: string, limit: number): Scheduled[] {
    const rows = this.#earliest.all(context, limit + this.#added.size).map(toScheduled);
    const taken = [...this.#taken.values()].filter((one) => one.context === context);
    const shown = [...rows.filter(({ entry }) => !this.#added.has(entry.id)), ...taken];
    return shown.sort(byDue).slice(0, limit);
  }

  extents(now: number): ScheduleExtent[] {
    const found = new Map(this.#extents.all(now).map((row) => [String(row["context"]), toExtent(row)]));
    const gone = [...this.#taken.values()].map(({ context }) => context).filter((context) => !found.has(context));
    for (const context of gone) found.set(context, { context, entries: 0, overdue: 0, first: 0 });
    const extents = Array.from(found.values(), (extent) => this.#asCommitted(extent, now));
    return extents.filter(({ entries }) => entries > 0).sort((a, b) => (a.context < b.context ? -1 : 1));
  }

  #asCommitted({ context, first, ...counts }: ScheduleExtent, now: number): ScheduleExtent {
    let { entries, overdue } = counts;
    for (const [changes, by] of [[this.#added, -1] as const, [this.#taken, 1] as const])
      for (const one of changes.values()) {
        if (one.context !== context) continue;
        entries += by;
        if (one.due <= now) overdue += by;
      }
    const changed = this.#added.size + this.#taken.size > 0;
    return { context, entries, overdue, first: (changed ? this.committed(context, 1)[0]?.due : undefined) ?? first };
  }

  ended(): void {
    this.#added.clear();
    this.#taken.clear();
  }
}

function byDue(left: Scheduled, right: Scheduled): number {
  return left.due - right.due || (left.entry.id < right.entry.id ? -1 : 1);
}

function toExtent(row: Record<string, unknown>): ScheduleExtent {
  const context = String(row["context"]);
  return {
    context,
    entries: Number(row["entries"]),
    overdue: Number(row["overdue"]),
    first: wholeNumber(row["first"]),
  };
}

function toScheduled(row: Record<string, unknown>): Scheduled {
  const entry = JSON.parse(String(row["entry"])) as NewEntry;
  return {
    context: String(row["context"]),
    due: wholeNumber(row["due"]),
    entry: { ...entry, traceparent: entry.traceparent },
  };
}

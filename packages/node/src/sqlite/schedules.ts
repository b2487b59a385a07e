import type { NewEntry, Scheduled } from "@banyan/core";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { instant } from "./whole-number.ts";

/** banyan_schedule. What the open transaction has put in is not shown, and what it has taken out still is. */
export class Schedules {
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #earliest: StatementSync;
  readonly #added = new Set<string>();
  readonly #taken = new Map<string, Scheduled>();

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare("INSERT INTO banyan_schedule (context, id, due, entry) VALUES (?, ?, ?, ?)");
    this.#delete = db.prepare("DELETE FROM banyan_schedule WHERE context = ? AND id = ?");
    this.#earliest = db.prepare("SELECT context, due, entry FROM banyan_schedule ORDER BY due, id LIMIT ?");
  }

  add({ context, due, entry }: Scheduled): void {
    this.#insert.run(context, entry.id, instant(due), JSON.stringify(entry));
    this.#added.add(entry.id);
  }

  take(one: Scheduled): boolean {
    const taken = Number(this.#delete.run(one.context, one.entry.id).changes) > 0;
    if (taken && !this.#added.delete(one.entry.id)) this.#taken.set(one.entry.id, one);
    return taken;
  }

  committed(limit: number): Scheduled[] {
    const rows = this.#earliest.all(limit + this.#added.size).map(toScheduled);
    const shown = [...rows.filter(({ entry }) => !this.#added.has(entry.id)), ...this.#taken.values()];
    return shown.sort(byDue).slice(0, limit);
  }

  ended(): void {
    this.#added.clear();
    this.#taken.clear();
  }
}

function byDue(left: Scheduled, right: Scheduled): number {
  return left.due - right.due || (left.entry.id < right.entry.id ? -1 : 1);
}

function toScheduled(row: Record<string, unknown>): Scheduled {
  const entry = JSON.parse(String(row["entry"])) as NewEntry;
  return {
    context: String(row["context"]),
    due: Number(row["due"]),
    entry: { ...entry, traceparent: entry.traceparent },
  };
}

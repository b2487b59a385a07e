import type { Cursor, CursorMove, CursorName } from "@banyan/core";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Log } from "./log.ts";

const COLUMNS = "subscription, source, lane, incarnation, pos, open, fence";

/** banyan_cursor. Its rows are read at start and by `claim` only: owners keep what they committed in memory. */
export class Cursors {
  readonly #all: StatementSync;
  readonly #claim: StatementSync;
  readonly #settle: StatementSync;

  constructor(db: DatabaseSync) {
    this.#all = db.prepare(`SELECT ${COLUMNS} FROM banyan_cursor ORDER BY subscription, source, lane`);
    this.#claim = db.prepare(`INSERT INTO banyan_cursor (${COLUMNS}) VALUES (?, ?, ?, ?, ?, '[]', 1)
      ON CONFLICT (subscription, source, lane) DO UPDATE SET fence = fence + 1 RETURNING ${COLUMNS}`);
    this.#settle = db.prepare(`UPDATE banyan_cursor SET pos = ?, open = ?
      WHERE subscription = ? AND source = ? AND lane = ? AND fence = ?`);
  }

  all(): Cursor[] {
    return this.#all.all().map(toCursor);
  }

  claim({ subscription, source, lane }: CursorName, from: "start" | "now", log: Log): Cursor {
    const pos = from === "start" ? 0 : log.appended;
    return toCursor(this.#claim.get(subscription, source, lane, log.incarnation, pos) ?? {});
  }

  settle({ subscription, source, lane, fence, pos, open }: CursorMove): boolean {
    const { changes } = this.#settle.run(pos, JSON.stringify(open), subscription, source, lane, fence);
    return Number(changes) > 0;
  }
}

function toCursor(row: Record<string, unknown>): Cursor {
  return {
    subscription: String(row["subscription"]),
    source: String(row["source"]),
    lane: String(row["lane"]),
    incarnation: String(row["incarnation"]),
    pos: Number(row["pos"]),
    open: JSON.parse(String(row["open"])) as number[],
    fence: Number(row["fence"]),
  };
}

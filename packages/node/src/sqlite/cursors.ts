import { BanyanError, type Cursor, type CursorMove, type CursorName, type OwnCursor } from "@banyan/core";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Log } from "./log.ts";

const COLUMNS = "subscription, source, lane, incarnation, pos, open, fence";
const READ = `${COLUMNS}, first_name`;

/** banyan_cursor. Its rows are read at start and by `claim` only: owners keep what they committed in memory. */
export class Cursors {
  readonly #all: StatementSync;
  readonly #claim: StatementSync;
  readonly #settle: StatementSync;
  readonly #rewind: StatementSync;
  readonly #has: StatementSync;
  readonly #rename: StatementSync;
  readonly #forget: StatementSync;

  constructor(db: DatabaseSync) {
    this.#all = db.prepare(`SELECT ${READ} FROM banyan_cursor ORDER BY subscription, source, lane`);
    this.#claim = db.prepare(`INSERT INTO banyan_cursor (${COLUMNS}) VALUES (?, ?, ?, ?, ?, '[]', 1)
      ON CONFLICT (subscription, source, lane) DO UPDATE SET fence = fence + 1 RETURNING ${READ}`);
    this.#settle = db.prepare(`UPDATE banyan_cursor SET pos = ?, open = ?
      WHERE subscription = ? AND source = ? AND lane = ? AND fence = ?`);
    this.#rewind = db.prepare(`UPDATE banyan_cursor SET pos = 0, open = '[]', fence = fence + 1
      WHERE subscription = ? AND source = ? AND lane = ? AND fence = ? RETURNING ${READ}`);
    this.#has = db.prepare("SELECT 1 FROM banyan_cursor WHERE subscription = ? LIMIT 1");
    this.#rename = db.prepare(`UPDATE banyan_cursor SET subscription = ?,
      first_name = CASE first_name WHEN '' THEN subscription ELSE first_name END WHERE subscription = ?`);
    this.#forget = db.prepare("DELETE FROM banyan_cursor WHERE subscription = ?");
  }

  all(): Cursor[] {
    return this.#all.all().map(toCursor);
  }

  claim({ subscription, source, lane }: CursorName, from: "start" | "now", log: Log): Cursor {
    const pos = from === "start" ? 0 : log.appended;
    const cursor = toCursor(this.#claim.get(subscription, source, lane, log.incarnation, pos) ?? {});
    if (cursor.incarnation !== log.incarnation) throw ofAnother(cursor, log);
    return cursor;
  }

  settle({ subscription, source, lane, fence, pos, open }: CursorMove): boolean {
    const { changes } = this.#settle.run(pos, JSON.stringify(open), subscription, source, lane, fence);
    return Number(changes) > 0;
  }

  rewind({ subscription, source, lane, fence }: OwnCursor): Cursor | undefined {
    const row = this.#rewind.get(subscription, source, lane, fence);
    return row === undefined ? undefined : toCursor(row);
  }

  rename(subscription: string, to: string): void {
    if (this.#has.get(subscription) === undefined) return;
    if (this.#has.get(to) !== undefined)
      throw new BanyanError("statement-failed", `"${subscription}" cannot become "${to}", which has a cursor.`);
    this.#rename.run(to, subscription);
  }

  forget(subscription: string): void {
    this.#forget.run(subscription);
  }
}

/** Its positions may be of other entries here: going on from it would repeat or lose some. */
function ofAnother({ subscription, source, incarnation }: Cursor, log: Log): BanyanError {
  const words = `The cursor of "${subscription}" on "${source}" is of the incarnation ${incarnation}; the log is ${log.incarnation}.`;
  return new BanyanError("cursor-incarnation", words);
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
    firstName: String(row["first_name"] || row["subscription"]),
  };
}

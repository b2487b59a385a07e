import { BanyanError, type Cursor, type CursorMove, type CursorName, type OwnCursor } from "@banyan/core";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Log } from "./log.ts";

const COLUMNS = "subscription, source, lane, incarnation, pos, open, fence";
const READ = `${COLUMNS}, first_name`;
/** Before the name of a subscription in banyan_meta. */
const NOTE = "cursor of ";

/**
 * banyan_cursor. Its rows are read at start and by `claim` only: owners keep what they committed in memory. That a subscription has a place is written
 * down a second time, in banyan_meta: one that has lost it would take everything for new, and nobody would know.
 */
export class Cursors {
  readonly #all: StatementSync;
  readonly #claim: StatementSync;
  readonly #settle: StatementSync;
  readonly #rewind: StatementSync;
  readonly #has: StatementSync;
  readonly #rename: StatementSync;
  readonly #forget: StatementSync;
  readonly #note: StatementSync;
  readonly #renameNote: StatementSync;
  readonly #lost: StatementSync;
  readonly #forgetNote: StatementSync;

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
    this.#note = db.prepare(`INSERT OR IGNORE INTO banyan_meta (name, value) VALUES ('${NOTE}' || ?, '')`);
    this.#renameNote = db.prepare(
      `UPDATE OR REPLACE banyan_meta SET name = '${NOTE}' || ? WHERE name = '${NOTE}' || ?`,
    );
    this.#forgetNote = db.prepare(`DELETE FROM banyan_meta WHERE name = '${NOTE}' || ?`);
    this.#lost = db.prepare(`SELECT substr(name, ${NOTE.length + 1}) AS subscription FROM banyan_meta
      WHERE name GLOB '${NOTE}*' AND subscription NOT IN (SELECT subscription FROM banyan_cursor) ORDER BY name`);
  }

  /** Throws where a subscription that had a place has none any more. */
  assertNoneLost(): void {
    const names = this.#lost.all().map(({ subscription }) => String(subscription));
    if (names.length === 0) return;
    const rows = names.map((name) => `'${NOTE}${name}'`).join(", ");
    throw new BanyanError(
      "cursor-lost",
      `banyan_cursor has no row any more of ${names.map((name) => `"${name}"`).join(", ")}, which had one.`,
      { remedy: `Restore a backup. To begin anew on purpose, delete from banyan_meta the rows named ${rows}.` },
    );
  }

  all(): Cursor[] {
    return this.#all.all().map(toCursor);
  }

  claim({ subscription, source, lane }: CursorName, from: "start" | "now", log: Log): Cursor {
    const pos = from === "start" ? 0 : log.appended;
    const cursor = toCursor(this.#claim.get(subscription, source, lane, log.incarnation, pos) ?? {});
    if (cursor.incarnation !== log.incarnation) throw ofAnother(cursor, log);
    this.#note.run(subscription);
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
    this.#renameNote.run(to, subscription);
  }

  forget(subscription: string): void {
    this.#forget.run(subscription);
    this.#forgetNote.run(subscription);
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

import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";

/** What the witness has seen of the events of orders, beside what their log has. */
export interface Sight {
  readonly seen: number;
  readonly unseen: number;
  readonly seenTwice: number;
  /** Seen after a later one of the same order. */
  readonly seenOutOfOrder: number;
}

export function readSight(data: string): Sight {
  const db = new DatabaseSync(join(data, "banyan.db"), { readOnly: true });
  try {
    const count = (sql: string): number => Number(db.prepare(sql).get()?.["n"]);
    const log = String(db.prepare("SELECT log FROM banyan_context WHERE name = 'orders'").get()?.["log"]);
    const late = "position < max(position) OVER (PARTITION BY order_id ORDER BY rowid)";
    return {
      seen: count("SELECT count(*) AS n FROM witness_seen"),
      unseen: count(`SELECT count(*) AS n FROM "${log}" WHERE position NOT IN (SELECT position FROM witness_seen)`),
      seenTwice: count("SELECT count(*) - count(DISTINCT position) AS n FROM witness_seen"),
      seenOutOfOrder: count(`SELECT count(*) AS n FROM (SELECT ${late} AS late FROM witness_seen) WHERE late`),
    };
  } finally {
    db.close();
  }
}

/** What must not be. */
export function faultsOfSight({ seen, unseen, seenTwice, seenOutOfOrder }: Sight): readonly string[] {
  const zero = Object.entries({ unseen, seenTwice, seenOutOfOrder }).filter(([, count]) => count !== 0);
  return [...zero.map(([name, count]) => `${name}: ${count}`), ...(seen > 0 ? [] : ["the witness has seen nothing"])];
}

import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { readLedgers, type Ledgers } from "../crash/ledgers.ts";
import type { ShopAudit } from "./live-shop.ts";

export interface Check {
  readonly check: string;
  readonly passed: boolean;
  /** Figures, in words. */
  readonly found: string;
}

export interface Evidence {
  readonly backup: string;
  /** The folder the backup was taken from, as it was when it was stopped, and the one it was restored into. */
  readonly live: string;
  readonly restored: string;
  readonly audit: ShopAudit;
  /** The output of the restored shop. */
  readonly log: string;
  /** Why a start is refused on the restored data with one place of the old incarnation in it. */
  readonly oldPlace: string;
}

const column = (file: string, sql: string): string[] => {
  using db = new DatabaseSync(file, { readOnly: true });
  return db
    .prepare(sql)
    .all()
    .map((row) => String(Object.values(row)[0]));
};
const ORDERS = "SELECT order_id FROM orders_order";
const OPEN = "SELECT order_id FROM orders_order WHERE status IN ('processing', 'confirmed')";
type Zero = Exclude<keyof Ledgers, "orders">;
const LOGS = "SELECT log FROM banyan_context ORDER BY name";
const UNSETTLED = "SELECT value FROM banyan_cursor, json_each(open)";

/** Events that a key has twice: in the shop each happens to an order once. */
export function repeatedEvents(database: string): number {
  const repeated = column(database, LOGS).flatMap((log) =>
    column(database, `SELECT key FROM ${log} GROUP BY type, key HAVING count(*) > 1`),
  );
  return repeated.length;
}

type Ids = ReadonlySet<string>;

/** Judges by the files alone, besides what the shop's own audit says. */
export function judge(evidence: Evidence): readonly Check[] {
  const { backup, live, restored } = evidence;
  const database = join(restored, "banyan.db");
  const idsOf = (file: string): Ids => new Set(column(file, ORDERS));
  const orders = { backup: idsOf(backup), live: idsOf(join(live, "banyan.db")), now: idsOf(database) };
  const books = new Books(readLedgers(restored));
  return [
    ...judgeOrders(evidence, orders, books),
    ...judgeMoney(evidence, orders, books),
    judgeEffects(database, books),
    judgeIncarnations(evidence, database),
  ];
}

interface OrdersSeen {
  readonly backup: Ids;
  readonly live: Ids;
  readonly now: Ids;
}

/** Figures that must be zero. */
class Books {
  readonly #ledgers: Ledgers;

  constructor(ledgers: Ledgers) {
    this.#ledgers = ledgers;
  }

  zero(...names: readonly Zero[]): boolean {
    return names.every((name) => this.#ledgers[name] === 0);
  }

  words(...names: readonly Zero[]): string {
    return names.map((name) => `${name} ${this.#ledgers[name]}`).join(", ");
  }
}

function judgeOrders({ backup: file, audit }: Evidence, { backup, live, now }: OrdersSeen, books: Books): Check[] {
  const open = column(file, OPEN);
  const missing = backup.difference(now);
  return [
    {
      check: "the backup was taken in the middle of the replay, with orders under way",
      passed: open.length > 0 && backup.size < live.size,
      found: `${backup.size} of ${live.size} orders, ${open.length} of them not final`,
    },
    {
      check: "every order of the backup is there and has reached its end",
      passed: sameSet(now, backup) && books.zero("unfinished", "parked") && audit.dead === 0,
      found: `${now.size} orders, ${missing.size} missing, ${books.words("unfinished", "parked")}`,
    },
    {
      check: "stock is conserved",
      passed: audit.stockConserved && books.zero("wrongStock", "openHolds"),
      found: books.words("wrongStock", "openHolds"),
    },
  ];
}

function judgeMoney({ restored, audit }: Evidence, { backup, live }: OrdersSeen, books: Books): Check[] {
  const orphans: Ids = new Set(audit.orphanedCharges);
  const newer = chargedOrders(join(restored, "provider", "ledger.db")).difference(backup);
  return [
    {
      check: "each order paid what the provider has for it, but for orphaned charges",
      passed: books.zero("wronglyPaid") && audit.ledgerBalanced === (orphans.size === 0),
      found: `${books.words("wronglyPaid")}, ${orphans.size} orphaned charges`,
    },
    {
      check: "orphaned charges are all charges of orders newer than the backup, and no others",
      passed: orphans.size > 0 && sameSet(orphans, newer) && orphans.isSubsetOf(live),
      found: `${orphans.size} listed, ${newer.size} charged and not in the backup, ${orphans.intersection(backup).size} in the backup`,
    },
    { check: "nothing was charged twice", passed: books.zero("chargedTwice"), found: books.words("chargedTwice") },
  ];
}

function judgeEffects(database: string, books: Books): Check {
  const repeated = repeatedEvents(database);
  const unsettled = column(database, UNSETTLED).length;
  return {
    check: "the subscriptions have passed over nothing and repeated no effect",
    passed: books.zero("noticesMissing", "noticesDouble") && repeated === 0 && unsettled === 0,
    found: `${books.words("noticesMissing", "noticesDouble")}, events repeated ${repeated}, not settled ${unsettled}`,
  };
}

/** Every log has a new identity, every place is of it, and a place of the old one is not taken for one of this log. */
function judgeIncarnations(of: Evidence, database: string): Check {
  const logs = "SELECT incarnation FROM banyan_context";
  const before = new Set(column(of.backup, logs));
  const after = new Set(column(database, logs));
  const places = new Set(column(database, "SELECT incarnation FROM banyan_cursor"));
  const told = of.log.includes("was restored from");
  const refused = of.oldPlace.includes("cursor-incarnation");
  return {
    check: "the logs have new incarnations, the operator is told, and a place of an old one is refused",
    passed: before.isDisjointFrom(after) && places.isSubsetOf(after) && told && refused,
    found: `${after.size} logs, ${before.intersection(after).size} as before, ${told ? "told" : "not told"}, ${refused ? "refused" : of.oldPlace}`,
  };
}

/** Orders for which the provider has money, net of refunds. */
function chargedOrders(ledger: string): ReadonlySet<string> {
  const sql = `SELECT order_id FROM entry WHERE status IN ('captured', 'refunded') GROUP BY order_id
    HAVING sum(CASE kind WHEN 'charge' THEN cents ELSE -cents END) <> 0`;
  return new Set(column(ledger, sql));
}

const sameSet = (left: ReadonlySet<string>, right: ReadonlySet<string>): boolean =>
  left.size === right.size && left.isSubsetOf(right);

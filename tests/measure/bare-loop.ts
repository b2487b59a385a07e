import { rmSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";

// What the shop writes for its orders, written by a bare loop on `node:sqlite` at FULL: how long an event loop stands still
// on this machine when nothing but these statements runs on it. Arguments: folder, orders, lines per order.
const [folder = ".", orderCount = "1000", lineCount = "20"] = process.argv.slice(2);
const BATCH_MS = 4;

const db = new DatabaseSync(join(folder, "bare.db"));
db.exec(`PRAGMA journal_mode = wal; PRAGMA synchronous = FULL;
  CREATE TABLE item (id TEXT, sku TEXT, n INTEGER, m INTEGER, PRIMARY KEY (id, sku)) WITHOUT ROWID;
  CREATE TABLE hold (id TEXT, sku TEXT, n INTEGER, PRIMARY KEY (id, sku)) WITHOUT ROWID;
  CREATE TABLE product (sku TEXT PRIMARY KEY, a INTEGER, r INTEGER, s INTEGER) WITHOUT ROWID;
  CREATE TABLE thing (id TEXT, kind TEXT, state TEXT, body TEXT, PRIMARY KEY (id, kind)) WITHOUT ROWID;
  CREATE TABLE log (position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT, type TEXT, key TEXT, slot INTEGER, at INTEGER, body TEXT);
  CREATE TABLE cursor (name TEXT PRIMARY KEY, pos INTEGER, open TEXT) WITHOUT ROWID;`);

const PRODUCTS = 4_000;
const SUBSCRIPTIONS = 14;
const product = db.prepare("INSERT INTO product VALUES (?, 1000000, 0, 0)");
const cursor = db.prepare("INSERT INTO cursor VALUES (?, 0, '[]')");
db.exec("BEGIN");
for (let i = 0; i < PRODUCTS; i++) product.run(`sku-${i}`);
for (let i = 0; i < SUBSCRIPTIONS; i++) cursor.run(`subscription-${i}`);
db.exec("COMMIT");

const item = db.prepare("INSERT INTO item VALUES (?, ?, ?, ?)");
const hold = db.prepare("INSERT INTO hold VALUES (?, ?, ?)");
const reserve = db.prepare("UPDATE product SET a = a - 1, r = r + 1 WHERE sku = ?");
const ship = db.prepare("UPDATE product SET r = r - 1, s = s + 1 WHERE sku = ?");
const thing = db.prepare("INSERT INTO thing VALUES (?, ?, ?, ?)");
const change = db.prepare("UPDATE thing SET state = ? WHERE id = ? AND kind = ?");
const log = db.prepare("INSERT INTO log (id, type, key, slot, at, body) VALUES (?, ?, ?, ?, ?, ?)");
const move = db.prepare("UPDATE cursor SET pos = ?, open = '[]' WHERE name = ?");

const lines = Number(lineCount);
const skuOf = (order: number, line: number): string => `sku-${(order * 31 + line * 97) % PRODUCTS}`;
const body = JSON.stringify({ text: "x".repeat(200) });
const append = (order: number, type: string): unknown =>
  log.run(`${order}-${type}`, type, String(order), order & 255, order, body);
const each = (order: number, statement: StatementSync): void => {
  for (let i = 0; i < lines; i++) statement.run(skuOf(order, i));
};

/** The units of one order, in the order in which the shop runs them. */
const UNITS: readonly ((order: number) => void)[] = [
  (order) => {
    thing.run(String(order), "order", "processing", body);
    for (let i = 0; i < lines; i++) item.run(String(order), skuOf(order, i), i, i);
    append(order, "placed");
  },
  (order) => {
    each(order, reserve);
    for (let i = 0; i < lines; i++) hold.run(String(order), skuOf(order, i), i);
    thing.run(String(order), "hold", "held", "");
    append(order, "reserved");
  },
  (order) => {
    thing.run(String(order), "payment", "captured", "");
    append(order, "taken");
  },
  (order) => {
    change.run("confirmed", String(order), "order");
    append(order, "confirmed");
  },
  (order) => {
    thing.run(String(order), "shipment", "prepared", "");
    append(order, "prepared");
  },
  (order) => {
    change.run("shipped", String(order), "order");
    append(order, "shipped");
  },
  (order) => {
    each(order, ship);
    change.run("shipped", String(order), "hold");
  },
  (order) => {
    change.run("dispatched", String(order), "shipment");
    append(order, "dispatched");
  },
  (order) => void thing.run(String(order), "notice", "", body),
];

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const work = Array.from({ length: Number(orderCount) }, (_, order) => UNITS.map((unit) => () => unit(order))).flat();
for (let at = 0; at < work.length;) {
  await turn();
  const began = performance.now();
  db.exec("BEGIN IMMEDIATE");
  while (at < work.length && performance.now() - began < BATCH_MS) work[at++]?.();
  for (let i = 0; i < SUBSCRIPTIONS; i++) move.run(at, `subscription-${i}`);
  db.exec("COMMIT");
}
delay.disable();
db.close();
rmSync(join(folder, "bare.db"));
process.stdout.write(`${JSON.stringify({ p99Ms: delay.percentile(99) / 1e6, maxMs: delay.max / 1e6 })}\n`);

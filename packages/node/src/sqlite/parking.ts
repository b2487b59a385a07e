import { TORN, type Entry, type ParkedRow, type ParkError, type ParkRef, type ParkRow } from "@banyan/core";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { instant, wholeNumber } from "./whole-number.ts";

const FIELDS = "subscription, source, position, incarnation, slot, key, state, attempts, due";
/** What is no JSON is listed all the same, so that it stops no start. */
const LISTED = `${FIELDS}, octet_length(CASE WHEN json_valid(entry) THEN json_extract(entry, '$.body') ELSE entry END) AS bytes,
  CASE WHEN json_valid(errors) THEN coalesce(json_extract(errors, '$[#-1].at'), 0) ELSE 0 END AS failed`;

/** banyan_park. What the open transaction has changed is kept beside it as it was, for those who ask from outside. */
export class Parking {
  readonly #all: StatementSync;
  readonly #one: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #refs: StatementSync;
  readonly #rename: StatementSync;
  readonly #forget: StatementSync;
  readonly #clear: StatementSync;
  readonly #before = new Map<string, ParkRow | undefined>();

  constructor(db: DatabaseSync) {
    this.#all = db.prepare(`SELECT ${LISTED} FROM banyan_park ORDER BY subscription, source, position`);
    this.#one = db.prepare(
      `SELECT ${FIELDS}, errors, entry FROM banyan_park WHERE subscription = ? AND source = ? AND position = ?`,
    );
    for (const reads of [this.#all, this.#one]) reads.setReadBigInts(true);
    this.#put = db.prepare(
      `INSERT OR REPLACE INTO banyan_park (${FIELDS}, errors, entry) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#delete = db.prepare("DELETE FROM banyan_park WHERE subscription = ? AND source = ? AND position = ?");
    this.#refs = db.prepare("SELECT source, position FROM banyan_park WHERE subscription = ?");
    this.#rename = db.prepare("UPDATE banyan_park SET subscription = ? WHERE subscription = ?");
    this.#forget = db.prepare("DELETE FROM banyan_park WHERE subscription = ?");
    this.#clear = db.prepare("DELETE FROM banyan_park WHERE subscription = ? AND source = ?");
  }

  all(): ParkedRow[] {
    return this.#all.all().map(toListed);
  }

  allCommitted(): ParkedRow[] {
    if (this.#before.size === 0) return this.all();
    const before = [...this.#before.values()].filter((row) => row !== undefined).map(withoutEntry);
    const untouched = this.all().filter((row) => !this.#before.has(keyOf(row)));
    return [...untouched, ...before].sort(byRef);
  }

  committed(ref: ParkRef): ParkRow | undefined {
    const key = keyOf(ref);
    return this.#before.has(key) ? this.#before.get(key) : this.#read(ref);
  }

  park(row: ParkRow): void {
    this.#keep(row);
    const { subscription, source, position, incarnation, slot, key, state, attempts, errors, entry } = row;
    const due = instant(row.due);
    const texts = [JSON.stringify(errors), JSON.stringify(entry)];
    this.#put.run(subscription, source, position, incarnation, slot, key, state, attempts, due, ...texts);
  }

  unpark(ref: ParkRef): void {
    this.#keep(ref);
    this.#delete.run(ref.subscription, ref.source, ref.position);
  }

  rename(subscription: string, to: string): void {
    for (const ref of this.#refsOf(subscription)) {
      this.#keep(ref);
      this.#keep({ ...ref, subscription: to });
    }
    this.#rename.run(to, subscription);
  }

  forget(subscription: string): number {
    for (const ref of this.#refsOf(subscription)) this.#keep(ref);
    return Number(this.#forget.run(subscription).changes);
  }

  clear(subscription: string, source: string): void {
    for (const ref of this.#refsOf(subscription)) if (ref.source === source) this.#keep(ref);
    this.#clear.run(subscription, source);
  }

  #refsOf(subscription: string): ParkRef[] {
    const rows = this.#refs.all(subscription);
    return rows.map((row) => ({ subscription, source: String(row["source"]), position: Number(row["position"]) }));
  }

  ended(): void {
    this.#before.clear();
  }

  #keep(ref: ParkRef): void {
    const key = keyOf(ref);
    if (!this.#before.has(key)) this.#before.set(key, this.#read(ref));
  }

  #read({ subscription, source, position }: ParkRef): ParkRow | undefined {
    const row = this.#one.get(subscription, source, position);
    if (row === undefined) return undefined;
    const fields = toFields(row);
    return { ...fields, errors: toErrors(row["errors"]), entry: toEntry(fields, String(row["entry"])) };
  }
}

function withoutEntry(row: ParkRow): ParkedRow {
  const { entry, errors, ...listed } = row;
  return { ...listed, bytes: Buffer.byteLength(entry.body), failedAt: errors.at(-1)?.at ?? 0 };
}

function byRef(left: ParkRef, right: ParkRef): number {
  const [one, other] = [left, right].map(({ subscription, source }) => [subscription, source]);
  const [a, b] = [String(one), String(other)];
  return a === b ? left.position - right.position : a < b ? -1 : 1;
}

function keyOf({ subscription, source, position }: ParkRef): string {
  return JSON.stringify([subscription, source, position]);
}

function toListed(row: Record<string, unknown>): ParkedRow {
  return { ...toFields(row), bytes: Number(row["bytes"]), failedAt: wholeNumber(row["failed"]) };
}

function toFields(row: Record<string, unknown>): Omit<ParkRow, "entry" | "errors"> {
  return {
    subscription: String(row["subscription"]),
    source: String(row["source"]),
    position: Number(row["position"]),
    incarnation: String(row["incarnation"]),
    slot: Number(row["slot"]),
    key: String(row["key"]),
    state: row["state"] as ParkRow["state"],
    attempts: wholeNumber(row["attempts"]),
    due: wholeNumber(row["due"]),
  };
}

const TEXTS = [
  "id",
  "type",
  "key",
  "form",
  "body",
  "tenant",
  "principal",
  "correlation",
  "causation",
  "source",
] as const;
const NUMBERS = ["version", "slot", "at", "position"] as const;

function toEntry(row: Omit<ParkRow, "entry" | "errors">, text: string): Entry {
  const entry = parsed(text) as Partial<Entry> | undefined;
  const isWhole =
    TEXTS.every((name) => typeof entry?.[name] === "string") && NUMBERS.every((name) => Number.isFinite(entry?.[name]));
  return isWhole ? { ...(entry as Entry), traceparent: entry?.traceparent } : torn(row, text);
}

/** What the row itself says, and the text for whoever can make something of it. */
function torn(
  { source, position, key, slot }: Pick<ParkRow, "source" | "position" | "key" | "slot">,
  body: string,
): Entry {
  const unknown = { id: "", type: "", version: 0, at: 0, tenant: "", principal: "", correlation: "", causation: "" };
  return { ...unknown, source, position, key, slot, form: TORN, body, traceparent: undefined };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}

/** What was written of failed attempts is for people: where it cannot be read, the entry is delivered all the same. */
function toErrors(text: unknown): ParkError[] {
  const errors = parsed(String(text));
  return Array.isArray(errors) ? (errors as ParkError[]) : [];
}

import { anyone, app, backoff, command, context, event, refuse, type App, type SqlHandle } from "@banyan/core";
import { z } from "zod";

const Data = z.object({ key: z.string(), n: z.int(), filling: z.string() });
export const Happened = event("source.happened", { version: 1, key: "key", data: Data });
/** Nobody reads it: every eighth entry of the log is one, beside those for the reader. */
export const Noted = event("source.noted", { version: 1, key: "key", data: Data });

const Fill = command("source.fill", { input: z.object({ from: z.int(), count: z.int() }) });
const NOISE = 8;
const FILLING = "x".repeat(120);

/** Which key the n-th entry has. */
export interface Spread {
  readonly keys: number;
  /** Of 100 entries, so many are of one key. */
  readonly hot: number;
}

export function keyOf(n: number, { keys, hot }: Spread): string {
  return n % 100 < hot ? HOT : `key-${(n % keys).toString().padStart(8, "0")}`;
}

export const HOT = "hot";

/** How long a log is that has so many entries for the reader. */
export function logFor(entries: number): number {
  return Math.ceil((entries * NOISE) / (NOISE - 1));
}

export function isRead(n: number): boolean {
  return n % NOISE !== 0;
}

const READER = "CREATE TABLE reader_key (key TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;";
const INORDER = `INSERT INTO reader_key (key, last) VALUES (?, ?)
  ON CONFLICT (key) DO UPDATE SET last = excluded.last WHERE last < excluded.last`;

function source({ spread }: { readonly spread: Spread }): ReturnType<typeof context> {
  // #region budget
  const source = context("source", { contract: { Happened, Noted, Fill }, backlog: "64GiB" });
  // #endregion
  source.handle(Fill, { allow: anyone() }, ({ from, count }, { emit }) => {
    for (let n = from; n < from + count; n++)
      emit(isRead(n) ? Happened : Noted, { key: keyOf(n, spread), n, filling: FILLING });
  });
  return source as ReturnType<typeof context>;
}

/** What a reader tells of each entry: when it was emitted, and whose it is. */
export type Seen = (entry: { readonly at: number; readonly key: string; readonly position: number }) => void;

/** A log, and where `seen` is given a reader that keeps the last number of every key, and refuses one that is out of order. */
export function application(options: { readonly spread: Spread; readonly seen?: Seen }): App {
  const { seen } = options;
  const reader = context("reader", { contract: {}, migrations: [{ name: "001-key.sql", sql: READER }] });
  if (seen !== undefined) {
    reader.on(
      Happened,
      { name: "count", from: "start", retry: backoff("1s", "1s", 1) },
      async ({ data, at, position }, { tx }) => {
        const { changes } = await (tx as unknown as SqlHandle).execute(INORDER, [data.key, data.n]);
        if (changes !== 1) throw refuse("out-of-order", `${data.key} ${data.n} came after a later one.`);
        seen({ at, key: data.key, position });
      },
    );
  }
  return app({ contexts: [source(options), reader] as never });
}

import { anyone, app, command, context, event, type App, type SqlHandle } from "@banyan/core";
import { z } from "zod";

const Data = z.object({ key: z.string(), n: z.int() });
const Put = event("book.put", { version: 1, key: "key", data: Data });
export const Write = command("book.write", { input: Data });

// without a unique constraint: what is there twice is to be seen
const BOOK = "CREATE TABLE book_row (key TEXT NOT NULL, n INTEGER NOT NULL, filling TEXT NOT NULL) STRICT;";
const COPY = "CREATE TABLE copy_row (key TEXT NOT NULL, n INTEGER NOT NULL, position INTEGER NOT NULL) STRICT;";
const FILLING = "x".repeat(400);

/** A book that is written by commands, and a copy of it that a subscription writes. */
export function application(): App {
  const book = context("book", { contract: { Put, Write }, migrations: [{ name: "001-book.sql", sql: BOOK }] });
  book.handle(Write, { allow: anyone() }, async ({ key, n }, { tx, emit }) => {
    await (tx as unknown as SqlHandle).execute("INSERT INTO book_row VALUES (?, ?, ?)", [key, n, FILLING]);
    emit(Put, { key, n });
  });
  const copy = context("copy", { contract: {}, migrations: [{ name: "001-copy.sql", sql: COPY }] });
  copy.on(Put, { name: "row", from: "start" }, async ({ data, position }, { tx }) => {
    await (tx as unknown as SqlHandle).execute("INSERT INTO copy_row VALUES (?, ?, ?)", [data.key, data.n, position]);
  });
  return app({ contexts: [book, copy] as never });
}

import { anyone, app, backoff, command, context, event, query, type App, type Once, type SqlHandle } from "banyan";
import { z } from "zod";

const Sale = z.object({ till: z.string(), n: z.int(), note: z.string().default("") });
export type Sale = z.output<typeof Sale>;

export const Sold = event("tills.sold", { version: 1, key: "till", data: Sale });
export const Sell = command("tills.sell", { http: "POST /sales", input: z.object({ sales: z.array(Sale) }) });
export const CountBooked = query("tills.count-booked", {
  http: "GET /booked",
  input: z.object({}),
  output: z.object({ booked: z.int() }),
});

export interface Booking {
  readonly sale: Sale;
  readonly position: number;
  readonly tx: SqlHandle;
}

/** What goes wrong, and when. Both are called for each attempt of "tills.book"; "tills.tell" is never in trouble itself. */
export interface Trouble {
  readonly before?: (sale: Sale, tools: { readonly once: Once; readonly attempt: number }) => unknown;
  /** After the row of the booking was written. */
  readonly booked?: (booking: Booking) => unknown;
  readonly tries?: number;
  /** What is sold, as it enters the log. */
  readonly sold?: (sale: Sale) => Sale;
}

const TABLES = `
  CREATE TABLE tills_booked (row INTEGER PRIMARY KEY, position INTEGER NOT NULL, till TEXT NOT NULL, n INTEGER NOT NULL) STRICT;
  CREATE TABLE tills_told (row INTEGER PRIMARY KEY, position INTEGER NOT NULL) STRICT;`;

/** Tills whose sales are booked, and told of beside that. Nothing keeps a row from being written twice but the runtime. */
export function tillApp({ before, booked, tries = 3, sold = (sale) => sale }: Trouble = {}): App {
  const tills = context("tills", {
    contract: { Sold, Sell, CountBooked },
    migrations: [{ name: "001-tills.sql", sql: TABLES }],
  });
  tills.handle(Sell, { allow: anyone() }, ({ sales }, { emit }) => {
    for (const sale of sales) emit(Sold, sold(sale));
  });
  tills.answer(CountBooked, { allow: anyone() }, async (_, { read }) => {
    const { rows } = await read.execute("SELECT count(*) AS booked FROM tills_booked");
    return { booked: Number(rows[0]?.["booked"]) };
  });
  const retry = backoff("20ms", "50ms", tries);
  tills.on(
    Sold,
    {
      name: "book",
      from: "start",
      retry,
      before: (event, { once, attempt }) => before?.(event.data, { once, attempt }),
    },
    async ({ data: sale, position }, { tx }) => {
      const row = [position, sale.till, sale.n];
      await tx.execute("INSERT INTO tills_booked (position, till, n) VALUES (?, ?, ?)", row);
      await booked?.({ sale, position, tx });
    },
  );
  tills.on(Sold, { name: "tell", from: "start" }, async ({ position }, { tx }) => {
    await tx.execute("INSERT INTO tills_told (position) VALUES (?)", [position]);
  });
  return app({ contexts: [tills] });
}

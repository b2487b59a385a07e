import { anyone, app, command, context, event, type App } from "banyan";
import { z } from "zod";

const Sale = z.object({ till: z.string(), n: z.int(), by: z.enum(["host", "command"]) });

export const Sold = event("tills.sold", { version: 1, key: "till", data: Sale });
export const Sell = command("tills.sell", { http: "POST /sales", input: Sale });

const TABLES =
  "CREATE TABLE tills_booked (row INTEGER PRIMARY KEY, position INTEGER NOT NULL, till TEXT NOT NULL, n INTEGER NOT NULL, by TEXT NOT NULL) STRICT;";

/** Sales that come by commands, and from a host that has only `emit`; each is booked, and nothing keeps one from being booked twice but the runtime. */
export function tills(): App {
  const definition = context("tills", {
    contract: { Sold, Sell },
    migrations: [{ name: "001-tills.sql", sql: TABLES }],
  });
  definition.handle(Sell, { allow: anyone() }, (sale, { emit }) => emit(Sold, sale));
  definition.on(Sold, { name: "book", from: "start" }, async ({ data, position }, { tx }) => {
    const row = [position, data.till, data.n, data.by];
    await tx.execute("INSERT INTO tills_booked (position, till, n, by) VALUES (?, ?, ?, ?)", row);
  });
  return app({ contexts: [definition] });
}

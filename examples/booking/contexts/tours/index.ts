import { drizzle } from "@banyan/drizzle";
import { anyone, context, isBanyanError, sqlFiles } from "banyan";
import { sqliteTable, text } from "drizzle-orm/sqlite-core";
import * as contract from "./contract.ts";

// #region context
const booking = sqliteTable("tours_booking", { place: text().primaryKey(), guest: text().notNull() });

export const tours = context("tours", {
  contract,
  tx: drizzle({ booking }),
  migrations: sqlFiles(new URL("./migrations/", import.meta.url)),
});
// #endregion

// #region book
tours.handle(contract.Book, { allow: anyone() }, async ({ offers, guest }, { tx, emit }) => {
  for (const offer of offers) {
    try {
      await tx.transaction(async (inner) => {
        for (const place of offer) {
          await inner.insert(booking).values({ place, guest });
          emit(contract.Booked, { place, guest });
        }
      });
      return { booked: offer };
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
  return { booked: [] };
});
// #endregion

const isTaken = (error: unknown): boolean => isBanyanError(error) && /UNIQUE/.test(error.message);

tours.answer(contract.GetBookings, { allow: anyone() }, async (_, { read }) => {
  const rows = await read.query.booking.findMany({ orderBy: booking.place, limit: 100 });
  return { places: rows.map(({ place }) => place) };
});

import { drizzle } from "@banyan/drizzle";
import { anyone, changedOne, context, isBanyanError, refuse, sqlFiles } from "banyan";
import { and, eq, sql } from "drizzle-orm";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import * as contract from "./contract.ts";

// #region context
const booking = sqliteTable("tours_booking", {
  place: text().primaryKey(),
  guest: text().notNull(),
  version: integer().notNull().default(1),
});

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

tours.answer(contract.GetBooking, { allow: anyone() }, async ({ place }, { read }) => {
  const found = await read.query.booking.findFirst({ where: eq(booking.place, place) });
  if (found === undefined) throw refuse("not-booked", `Tour ${place} is free.`, { kind: "not-found" });
  return { guest: found.guest, version: found.version };
});

// #region hand-over
tours.handle(contract.HandOver, { allow: anyone() }, async ({ place, guest, version }, { tx }) => {
  const written = tx
    .update(booking)
    .set({ guest, version: sql`${booking.version} + 1` })
    .where(and(eq(booking.place, place), eq(booking.version, version)));
  await changedOne(written, { what: `the booking of tour ${place}`, version });
});
// #endregion

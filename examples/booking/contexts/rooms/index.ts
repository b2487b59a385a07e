import { anyone, context, isBanyanError, sqlFiles } from "banyan";
import * as contract from "./contract.ts";

// #region context
export const rooms = context("rooms", {
  contract,
  migrations: sqlFiles(new URL("./migrations/", import.meta.url)),
});
// #endregion

// #region book
rooms.handle(contract.Book, { allow: anyone() }, async ({ offers, guest }, { tx, emit }) => {
  for (const offer of offers) {
    try {
      await tx.savepoint(async (inner) => {
        for (const place of offer) {
          await inner.execute("INSERT INTO rooms_booking (place, guest) VALUES (?, ?)", [place, guest]);
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

const isTaken = (error: unknown): boolean => isBanyanError(error) && /UNIQUE/.test(error.message);
// #endregion

rooms.answer(contract.GetBookings, { allow: anyone() }, async (_, { read }) => {
  const { rows } = await read.execute("SELECT place FROM rooms_booking ORDER BY place LIMIT 100");
  return { places: rows.map(({ place }) => String(place)) };
});

import { anyone, changedOne, context, isBanyanError, refuse, sqlFiles } from "banyan";
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

rooms.answer(contract.GetBooking, { allow: anyone() }, async ({ place }, { read }) => {
  const { rows } = await read.execute("SELECT guest, version FROM rooms_booking WHERE place = ?", [place]);
  if (rows[0] === undefined) throw refuse("not-booked", `Room ${place} is free.`, { kind: "not-found" });
  return { guest: String(rows[0]["guest"]), version: Number(rows[0]["version"]) };
});

// #region hand-over
rooms.handle(contract.HandOver, { allow: anyone() }, async ({ place, guest, version }, { tx }) => {
  const written = tx.execute(
    "UPDATE rooms_booking SET guest = ?, version = version + 1 WHERE place = ? AND version = ?",
    [guest, place, version],
  );
  const present = async () => {
    const { rows } = await tx.execute("SELECT version FROM rooms_booking WHERE place = ?", [place]);
    return rows[0] && Number(rows[0]["version"]);
  };
  await changedOne(written, { what: `the booking of room ${place}`, version, present });
});
// #endregion

import { kysely } from "@banyan/kysely";
import { anyone, changedOne, context, isBanyanError, refuse, sqlFiles } from "banyan";
import * as contract from "./contract.ts";
import type { CarsTables } from "./tables.ts";

// #region context
export const cars = context("cars", {
  contract,
  tx: kysely<CarsTables>(),
  migrations: sqlFiles(new URL("./migrations/", import.meta.url)),
});
// #endregion

// #region book
cars.handle(contract.Book, { allow: anyone() }, async ({ offers, guest }, { tx, emit }) => {
  for (const offer of offers) {
    try {
      await tx.transaction().execute(async (inner) => {
        for (const place of offer) {
          await inner.insertInto("cars_booking").values({ place, guest }).execute();
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

cars.answer(contract.GetBookings, { allow: anyone() }, async (_, { read }) => {
  const rows = await read.selectFrom("cars_booking").select("place").orderBy("place").limit(100).execute();
  return { places: rows.map(({ place }) => place) };
});

cars.answer(contract.GetBooking, { allow: anyone() }, async ({ place }, { read }) => {
  const found = read.selectFrom("cars_booking").select(["guest", "version"]).where("place", "=", place);
  const booking = await found.executeTakeFirst();
  if (booking === undefined) throw refuse("not-booked", `Car ${place} is free.`, { kind: "not-found" });
  return booking;
});

// #region hand-over
cars.handle(contract.HandOver, { allow: anyone() }, async ({ place, guest, version }, { tx }) => {
  const written = tx
    .updateTable("cars_booking")
    .set((old) => ({ guest, version: old("version", "+", 1) }))
    .where("place", "=", place)
    .where("version", "=", version)
    .executeTakeFirst();
  await changedOne(written, { what: `the booking of car ${place}`, version });
});
// #endregion

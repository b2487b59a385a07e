import { command, event, query } from "banyan/contract";
import { z } from "zod";

const place = z.string().min(1).max(100);
const guest = z.string().min(1).max(100);

export const Booked = event("tours.booked", { version: 1, key: "place", data: z.object({ place, guest }) });

/** Books all places of the first offer of which every one is free. */
export const Book = command("tours.book", {
  http: "POST /tours",
  input: z.object({ guest, offers: z.array(z.array(place).max(20)).max(20) }),
  output: z.object({ booked: z.array(place) }),
});

export const GetBookings = query("tours.get-bookings", {
  http: "GET /tours",
  input: z.object({}),
  output: z.object({ places: z.array(place) }),
});

const version = z.int().positive();

export const GetBooking = query("tours.get-booking", {
  http: "GET /tours/:place",
  input: z.object({ place }),
  output: z.object({ guest, version }),
});

/** Gives a place to another guest, unless the booking has changed since `version` was read. */
export const HandOver = command("tours.hand-over", {
  http: "PUT /tours/:place",
  input: z.object({ place, guest, version }),
});

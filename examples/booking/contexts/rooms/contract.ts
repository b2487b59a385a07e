import { command, event, query } from "banyan/contract";
import { z } from "zod";

const place = z.string().min(1).max(100);
const guest = z.string().min(1).max(100);

export const Booked = event("rooms.booked", { version: 1, key: "place", data: z.object({ place, guest }) });

/** Books all places of the first offer of which every one is free. */
export const Book = command("rooms.book", {
  http: "POST /rooms",
  input: z.object({ guest, offers: z.array(z.array(place).max(20)).max(20) }),
  output: z.object({ booked: z.array(place) }),
});

export const GetBookings = query("rooms.get-bookings", {
  http: "GET /rooms",
  input: z.object({}),
  output: z.object({ places: z.array(place) }),
});

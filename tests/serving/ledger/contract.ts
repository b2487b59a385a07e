import { command, query } from "banyan/contract";
import { z } from "zod";

export const Book = command("ledger.book", {
  http: "POST /bookings",
  input: z.strictObject({ what: z.string().max(100), cents: z.int() }),
  output: z.object({ booking: z.int() }),
});
export const Bookings = query("ledger.bookings", {
  http: "GET /bookings",
  input: z.object({}),
  output: z.object({ bookings: z.array(z.object({ what: z.string(), cents: z.int(), by: z.string() })) }),
});

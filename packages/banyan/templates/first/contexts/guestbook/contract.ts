import { command, event, query } from "banyan/contract";
import { z } from "zod";

// What others may know of this context, and the only file of it that they import.

export const Signed = event("guestbook.signed", {
  version: 1,
  key: "name",
  data: z.object({ entryId: z.uuid(), name: z.string() }),
});

export const Sign = command("guestbook.sign", {
  http: "POST /guestbook",
  input: z.object({ name: z.string().min(1).max(100), message: z.string().max(1_000).default("") }),
  output: z.object({ entryId: z.uuid() }),
});

export const ListVisitors = query("guestbook.list-visitors", {
  http: "GET /guestbook/visitors",
  input: z.object({ limit: z.int().min(1).max(100).default(20) }),
  output: z.object({ items: z.array(z.object({ name: z.string(), visits: z.int() })) }),
});

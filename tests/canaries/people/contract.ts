import { type } from "arktype";
import { command, event, query } from "banyan/contract";
import { z } from "zod";

const Person = z.object({
  id: z.string(),
  email: z.string(),
  phone: z.string().optional(),
  note: z.string().optional(),
});
const personal = { subject: "id", fields: ["email", "phone"] } as const;

export const Joined = event("people.joined", { version: 1, key: "id", personal, data: Person });
/** A library whose words repeat what was wrong. */
export const Moved = event("people.moved", {
  version: 1,
  key: "id",
  personal: { subject: "id", fields: ["email"] },
  data: type({ id: "string", email: "string.email" }),
});

const Told = type({ id: "string", email: "string.email", "phone?": "string < 20" });

/** `how` it goes wrong, for somebody with an address. */
export const Join = command("people.join", {
  http: "POST /people/:how",
  input: Person.extend({ how: z.string() }),
  output: z.object({ id: z.string() }).optional(),
});
export const Tell = command("people.tell", { http: "POST /tell", input: Told });
export const Strict = command("people.strict", {
  http: "POST /strict",
  input: z.strictObject({ id: z.string(), email: z.email(), phone: z.string().max(20).optional() }),
});
export const Answer = command("people.answer", {
  http: "POST /answer",
  input: type({ id: "string", email: "string" }),
  output: type({ id: "string", email: "string.email" }),
});
export const Guarded = command("people.guarded", {
  http: "POST /guarded",
  input: z.object({ id: z.string(), email: z.string() }),
});
export const Find = query("people.find", {
  http: "GET /people/of/:email",
  input: z.object({ email: z.string(), how: z.string().default("throw") }),
  output: z.object({ found: z.int() }),
});
export const Search = query("people.search", {
  http: "GET /people",
  input: type({ email: "string.email" }),
  output: type({ found: "number.integer" }),
});

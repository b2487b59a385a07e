import { query } from "banyan/contract";
import { z } from "zod";

export const ListLetters = query("welcome.list-letters", {
  http: "GET /letters",
  input: z.object({ limit: z.int().min(1).max(100).default(20) }),
  output: z.object({ items: z.array(z.object({ signupId: z.uuid(), text: z.string() })) }),
});

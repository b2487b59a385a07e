import { command, event } from "banyan/contract";
import { z } from "zod";

export const SignedUp = event("signups.signed-up", {
  version: 1,
  key: "signupId",
  data: z.object({ signupId: z.uuid(), name: z.string() }),
});

export const SignUp = command("signups.sign-up", {
  http: "POST /signups",
  input: z.object({ name: z.string().min(1).max(100) }),
  output: z.object({ signupId: z.uuid() }),
});

import { anyone, context, refuse, sqlFiles } from "banyan";
import * as contract from "./contract.ts";

export const signups = context("signups", {
  contract,
  migrations: sqlFiles(new URL("./migrations/", import.meta.url)),
});

signups.handle(contract.SignUp, { allow: anyone() }, async ({ name }, { tx, emit, newId }) => {
  const taken = await tx.execute("SELECT 1 FROM signups_signup WHERE name = ?", [name]);
  if (taken.rows.length > 0) throw refuse("name-taken", "Somebody has this name.", { kind: "conflict" });
  const signupId = newId();
  await tx.execute("INSERT INTO signups_signup (signup_id, name) VALUES (?, ?)", [signupId, name]);
  emit(contract.SignedUp, { signupId, name });
  return { signupId };
});

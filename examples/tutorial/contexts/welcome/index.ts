import { anyone, context, sqlFiles } from "banyan";
import { SignedUp } from "../signups/contract.ts";
import * as contract from "./contract.ts";

export const welcome = context("welcome", {
  contract,
  migrations: sqlFiles(new URL("./migrations/", import.meta.url)),
});

// #region subscription
welcome.on(SignedUp, { name: "write-letter", from: "start" }, async ({ data }, { tx }) => {
  const text = `Welcome, ${data.name}!`;
  await tx.execute("INSERT INTO welcome_letter (signup_id, text) VALUES (?, ?)", [data.signupId, text]);
});
// #endregion

welcome.answer(contract.ListLetters, { allow: anyone() }, async ({ limit }, { read }) => {
  const found = await read.execute("SELECT signup_id, text FROM welcome_letter ORDER BY rowid LIMIT ?", [limit]);
  return { items: found.rows.map((row) => ({ signupId: String(row["signup_id"]), text: String(row["text"]) })) };
});

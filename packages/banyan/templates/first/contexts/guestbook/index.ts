import { anyone, context, sqlFiles } from "banyan";
import * as contract from "./contract.ts";

export const guestbook = context("guestbook", {
  contract,
  migrations: sqlFiles(new URL("./migrations/", import.meta.url)),
});

// The body is the transaction: the row and the event commit together, or neither does.
guestbook.handle(contract.Sign, { allow: anyone() }, async ({ name, message }, { tx, emit, newId }) => {
  const entryId = newId();
  await tx.execute("INSERT INTO guestbook_entry (entry_id, name, message) VALUES (?, ?, ?)", [entryId, name, message]);
  emit(contract.Signed, { entryId, name });
  return { entryId };
});

// A reader with a position, which is stored in the commit that counts: no visit is counted twice, or lost.
guestbook.on(contract.Signed, { name: "count-visits", from: "start" }, async ({ data }, { tx }) => {
  await tx.execute(
    "INSERT INTO guestbook_visitor (name, visits) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET visits = visits + 1",
    [data.name],
  );
});

guestbook.answer(contract.ListVisitors, { allow: anyone() }, async ({ limit }, { read }) => {
  const { rows } = await read.execute("SELECT name, visits FROM guestbook_visitor ORDER BY name LIMIT ?", [limit]);
  return { items: rows.map((row) => ({ name: String(row["name"]), visits: Number(row["visits"]) })) };
});

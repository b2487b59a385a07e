import { anyone, app, context, refuse, roles, secret, settings, sqlFiles, type Application, type Secret } from "banyan";
import { z } from "zod";
import * as contract from "./contract.ts";

export interface LedgerSettings {
  readonly hookSecret: Secret;
  readonly oldHookSecret: Secret | undefined;
}

export const HOOK_SECRET = "whsec_c2l4dGVlbiBieXRlcyBvciBtb3JlIG9mIGl0";

/** An application that books each time it is asked to, so that a repetition shows. What has raw routes gets them from the test. */
export function ledgerApp(): Application<LedgerSettings> {
  const ledger = context("ledger", {
    contract,
    migrations: sqlFiles(new URL("./migrations/", import.meta.url)),
  });
  ledger.handle(contract.Book, { allow: roles("bookkeeper") }, async ({ what, cents }, { tx, principal }) => {
    if (what === "refused") throw refuse("not-this", "This is not booked.", { kind: "conflict" });
    if (what === "failing") throw new Error("the pen is empty");
    const values = [what, cents, principal.id];
    await tx.execute('INSERT INTO ledger_booking (what, cents, "by") VALUES (?, ?, ?)', values);
    const { rows } = await tx.execute("SELECT max(id) AS id FROM ledger_booking");
    return { booking: Number(rows[0]?.["id"]) };
  });
  ledger.answer(contract.Bookings, { allow: anyone() }, async (_, { read }) => {
    const { rows } = await read.execute('SELECT what, cents, "by" FROM ledger_booking ORDER BY id');
    return {
      bookings: rows.map(({ what, cents, by }) => ({ what: String(what), cents: Number(cents), by: String(by) })),
    };
  });
  return app({
    contexts: [ledger],
    settings: settings({
      hookSecret: secret(z.string().default(HOOK_SECRET)),
      oldHookSecret: secret(z.string().optional()),
    }),
  });
}

import { hmac, signed, standardWebhooks, type Application } from "banyan";
import { z } from "zod";
import { Book } from "./ledger/contract.ts";
import { ledgerApp, type LedgerSettings } from "./ledger/index.ts";

const Told = z.object({ what: z.string(), cents: z.int() });
const Lines = z.object({ lines: z.array(z.string()) });

/** A ledger whose provider tells it by webhooks what to book. */
export function hooksApp(): Application<LedgerSettings> {
  const ledger = ledgerApp();
  // #region standard
  const provider = signed<LedgerSettings>("provider", {
    scheme: standardWebhooks(),
    secrets: ({ settings }) => [settings.hookSecret, settings.oldHookSecret],
    roles: ["bookkeeper"],
  });
  ledger.route("POST /hooks/provider", { allow: provider, limits: { body: "4KiB" } }, async (request, { call }) => {
    const { what, cents } = Told.parse(await request.json());
    return Response.json(await call(Book, { what, cents }));
  });
  // #endregion
  // #region hmac
  const stripe = hmac({
    header: "stripe-signature",
    part: "v1",
    time: { part: "t" },
    encoding: "hex",
    id: ({ id }) => id,
  });
  // #endregion
  // #region several
  const stripeLike = signed<LedgerSettings>("stripe-like", {
    scheme: stripe,
    secrets: () => ["a secret of some length"],
    roles: ["bookkeeper"],
    tolerance: "1m",
  });
  ledger.route("POST /hooks/lines", { allow: stripeLike }, async (request, { call, delivery, principal }) => {
    const { lines } = Lines.parse(await request.json());
    const booked = lines.map((what, n) => call(Book, { what, cents: n }, { key: `line-${n}` }));
    const bookings = (await Promise.all(booked)).map(({ booking }) => booking);
    return Response.json({ bookings, delivery, by: principal.id });
  });
  // #endregion
  return ledger;
}

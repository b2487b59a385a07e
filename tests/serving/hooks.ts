import { hmac, signed, standardWebhooks, type Application } from "banyan";
import { Book } from "./ledger/contract.ts";
import { ledgerApp, type LedgerSettings } from "./ledger/index.ts";

/** Called when a booking is called for, and when it has its answer, before the sender has one. */
export interface Moments {
  readonly before?: () => unknown;
  readonly after?: () => unknown;
}

/** A ledger whose provider tells it by webhooks what to book. */
export function hooksApp(moments: Moments = {}): Application<LedgerSettings> {
  const ledger = ledgerApp();
  const by = signed<LedgerSettings>("provider", {
    scheme: standardWebhooks(),
    secrets: ({ settings }) => [settings.hookSecret, settings.oldHookSecret],
    roles: ["bookkeeper"],
  });
  ledger.route("POST /hooks/provider", { allow: by, limits: { body: "4KiB" } }, async (request, { call }) => {
    const { what, cents } = (await request.json()) as { readonly what: string; readonly cents: number };
    await moments.before?.();
    const booked = await call(Book, { what, cents });
    await moments.after?.();
    return Response.json(booked);
  });
  const stripe = hmac({
    header: "stripe-signature",
    part: "v1",
    time: { part: "t" },
    encoding: "hex",
    id: ({ id }) => id,
  });
  const stripeLike = signed<LedgerSettings>("stripe-like", {
    scheme: stripe,
    secrets: () => ["a secret of some length"],
    roles: ["bookkeeper"],
    tolerance: "1m",
  });
  ledger.route("POST /hooks/lines", { allow: stripeLike }, async (request, { call, delivery, principal }) => {
    const { lines } = (await request.json()) as { readonly lines: readonly string[] };
    const booked = lines.map((what, n) => call(Book, { what, cents: n }, { key: `line-${n}` }));
    const bookings = (await Promise.all(booked)).map(({ booking }) => booking);
    return Response.json({ bookings, delivery, by: principal.id });
  });
  return ledger;
}

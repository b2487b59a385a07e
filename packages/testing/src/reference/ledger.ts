import { anyone, backoff, context, needs, refuse, type Context, type RawHandle } from "@banyan/core";
import { Booked, centsOf, LedgerTotals, type MoneySentContract } from "./contracts.ts";
import { failuresOf } from "./failures.ts";
import type { Notary, Papers } from "./notary.ts";
import { rowMigrations, rows, type Rows } from "./rows.ts";
import { sum } from "./sum.ts";

/** Books every transfer line by line, with papers from outside. Its log is kept whole unless it is said how long. */
export function ledger(
  kind: RawHandle["kind"],
  sent: MoneySentContract,
  { suspiciousAbove, keep }: { readonly suspiciousAbove: number; readonly keep?: string },
): Context<"ledger", Rows, { readonly notary: Notary }, never> {
  const ledger = context("ledger", {
    contract: { Booked, LedgerTotals },
    ...(keep === undefined ? {} : { keep }),
    tx: rows(kind, "ledger"),
    migrations: rowMigrations(kind, "ledger"),
    ports: needs<{ notary: Notary }>("notary"),
  });

  // One in three fails at first and waits aside, with what follows for the same account.
  const book = { name: "book", from: "start", retry: backoff("100ms", "2s", 30) } as const;
  ledger.on(
    sent,
    {
      ...book,
      before: async ({ data: { transferId } }, { attempt, once, ports: { notary } }) => {
        if (attempt <= failuresOf(transferId)) throw new Error("the notary is closed");
        const stamp = await once("stamp", { idempotent: true }, ({ key }) => notary.stamp(key));
        const asked = { reconcile: ({ key }: { readonly key: string }) => notary.filed(key) };
        return { stamp, receipt: await once("file", asked, ({ key }) => notary.file(key, transferId)) };
      },
    },
    async ({ data }, { tx, emit, before: { stamp, receipt } }) => {
      const { transferId, target } = data;
      const line = ((await tx.get<{ lines: number }>("account", target))?.lines ?? 0) + 1;
      await tx.put("account", target, { lines: line });
      await tx.put("line", `${target}:${line}`, { transferId, cents: centsOf(data), stamp, receipt });
      emit(Booked, { accountId: target, transferId, line, stamp });
    },
  );

  // Refuses some for ever: what follows for the same account waits behind them, and only there.
  ledger.on(sent, { name: "screen", from: "start" }, async ({ data }, { tx }) => {
    if (centsOf(data) > suspiciousAbove) throw refuse("suspicious", "Somebody must look at it.");
    await tx.put("screened", data.transferId, { cents: centsOf(data) });
  });

  ledger.answer(LedgerTotals, { allow: anyone() }, async (_input, { read }) => {
    const lines = await read.all<Papers & { readonly cents: number }>("line");
    const papers = lines.map(({ transferId, stamp, receipt }) => ({ transferId, stamp, receipt }));
    return { lines: lines.length, cents: sum(lines, (line) => line.cents), papers: JSON.stringify(papers) };
  });
  return ledger;
}

import { anyone, backoff, context, type Context, type RawHandle } from "@banyan/core";
import { TurnoverTotals, type MoneySentContract } from "./contracts.ts";
import { failuresOf } from "./failures.ts";
import { addReceived, receivedOf } from "./received.ts";
import { rowMigrations, rows, type Rows } from "./rows.ts";

/** What came to each account: a view that can be built anew at any time. */
export function turnover(kind: RawHandle["kind"], sent: MoneySentContract): Context<"turnover", Rows, {}, never> {
  const turnover = context("turnover", {
    contract: { TurnoverTotals },
    tx: rows(kind, "turnover"),
    migrations: rowMigrations(kind, "turnover"),
  });

  turnover.on(
    sent,
    {
      name: "add-up",
      from: "start",
      retry: backoff("100ms", "2s", 30),
      rebuild: { clear: (tx) => tx.clear("received") },
      before: ({ data: { transferId } }, { attempt }) => {
        if (attempt <= failuresOf(transferId)) throw new Error("the abacus is stuck");
      },
    },
    async ({ data }, { tx }) => addReceived(tx, data),
  );

  turnover.answer(TurnoverTotals, { allow: anyone() }, async (_input, { read }) => ({
    received: await receivedOf(read),
  }));
  return turnover;
}

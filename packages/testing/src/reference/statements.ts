import { anyone, backoff, context, type Context, type RawHandle } from "@banyan/core";
import { Booked, GiveBonus, StatementTotals } from "./contracts.ts";
import { failuresOf } from "./failures.ts";
import { rowMigrations, rows, type Rows } from "./rows.ts";
import { sum } from "./sum.ts";

/** Follows the ledger, and gives a bonus for each line. */
export function statements(kind: RawHandle["kind"]): Context<"statements", Rows, {}, typeof GiveBonus> {
  const statements = context("statements", {
    contract: { StatementTotals },
    uses: [GiveBonus],
    tx: rows(kind, "statements"),
    migrations: rowMigrations(kind, "statements"),
  });

  statements.on(Booked, { name: "print", from: "start" }, async ({ data: { accountId, line } }, { tx }) => {
    const printed = await tx.get<{ lines: number; outOfOrder: number }>("statement", accountId);
    const { lines = 0, outOfOrder = 0 } = printed ?? {};
    await tx.put("statement", accountId, { lines: lines + 1, outOfOrder: outOfOrder + (line === lines + 1 ? 0 : 1) });
  });

  const reward = { name: "reward", from: "now", retry: backoff("200ms", "5s", 30) } as const;
  statements.on(
    Booked,
    {
      ...reward,
      before: ({ data: { accountId, transferId } }, { attempt, call }) => {
        if (attempt <= failuresOf(transferId)) throw new Error("the purse is empty");
        return call(GiveBonus, { accountId, transferId });
      },
    },
    async ({ data: { transferId } }, { tx, before: { given } }) => tx.put("bonus", transferId, { given }),
  );

  statements.answer(StatementTotals, { allow: anyone() }, async (_input, { read }) => {
    const accounts = await read.all<{ lines: number; outOfOrder: number }>("statement");
    const bonuses = (await read.all("bonus")).length;
    return {
      lines: sum(accounts, (account) => account.lines),
      outOfOrder: sum(accounts, (account) => account.outOfOrder),
      bonuses,
    };
  });
  return statements;
}

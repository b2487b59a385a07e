import { app, type App, type RawHandle } from "@banyan/core";
import { accounts } from "./accounts.ts";
import { FirstMoneySent, MoneySent } from "./contracts.ts";
import { diary } from "./diary.ts";
import { ledger } from "./ledger.ts";
import type { Notary } from "./notary.ts";
import { standing } from "./standing.ts";
import { statements } from "./statements.ts";
import { turnover } from "./turnover.ts";

export interface BankOptions {
  /** Called for each process. */
  readonly notary: () => Notary;
  readonly suspiciousAbove: number;
  /** How long the ledger keeps its log. */
  readonly keep?: string;
  /** Code from before: it writes an older version of an event, and calls a subscription by another name. */
  readonly isEarlier?: boolean;
}

/**
 * Accounts send money to each other, a ledger books it line by line, statements follow the ledger and give a bonus for each line; standing
 * orders pay later, a diary tells their stories, and the turnover is a view that can be built anew. What is `suspiciousAbove` so many cents is refused for ever.
 */
export function bank(kind: RawHandle["kind"], { notary, isEarlier = false, ...options }: BankOptions): App {
  const sent = isEarlier ? FirstMoneySent : MoneySent;
  const contexts = [
    accounts(kind, sent),
    ledger(kind, sent, options),
    statements(kind),
    standing(kind),
    diary(kind, isEarlier),
    turnover(kind, sent),
  ];
  return app({
    contexts,
    ports: () => {
      const desk = { notary: notary() };
      return { ledger: desk, diary: desk };
    },
  });
}

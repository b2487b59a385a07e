import {
  anyone,
  app,
  backoff,
  context,
  needs,
  refuse,
  roles,
  type App,
  type InputOf,
  type RawHandle,
} from "@banyan/core";
import {
  AccountTotals,
  Balance,
  Booked,
  FirstMoneySent,
  GiveBonus,
  LedgerTotals,
  centsOf,
  MoneySent,
  type MoneySentContract,
  OpenAccount,
  OrderPaid,
  StatementTotals,
  Transfer,
} from "./contracts.ts";
import { diary } from "./diary.ts";
import { failuresOf } from "./failures.ts";
import type { Notary, Papers } from "./notary.ts";
import { addReceived, receivedOf } from "./received.ts";
import { rowMigrations, rows, type Rows } from "./rows.ts";
import { standing } from "./standing.ts";
import { turnover } from "./turnover.ts";

interface Account {
  readonly accountId: string;
  readonly cents: number;
}

export interface BankOptions {
  /** Called for each process. */
  readonly notary: () => Notary;
  readonly suspiciousAbove: number;
  /** Code from before: it writes an older version of an event, and calls a subscription by another name. */
  readonly isEarlier?: boolean;
}

/**
 * Accounts send money to each other, a ledger books it line by line, statements follow the ledger and give a bonus for each line; standing
 * orders pay later, a diary tells their stories, and the turnover is a view that can be built anew. What is `suspiciousAbove` so many cents is refused for ever.
 */
export function bank(kind: RawHandle["kind"], { notary, suspiciousAbove, isEarlier = false }: BankOptions): App {
  const sent = isEarlier ? FirstMoneySent : MoneySent;
  const contexts = [
    accounts(kind, sent),
    ledger(kind, sent, suspiciousAbove),
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

function accounts(kind: RawHandle["kind"], sent: MoneySentContract) {
  const accounts = context("accounts", {
    contract: { OpenAccount, Transfer, GiveBonus, Balance, AccountTotals, MoneySent: sent },
    tx: rows(kind, "accounts"),
    migrations: rowMigrations(kind, "accounts"),
  });

  accounts.handle(OpenAccount, { allow: anyone() }, async ({ accountId, cents }, { tx }) => {
    if ((await tx.get("account", accountId)) !== undefined)
      throw refuse("account-exists", "It is open already.", { kind: "conflict" });
    await tx.put("account", accountId, { accountId, cents });
    await tx.put("opening", accountId, { cents });
  });

  const transfer = { allow: holdsAnAccount, before: checkTarget };
  accounts.handle(Transfer, transfer, async ({ transferId, source, target, cents }, { tx, emit }) => {
    const left = (await balanceOf(tx, source)) - cents;
    if (left < 0) throw refuse("insufficient-funds", "The account does not hold that much.");
    await tx.put("account", source, { accountId: source, cents: left });
    await tx.put("transfer", transferId, { cents });
    emit(sent, sentBy(sent, { transferId, source, target, cents }));
    return { transferId, left };
  });

  accounts.on(sent, { name: "credit", from: "start" }, async ({ data }, { tx }) => {
    const { target } = data;
    await tx.put("account", target, { accountId: target, cents: (await balanceOf(tx, target)) + centsOf(data) });
    await addReceived(tx, data);
  });

  // An order is never refused: what cannot be paid is noted.
  accounts.on(OrderPaid, { name: "pay-order", from: "start" }, async ({ data }, { tx, emit }) => {
    const { orderId, source, target, cents } = data;
    const holds = (await tx.get<Account>("account", source))?.cents ?? 0;
    if (holds < cents || (await tx.get("account", target)) === undefined) return tx.put("unpaid", orderId, { cents });
    await tx.put("account", source, { accountId: source, cents: holds - cents });
    await tx.put("transfer", orderId, { cents });
    emit(sent, sentBy(sent, { transferId: orderId, source, target, cents }));
  });

  accounts.handle(GiveBonus, { allow: roles("context") }, async ({ accountId, transferId }, { tx }) => {
    const given = await tx.get<{ times: number }>("bonus", transferId);
    await tx.put("bonus", transferId, { times: (given?.times ?? 0) + 1 });
    await tx.put("account", accountId, { accountId, cents: (await balanceOf(tx, accountId)) + 1 });
    return { given: 1 };
  });

  accounts.answer(Balance, { allow: anyone() }, async ({ accountId }, { read }) => ({
    cents: await balanceOf(read, accountId),
  }));
  accounts.answer(AccountTotals, { allow: anyone() }, async (_input, { read }) => ({
    opened: sum(await read.all<{ cents: number }>("opening"), (row) => row.cents),
    held: sum(await read.all<Account>("account"), (row) => row.cents),
    bonuses: sum(await read.all<{ times: number }>("bonus"), (row) => row.times),
    transfers: (await read.all("transfer")).length,
    unpaid: (await read.all("unpaid")).length,
    received: await receivedOf(read),
  }));
  return accounts;
}

function sentBy({ version }: MoneySentContract, { cents, ...money }: InputOf<typeof Transfer>) {
  return { ...money, ...(version === 1 ? { cents } : { amount: cents }) };
}

/** Reads in the policy itself. */
async function holdsAnAccount({
  input,
  read,
}: {
  readonly input: { readonly source: string };
  readonly read: Rows;
}): Promise<boolean> {
  return (await read.get("account", input.source)) !== undefined;
}

async function checkTarget({ target }: { readonly target: string }, { read }: { readonly read: Rows }): Promise<void> {
  await balanceOf(read, target);
}

async function balanceOf(tx: Rows, accountId: string): Promise<number> {
  const account = await tx.get<Account>("account", accountId);
  if (account === undefined) throw refuse("account-unknown", "There is no such account.", { kind: "not-found" });
  return account.cents;
}

function ledger(kind: RawHandle["kind"], sent: MoneySentContract, suspiciousAbove: number) {
  const ledger = context("ledger", {
    contract: { Booked, LedgerTotals },
    keep: "1s",
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

function statements(kind: RawHandle["kind"]) {
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

function sum<Row>(rows: readonly Row[], of: (row: Row) => number): number {
  return rows.reduce((total, row) => total + of(row), 0);
}

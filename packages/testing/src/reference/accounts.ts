import { anyone, context, refuse, roles, type Context, type InputOf, type RawHandle } from "@banyan/core";
import {
  AccountTotals,
  Balance,
  centsOf,
  GiveBonus,
  type MoneySentContract,
  OpenAccount,
  OrderPaid,
  Transfer,
} from "./contracts.ts";
import { addReceived, receivedOf } from "./received.ts";
import { rowMigrations, rows, type Rows } from "./rows.ts";
import { sum } from "./sum.ts";

interface Account {
  readonly accountId: string;
  readonly cents: number;
}

/** Who has what, and gets it from whom. */
export function accounts(kind: RawHandle["kind"], sent: MoneySentContract): Context<"accounts", Rows, {}, never> {
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

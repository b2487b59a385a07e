import { command, event, query, type CommandContract, type EventContract, type QueryContract } from "@banyan/core";
import { shape } from "./shape.ts";

/** An application's contracts need none of these annotations; a published package writes its types out. */
type Command<Name extends string, In, Out = void> = CommandContract<Name, In, In, Out>;
type Query<Name extends string, In, Out> = QueryContract<Name, In, In, Out>;

type Account = { readonly accountId: string };
type Money = { readonly transferId: string; readonly source: string; readonly target: string; readonly cents: number };
type Line = { readonly accountId: string; readonly transferId: string; readonly line: number; readonly stamp: string };

const money = shape({ transferId: "string", source: "string", target: "string", cents: "integer" });

export const OpenAccount: Command<"accounts.open", Account & { readonly cents: number }> = command("accounts.open", {
  input: shape({ accountId: "string", cents: "integer" }),
});
export const Transfer: Command<"accounts.transfer", Money, { readonly transferId: string; readonly left: number }> =
  command("accounts.transfer", { input: money, output: shape({ transferId: "string", left: "integer" }) });
/** For another context, once per entry. */
export const GiveBonus: Command<
  "accounts.give-bonus",
  Account & { readonly transferId: string },
  { readonly given: number }
> = command("accounts.give-bonus", {
  input: shape({ accountId: "string", transferId: "string" }),
  output: shape({ given: "integer" }),
});
export const Balance: Query<"accounts.balance", Account, { readonly cents: number }> = query("accounts.balance", {
  input: shape({ accountId: "string" }),
  output: shape({ cents: "integer" }),
});
export const AccountTotals: Query<
  "accounts.totals",
  {},
  { readonly opened: number; readonly held: number; readonly bonuses: number; readonly transfers: number }
> = query("accounts.totals", {
  input: shape({}),
  output: shape({ opened: "integer", held: "integer", bonuses: "integer", transfers: "integer" }),
});
/** `cents` in the first version, `amount` in the second. */
type Sent = Omit<Money, "cents"> & { readonly cents?: number; readonly amount?: number };
export type MoneySentContract = EventContract<"accounts.money-sent", Sent>;

/** What the earlier code writes, and all it reads. */
export const FirstMoneySent: MoneySentContract = event("accounts.money-sent", {
  version: 1,
  key: "target",
  data: money,
});
export const MoneySent: MoneySentContract = event("accounts.money-sent", {
  version: 2,
  key: "target",
  data: shape({ transferId: "string", source: "string", target: "string", amount: "integer" }),
  upcast: { 1: ({ cents, ...first }) => ({ ...first, amount: cents }) },
});

export const centsOf = ({ cents = 0, amount = cents }: Pick<Sent, "cents" | "amount">): number => amount;

export const Booked: EventContract<"ledger.booked", Line> = event("ledger.booked", {
  version: 1,
  key: "accountId",
  data: shape({ accountId: "string", transferId: "string", line: "integer", stamp: "string" }),
});
/** `papers` is JSON: what each line got from outside. */
export const LedgerTotals: Query<
  "ledger.totals",
  {},
  { readonly lines: number; readonly cents: number; readonly papers: string }
> = query("ledger.totals", {
  input: shape({}),
  output: shape({ lines: "integer", cents: "integer", papers: "string" }),
});

export const StatementTotals: Query<
  "statements.totals",
  {},
  { readonly lines: number; readonly outOfOrder: number; readonly bonuses: number }
> = query("statements.totals", {
  input: shape({}),
  output: shape({ lines: "integer", outOfOrder: "integer", bonuses: "integer" }),
});

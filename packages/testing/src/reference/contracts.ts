import { command, event, query, type CommandContract, type EventContract, type QueryContract } from "@banyan/core";
import { shape } from "./shape.ts";

/** An application's contracts need none of these annotations; a published package writes its types out. */
type Command<Name extends string, In, Out = void> = CommandContract<Name, In, In, Out>;
type Query<Name extends string, In, Out> = QueryContract<Name, In, In, Out>;

type Account = { readonly accountId: string };
type Money = { readonly transferId: string; readonly source: string; readonly target: string; readonly cents: number };
type Order = { readonly orderId: string };
type Payment = Order & { readonly source: string; readonly target: string; readonly cents: number };
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
/** `received` is JSON: what came to each account, in one number that depends on the order. */
export const AccountTotals: Query<
  "accounts.totals",
  {},
  {
    readonly opened: number;
    readonly held: number;
    readonly bonuses: number;
    readonly transfers: number;
    readonly unpaid: number;
    readonly received: string;
  }
> = query("accounts.totals", {
  input: shape({}),
  output: shape({
    opened: "integer",
    held: "integer",
    bonuses: "integer",
    transfers: "integer",
    unpaid: "integer",
    received: "string",
  }),
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

export const SetOrder: Command<"standing.set", Payment & { readonly waitMs: number }> = command("standing.set", {
  input: shape({ orderId: "string", source: "string", target: "string", cents: "integer", waitMs: "integer" }),
});
export const CancelOrder: Command<"standing.cancel", Order> = command("standing.cancel", {
  input: shape({ orderId: "string" }),
});
export const OrderSet: EventContract<"standing.order-set", Order> = orderEvent("standing.order-set");
export const OrderCancelled: EventContract<"standing.order-cancelled", Order> = orderEvent("standing.order-cancelled");
/** Enters the log when it is due. */
export const OrderDue: EventContract<"standing.order-due", Order> = orderEvent("standing.order-due");
export const OrderPaid: EventContract<"standing.order-paid", Payment> = event("standing.order-paid", {
  version: 1,
  key: "orderId",
  data: shape({ orderId: "string", source: "string", target: "string", cents: "integer" }),
});
export const OrderTotals: Query<
  "standing.totals",
  {},
  { readonly orders: number; readonly paid: number; readonly cancelled: number }
> = query("standing.totals", {
  input: shape({}),
  output: shape({ orders: "integer", paid: "integer", cancelled: "integer" }),
});

/** `stories` is JSON: for each order the first letters of what happened to it, in order. */
export const DiaryTotals: Query<"diary.totals", {}, { readonly stories: string }> = query("diary.totals", {
  input: shape({}),
  output: shape({ stories: "string" }),
});

/** As the `received` of the accounts. */
export const TurnoverTotals: Query<"turnover.totals", {}, { readonly received: string }> = query("turnover.totals", {
  input: shape({}),
  output: shape({ received: "string" }),
});

function orderEvent<Name extends string>(name: Name): EventContract<Name, Order> {
  return event(name, { version: 1, key: "orderId", data: shape({ orderId: "string" }) });
}

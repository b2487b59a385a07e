import type { Asked } from "banyan";
import type { Kysely } from "kysely";
import type { OrdersTables } from "./tables.ts";
import type { OrderTokens } from "../../order-tokens.ts";

export interface OrdersPorts {
  readonly tokens: OrderTokens;
  /** Entries of all subscriptions that are parked, and keys among them that are dead. */
  readonly delivery: () => { readonly parked: number; readonly dead: number };
}

type Ask<Input> = Asked<Input, Kysely<OrdersTables>, OrdersPorts>;

const isOperator = (asked: Ask<unknown>): boolean => asked.principal.roles.includes("operator");

/** Who holds the order's token, its customer, or an operator. An order that does not exist is nobody's but the operator's to ask for. */
export async function mayUseOrder(asked: Ask<{ orderId: string }>): Promise<boolean> {
  const { principal, input, headers, ports, read } = asked;
  const token = headers["x-order-token"];
  if (isOperator(asked) || (token !== undefined && ports.tokens.matches(input.orderId, token))) return true;
  if (principal.id === "guest") return false;
  const order = await read
    .selectFrom("orders_order")
    .select(["principal", "customer_id"])
    .where("order_id", "=", input.orderId)
    .executeTakeFirst();
  return order !== undefined && (order.principal === principal.id || isCustomer(principal.id, order.customer_id));
}

/** A guest names no customer, a customer only themselves; an operator may name any. */
export function mayPlaceFor(asked: Ask<{ customerId?: string | undefined }>): boolean {
  const { customerId } = asked.input;
  return customerId === undefined || isOperator(asked) || isCustomer(asked.principal.id, customerId);
}

export function isCustomer(principal: string, customerId: string | null): boolean {
  return customerId !== null && principal === `user:${customerId}`;
}

import type { ChargeAnswer, RefundAnswer, RefundRequest } from "./port.ts";

/** Amounts that make the simulator misbehave on purpose, in cents. */
export const declinedCents = 40201;
export const unansweredCents = 40202;
export const answeredTwiceCents = 40203;

export type ChargeVerdict = Pick<ChargeAnswer, "status" | "reason">;
export type RefundVerdict = Pick<RefundAnswer, "status" | "reason">;

export interface KnownCharge {
  readonly orderId: string;
  readonly cents: number;
  readonly status: string;
  readonly refundedCents: number;
}

export function judgeCharge(cents: number): ChargeVerdict {
  return cents === declinedCents ? { status: "declined", reason: "insufficient-funds" } : { status: "captured" };
}

/** A refused refund is an answer, kept under its key like any other, so that asking again cannot change it. */
export function judgeRefund(request: Omit<RefundRequest, "key">, charge: KnownCharge | undefined): RefundVerdict {
  const refused = (reason: string): RefundVerdict => ({ status: "refused", reason });
  if (charge === undefined || charge.orderId !== request.orderId) return refused("unknown-charge");
  if (charge.status !== "captured") return refused("nothing-captured");
  if (charge.refundedCents + request.cents > charge.cents) return refused("exceeds-charge");
  return { status: "refunded" };
}

/** How often an answer is sent: 0 for the first request of the amount that times out after charging. */
export function answerCount(cents: number, first: boolean): 0 | 1 | 2 {
  if (cents === unansweredCents && first) return 0;
  return cents === answeredTwiceCents ? 2 : 1;
}

import type { ChargeAnswer, ChargeRequest, PaymentProvider, RefundAnswer, RefundRequest } from "./port.ts";
import { ProviderRefused, ProviderUnavailable } from "./port.ts";
import { answerCount, judgeCharge, judgeRefund, type KnownCharge } from "./rules.ts";

type Entry =
  | { readonly kind: "charge"; readonly request: ChargeRequest; readonly answer: ChargeAnswer }
  | { readonly kind: "refund"; readonly request: RefundRequest; readonly answer: RefundAnswer };

/**
 * The provider for the simulation: same amounts, same answers, no timer and no randomness. What it recorded survives
 * a crash of the shop because the object does, as the real ledger survives in its own process.
 */
export function simulatedProvider(): PaymentProvider {
  return new SimulatedProvider();
}

class SimulatedProvider implements PaymentProvider {
  readonly #entries = new Map<string, Entry>();

  async charge(request: ChargeRequest): Promise<readonly ChargeAnswer[]> {
    const known = this.#known("charge", request);
    const answer = known?.answer ?? this.#recordCharge(request);
    const times = answerCount(answer.cents, known === undefined);
    if (times === 0) throw new ProviderUnavailable(`No answer to the charge of order ${request.orderId}.`);
    return Array.from({ length: times }, () => answer);
  }

  async refund(request: RefundRequest): Promise<RefundAnswer> {
    return this.#known("refund", request)?.answer ?? this.#recordRefund(request);
  }

  async ledger(): Promise<ReadonlyMap<string, number>> {
    const net = new Map<string, number>();
    for (const { kind, answer } of this.#entries.values()) {
      if (answer.status !== "captured" && answer.status !== "refunded") continue;
      net.set(answer.orderId, (net.get(answer.orderId) ?? 0) + (kind === "charge" ? answer.cents : -answer.cents));
    }
    return net;
  }

  async close(): Promise<void> {}

  #known<Kind extends Entry["kind"]>(
    kind: Kind,
    request: ChargeRequest | RefundRequest,
  ): Extract<Entry, { kind: Kind }> | undefined {
    const known = this.#entries.get(request.key);
    if (!known) return undefined;
    if (known.kind === kind && isSame(known.request, request)) return known as Extract<Entry, { kind: Kind }>;
    throw new ProviderRefused("key-reused", "This idempotency key was used for another request.");
  }

  #recordCharge(request: ChargeRequest): ChargeAnswer {
    const { orderId, cents } = request;
    const answer = { chargeId: `ch-${this.#entries.size + 1}`, orderId, cents, ...judgeCharge(cents) };
    this.#entries.set(request.key, { kind: "charge", request, answer });
    return answer;
  }

  #recordRefund(request: RefundRequest): RefundAnswer {
    const { orderId, chargeId, cents } = request;
    const verdict = judgeRefund(request, this.#knownCharge(chargeId));
    const answer = { refundId: `re-${this.#entries.size + 1}`, orderId, chargeId, cents, ...verdict };
    this.#entries.set(request.key, { kind: "refund", request, answer });
    return answer;
  }

  #knownCharge(chargeId: string): KnownCharge | undefined {
    let charge: ChargeAnswer | undefined;
    let refundedCents = 0;
    for (const { kind, answer } of this.#entries.values()) {
      if (kind === "charge" && answer.chargeId === chargeId) charge = answer;
      if (kind === "refund" && answer.chargeId === chargeId && answer.status === "refunded")
        refundedCents += answer.cents;
    }
    return charge && { ...charge, refundedCents };
  }
}

function isSame(known: ChargeRequest | RefundRequest, request: ChargeRequest | RefundRequest): boolean {
  const chargeOf = (one: ChargeRequest | RefundRequest): string | undefined =>
    "chargeId" in one ? one.chargeId : undefined;
  return known.orderId === request.orderId && known.cents === request.cents && chargeOf(known) === chargeOf(request);
}

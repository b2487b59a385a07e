/**
 * What the payments context asks of a payment provider. The shop runs it over HTTP (`provider/client.ts`), the
 * simulation in memory (`provider/simulated.ts`); one suite judges both (`provider/conformance.ts`).
 *
 * Promises of an adapter:
 * - A charge or refund happens once per `key`; the same key with the same request gives the same answer for ever.
 * - `ProviderUnavailable` means unknown: it may have happened or not. Ask again with the same key.
 * - `ProviderRefused` means that it did not happen and never will under that request.
 */
export interface PaymentProvider {
  /** One answer as a rule. A provider may answer twice; both answers then carry the same `chargeId`. */
  charge(request: ChargeRequest): Promise<readonly ChargeAnswer[]>;
  /** Gives money of a captured charge back; all refunds of a charge together never exceed it. */
  refund(request: RefundRequest): Promise<RefundAnswer>;
  /** Cents captured minus cents refunded, for every order that ever had a capture. */
  ledger(): Promise<ReadonlyMap<string, number>>;
  /** Lets go of connections and timers. Safe to call twice. */
  close(): Promise<void>;
}

export interface ChargeRequest {
  readonly orderId: string;
  readonly cents: number;
  readonly key: string;
}

export interface ChargeAnswer {
  readonly chargeId: string;
  readonly orderId: string;
  readonly cents: number;
  readonly status: "captured" | "declined";
  readonly reason?: string;
}

export interface RefundRequest {
  readonly orderId: string;
  readonly chargeId: string;
  readonly cents: number;
  readonly key: string;
}

export interface RefundAnswer {
  readonly refundId: string;
  readonly orderId: string;
  readonly chargeId: string;
  readonly cents: number;
  readonly status: "refunded" | "refused";
  readonly reason?: string;
}

/** The outcome is unknown: a time-out, a lost connection, or a provider that is down. Ask again with the same key. */
export class ProviderUnavailable extends Error {
  override readonly name = "ProviderUnavailable";
}

/** The provider will never accept this request, for example a key that was used for another one. */
export class ProviderRefused extends Error {
  override readonly name = "ProviderRefused";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

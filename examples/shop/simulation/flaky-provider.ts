import type { World } from "@banyan/testing";
import { type PaymentProvider, ProviderUnavailable } from "../provider/port.ts";

/** A provider behind a bad line, with a count of what it has captured. */
export interface FlakyProvider extends PaymentProvider {
  /** Orders with more than one charge that took money. */
  chargedTwice(): readonly string[];
}

/** Answers take their time, requests get lost, and answers get lost after the provider has acted. */
export function flakyProvider(provider: PaymentProvider, { clock, random }: World): FlakyProvider {
  const chance = (odds: number): boolean => random.u32() / 0x1_0000_0000 < odds;
  const wait = (): Promise<void> => new Promise((done) => clock.after(random.u32() % 40, done));
  const charges = new Map<string, Set<string>>();

  const overWire = async <Answer>(act: () => Promise<Answer>): Promise<Answer> => {
    await wait();
    if (chance(0.05)) throw new ProviderUnavailable("The request got lost.");
    const answer = await act();
    await wait();
    if (chance(0.05)) throw new ProviderUnavailable("The answer got lost.");
    return answer;
  };

  return {
    charge: (request) =>
      overWire(async () => {
        const answers = await provider.charge(request);
        for (const { orderId, chargeId, status } of answers) {
          if (status === "captured") charges.set(orderId, (charges.get(orderId) ?? new Set()).add(chargeId));
        }
        return answers;
      }),
    refund: (request) => overWire(() => provider.refund(request)),
    ledger: () => provider.ledger(),
    close: () => provider.close(),
    chargedTwice: () =>
      Array.from(charges)
        .filter(([, ids]) => ids.size > 1)
        .map(([orderId]) => orderId),
  };
}

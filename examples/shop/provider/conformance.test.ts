import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ChargeRequest, PaymentProvider } from "./port.ts";
import { httpProvider } from "./client.ts";
import { providerCases } from "./conformance.ts";
import { type LaunchedProvider, launchProvider } from "./launch.ts";
import { simulatedProvider } from "./simulated.ts";

describe("in memory", () => {
  for (const [index, { promise, check }] of providerCases.entries()) {
    test(`${promise}`, async () => {
      await expect(check(simulatedProvider(), `order-${index}`)).resolves.toBeUndefined();
    });
  }
});

describe("a process of its own, over HTTP", () => {
  const data = mkdtempSync(join(tmpdir(), "shop-provider-"));
  let launched: LaunchedProvider;
  beforeAll(async () => void (launched = await launchProvider({ data, idleSeconds: 60 })));
  afterAll(async () => {
    await launched.stop();
    rmSync(data, { recursive: true });
  });

  for (const [index, { promise, check }] of providerCases.entries()) {
    test(`${promise}`, async () => {
      const provider = httpProvider({ data });
      await expect(check(provider, `order-${index}`)).resolves.toBeUndefined();
      await provider.close();
    });
  }
});

describe("the suite catches a provider that", () => {
  const forgetful = (request: ChargeRequest): ChargeRequest => ({
    ...request,
    key: `${request.key}/${crypto.randomUUID()}`,
  });
  const broken: Record<string, (honest: PaymentProvider) => Partial<PaymentProvider>> = {
    "ignores keys of charges": (honest) => ({ charge: (request) => honest.charge(forgetful(request)) }),
    "ignores keys of refunds": (honest) => ({
      refund: (request) => honest.refund({ ...request, key: forgetful(request).key }),
    }),
    "answers 40203 once": (honest) => ({ charge: async (request) => (await honest.charge(request)).slice(0, 1) }),
    "swallows time-outs": (honest) => ({
      charge: (request) => honest.charge(request).catch(() => honest.charge(request)),
    }),
    "refunds without a charge": (honest) => ({
      refund: async (request) => ({ ...(await honest.refund(request)), status: "refunded" as const }),
    }),
    "loses its ledger": () => ({ ledger: async () => new Map() }),
  };

  for (const [flaw, breaks] of Object.entries(broken)) {
    test(`${flaw}`, async () => {
      const failed: string[] = [];
      for (const [index, { promise, check }] of providerCases.entries()) {
        await check(breakProvider(breaks), `order-${index}`).catch(() => failed.push(promise));
      }
      expect(failed).not.toEqual([]);
    });
  }
});

function breakProvider(breaks: (honest: PaymentProvider) => Partial<PaymentProvider>): PaymentProvider {
  const honest = simulatedProvider();
  return {
    charge: (request) => honest.charge(request),
    refund: (request) => honest.refund(request),
    ledger: () => honest.ledger(),
    close: () => honest.close(),
    ...breaks(honest),
  };
}

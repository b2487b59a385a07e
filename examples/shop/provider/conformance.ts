import assert from "node:assert/strict";
import type { PaymentProvider } from "./port.ts";
import { ProviderRefused, ProviderUnavailable } from "./port.ts";
import { answeredTwiceCents, declinedCents, unansweredCents } from "./rules.ts";

export interface ProviderCase {
  readonly promise: string;
  /** Gets a provider that may hold entries of other cases: order ids and keys start with `id`. */
  readonly check: (provider: PaymentProvider, id: string) => Promise<void>;
}

/** What every adapter of the payments context's port must keep. */
export const providerCases: readonly ProviderCase[] = [
  { promise: "a charge is captured and counted for its order", check: captures },
  { promise: "the same key charges once and gets the same answer", check: chargesOncePerKey },
  { promise: "requests with one key at the same time charge once", check: chargesOnceTogether },
  { promise: "different keys are different charges", check: chargesPerKey },
  { promise: "a key used for another request is refused and changes nothing", check: refusesReusedKey },
  { promise: "40201 cents are declined, and stay declined", check: declines },
  { promise: "40202 cents are charged without an answer; the same key gets it", check: timesOutAfterCharging },
  { promise: "40203 cents are answered twice and charged once", check: answersTwice },
  { promise: "a refund takes money off the order once per key", check: refundsOncePerKey },
  { promise: "refunds never exceed their charge", check: refundsWithinCharge },
  { promise: "a refund needs a captured charge of the same order", check: refundsKnownCharges },
  { promise: "closing twice is safe", check: closesTwice },
];

async function captures(provider: PaymentProvider, id: string): Promise<void> {
  const answers = await provider.charge({ orderId: id, cents: 1250, key: `${id}/charge` });
  assert.equal(answers.length, 1);
  const { chargeId, ...rest } = answers[0] ?? assert.fail("no answer");
  assert.deepEqual(rest, { orderId: id, cents: 1250, status: "captured" });
  assert.ok(chargeId.length > 0);
  assert.equal((await provider.ledger()).get(id), 1250);
}

async function chargesOncePerKey(provider: PaymentProvider, id: string): Promise<void> {
  const request = { orderId: id, cents: 1250, key: `${id}/charge` };
  const first = await provider.charge(request);
  assert.deepEqual(await provider.charge(request), first);
  assert.equal((await provider.ledger()).get(id), 1250);
}

async function chargesOnceTogether(provider: PaymentProvider, id: string): Promise<void> {
  const request = { orderId: id, cents: 1250, key: `${id}/charge` };
  const [first, ...others] = await Promise.all(Array.from({ length: 8 }, () => provider.charge(request)));
  for (const other of others) assert.deepEqual(other, first);
  assert.equal((await provider.ledger()).get(id), 1250);
}

async function chargesPerKey(provider: PaymentProvider, id: string): Promise<void> {
  const [one] = await provider.charge({ orderId: id, cents: 100, key: `${id}/1` });
  const [two] = await provider.charge({ orderId: id, cents: 100, key: `${id}/2` });
  assert.notEqual(one?.chargeId, two?.chargeId);
  assert.equal((await provider.ledger()).get(id), 200);
}

async function refusesReusedKey(provider: PaymentProvider, id: string): Promise<void> {
  const request = { orderId: id, cents: 100, key: `${id}/charge` };
  const [answer] = await provider.charge(request);
  const chargeId = answer?.chargeId ?? "";
  const refused = (error: unknown): boolean => error instanceof ProviderRefused && error.code === "key-reused";
  await assert.rejects(provider.charge({ ...request, cents: 101 }), refused);
  await assert.rejects(provider.charge({ ...request, orderId: `${id}/other` }), refused);
  await assert.rejects(provider.refund({ ...request, chargeId }), refused);
  const net = await provider.ledger();
  assert.equal(net.get(id), 100);
  assert.equal(net.has(`${id}/other`), false);
}

async function declines(provider: PaymentProvider, id: string): Promise<void> {
  const request = { orderId: id, cents: declinedCents, key: `${id}/charge` };
  const first = await provider.charge(request);
  assert.equal(first[0]?.status, "declined");
  assert.equal(typeof first[0]?.reason, "string");
  assert.deepEqual(await provider.charge(request), first);
  assert.equal((await provider.ledger()).has(id), false);
}

async function timesOutAfterCharging(provider: PaymentProvider, id: string): Promise<void> {
  const request = { orderId: id, cents: unansweredCents, key: `${id}/charge` };
  await assert.rejects(provider.charge(request), ProviderUnavailable);
  assert.equal((await provider.ledger()).get(id), unansweredCents);
  const again = await provider.charge(request);
  assert.deepEqual(
    again.map(({ status }) => status),
    ["captured"],
  );
  assert.equal((await provider.ledger()).get(id), unansweredCents);
}

async function answersTwice(provider: PaymentProvider, id: string): Promise<void> {
  const [one, two, ...more] = await provider.charge({ orderId: id, cents: answeredTwiceCents, key: `${id}/charge` });
  assert.equal(one?.status, "captured");
  assert.deepEqual(two, one);
  assert.equal(more.length, 0);
  assert.equal((await provider.ledger()).get(id), answeredTwiceCents);
}

async function refundsOncePerKey(provider: PaymentProvider, id: string): Promise<void> {
  const chargeId = await chargeIdOf(provider, id, 500);
  const request = { orderId: id, chargeId, cents: 200, key: `${id}/refund` };
  const first = await provider.refund(request);
  const { refundId, ...rest } = first;
  assert.ok(refundId.length > 0);
  assert.deepEqual(rest, { orderId: id, chargeId, cents: 200, status: "refunded" });
  assert.deepEqual(await provider.refund(request), first);
  assert.equal((await provider.ledger()).get(id), 300);
}

async function refundsWithinCharge(provider: PaymentProvider, id: string): Promise<void> {
  const chargeId = await chargeIdOf(provider, id, 500);
  await provider.refund({ orderId: id, chargeId, cents: 500, key: `${id}/all` });
  const more = { orderId: id, chargeId, cents: 1, key: `${id}/more` };
  const refused = await provider.refund(more);
  assert.equal(refused.status, "refused");
  assert.deepEqual(await provider.refund(more), refused);
  assert.equal((await provider.ledger()).get(id), 0);
}

async function refundsKnownCharges(provider: PaymentProvider, id: string): Promise<void> {
  const chargeId = await chargeIdOf(provider, id, 500);
  const declined = await chargeIdOf(provider, `${id}/declined`, declinedCents);
  const wrong = [
    { orderId: id, chargeId: "ch-999999999" },
    { orderId: `${id}/other`, chargeId },
    { orderId: `${id}/declined`, chargeId: declined },
  ];
  for (const [index, request] of wrong.entries()) {
    const answer = await provider.refund({ ...request, cents: 1, key: `${id}/refund/${index}` });
    assert.equal(answer.status, "refused");
  }
  assert.equal((await provider.ledger()).get(id), 500);
}

async function closesTwice(provider: PaymentProvider): Promise<void> {
  await provider.close();
  await provider.close();
}

async function chargeIdOf(provider: PaymentProvider, orderId: string, cents: number): Promise<string> {
  const [answer] = await provider.charge({ orderId, cents, key: `${orderId}/charge` });
  return answer?.chargeId ?? assert.fail("no answer");
}

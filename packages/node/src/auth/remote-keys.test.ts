import type { Principal } from "@banyan/core";
import { expect, onTestFinished, test } from "vitest";
import { JwtAuthenticator } from "./jwt.ts";
import { AUDIENCE, bearer, ISSUER, NOW, ProviderFixture } from "./provider-fixture.ts";

const MINUTE = 60_000;

async function opened() {
  const provider = await ProviderFixture.started();
  onTestFinished(() => provider[Symbol.asyncDispose]());
  const warned: string[] = [];
  let now = NOW;
  const options = { issuer: ISSUER, audience: AUDIENCE, algorithms: ["ES256"], jwks: provider.url } as const;
  const authenticator = new JwtAuthenticator(options, () => now);
  authenticator.open({ loopback: false, origins: [], settings: {}, warn: (message) => void warned.push(message) });
  // as long-lived as the test
  const sign = (): Promise<string> => provider.sign({ exp: NOW / 1_000 + 90_000 });
  const ask = async (token: string): Promise<Principal | undefined> => authenticator.authenticate(bearer(token));
  return { provider, warned, ask, sign, pass: (ms: number) => void (now += ms) };
}

const unavailable = { code: "keys-unavailable", kind: "unavailable", retry: "later", retryAfterMs: 1_000 };
const user = { id: "user:42", roles: [] };

test("keys are fetched once, however many ask at once", async () => {
  const { provider, ask, sign } = await opened();
  const token = await sign();
  expect(await Promise.all([1, 2, 3].map(() => ask(token)))).toEqual([user, user, user]);
  expect(await ask(token)).toEqual(user);
  expect(provider.asked).toBe(1);
});

test("a provider that never answered accepts nobody; the next try is a second later", async () => {
  const { provider, ask, sign, pass, warned } = await opened();
  const token = await sign();
  provider.answers = "fails";
  await expect(ask(token)).rejects.toMatchObject(unavailable);
  await expect(ask(token)).rejects.toMatchObject(unavailable);
  expect(provider.asked).toBe(1);
  expect(warned).toEqual([`The keys at ${provider.url} cannot be fetched: status 500`]);
  provider.answers = "keys";
  await expect(ask(token)).rejects.toMatchObject(unavailable);
  pass(1_000);
  expect(await ask(token)).toEqual(user);
});

test.each(["too-much", "elsewhere"] as const)("an answer that is %s is none", async (answers) => {
  const { provider, ask, sign } = await opened();
  provider.answers = answers;
  await expect(ask(await sign())).rejects.toMatchObject(unavailable);
});

test("while the provider is down its known keys hold, for a day", async () => {
  const { provider, ask, sign, pass, warned } = await opened();
  const token = await sign();
  expect(await ask(token)).toEqual(user);
  provider.answers = "fails";
  pass(11 * MINUTE);
  expect(await ask(token)).toEqual(user);
  await expect.poll(() => warned.length).toBe(1);
  pass(23 * 60 * MINUTE);
  expect(await ask(token)).toEqual(user);
  pass(60 * MINUTE);
  await expect(ask(token)).rejects.toMatchObject(unavailable);
});

test("a key that is not known is fetched, at most every half minute", async () => {
  const { provider, ask, sign, pass } = await opened();
  const old = await sign();
  await ask(old);
  await provider.rotate("second");
  const next = await sign();
  await expect(ask(next)).rejects.toMatchObject({ code: "token-invalid" });
  expect(provider.asked).toBe(1);
  pass(30_000);
  expect(await ask(next)).toEqual(user);
  expect(provider.asked).toBe(2);
  // the provider took it back
  await expect(ask(old)).rejects.toMatchObject({ code: "token-invalid" });
  expect(provider.asked).toBe(2);
});

test("whether an unknown key is invalid is not decided while the provider cannot be asked", async () => {
  const { provider, ask, sign, pass } = await opened();
  await ask(await sign());
  await provider.rotate("second");
  provider.answers = "fails";
  pass(30_000);
  const token = await sign();
  await expect(ask(token)).rejects.toMatchObject(unavailable);
  await expect(ask(token)).rejects.toMatchObject(unavailable);
  expect(provider.asked).toBe(2);
});

test("where the clock was set back, keys are fetched anew as if they were old, and hold meanwhile", async () => {
  const { provider, ask, sign, pass } = await opened();
  const old = await sign();
  expect(await ask(old)).toEqual(user);
  pass(-60 * MINUTE);
  await provider.rotate("second");
  const next = await sign();
  expect(await ask(next)).toEqual(user);
  expect(provider.asked).toBe(2);
  provider.answers = "fails";
  pass(-60 * MINUTE);
  expect(await ask(next)).toEqual(user);
  await expect.poll(() => provider.asked).toBe(3);
});

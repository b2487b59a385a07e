import { inspect } from "node:util";
import type { Principal } from "@banyan/core";
import { exportJWK, generateKeyPair, type CryptoKey } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jwt, JwtAuthenticator, type JwtOptions } from "./jwt.ts";
import { AUDIENCE, bearer, credentials, DOOR, ISSUER, NOW, ProviderFixture } from "./provider-fixture.ts";

let provider: ProviderFixture;
beforeAll(async () => void (provider = await ProviderFixture.started()));
afterAll(() => provider[Symbol.asyncDispose]());

const user = { id: "user:42", roles: [] };
const base = { issuer: ISSUER, audience: AUDIENCE, algorithms: ["ES256"] } as const;

function made(options: Partial<JwtOptions> = {}): JwtAuthenticator {
  return new JwtAuthenticator({ ...base, jwks: { keys: [provider.publicKey] }, ...options }, () => NOW);
}

async function ask(token: string, options: Partial<JwtOptions> = {}): Promise<Principal | undefined> {
  return made(options).authenticate(bearer(token));
}

describe("who a token is for", () => {
  test("its subject, behind the prefix, without a role until one is read from its claims", async () => {
    const token = await provider.sign({ groups: ["ops", "context"], org: "acme" });
    expect(await ask(token)).toEqual({ id: "user:42", roles: [] });
    const options: Partial<JwtOptions> = {
      prefix: "staff",
      roles: ({ groups }) => groups as string[],
      tenants: ({ org }) => [String(org)],
    };
    expect(await ask(token, options)).toEqual({ id: "staff:42", roles: ["ops"], tenants: ["acme"] });
  });

  test("the role of contexts cannot be claimed", async () => {
    const token = await provider.sign({ groups: ["context"] });
    expect(await ask(token, { roles: ({ groups }) => groups as string[] })).toEqual({ id: "user:42", roles: [] });
  });

  const asClaim = (claims: Record<string, unknown>): Promise<Principal | undefined> =>
    provider
      .sign(claims)
      .then((token) =>
        ask(token, { roles: (c) => (c["roles"] ?? []) as string[], tenants: (c) => c["tenants"] as string[] }),
      );

  test.each([
    ["no subject", { sub: undefined }],
    ["an empty subject", { sub: "" }],
    ["a subject that is a number", { sub: 42 }],
    ["a subject with a line break", { sub: "4\n2" }],
    ["an endless subject", { sub: "4".repeat(201) }],
    ["roles that are a word", { roles: "operator" }],
    ["roles that are objects", { roles: [{}] }],
    ["a tenant that is no name", { tenants: ["*"] }],
    ["tenants that are a word", { tenants: "acme" }],
  ])("%s: refused", async (_name, claims) => {
    await expect(asClaim(claims)).rejects.toMatchObject({ code: "token-invalid" });
  });
});

describe("a provider whose keys have no names", () => {
  test("of several that fit, the one that a token was signed with is found, and no other key will do", async () => {
    const pairs = await Promise.all([1, 2, 3].map(() => generateKeyPair("ES256")));
    const published = pairs.slice(0, 2).map(({ publicKey }) => exportJWK(publicKey));
    const jwks = { keys: (await Promise.all(published)) as { kty: string }[] };
    const of = (key: CryptoKey, claims = {}): Promise<string> => provider.sign(claims, { kid: undefined, key });
    const [first, second, third] = pairs.map(({ privateKey }) => privateKey) as [CryptoKey, CryptoKey, CryptoKey];
    expect([await ask(await of(first), { jwks }), await ask(await of(second), { jwks })]).toEqual([user, user]);
    for (const token of [await of(third), await of(second, { aud: "other" })])
      await expect(ask(token, { jwks })).rejects.toMatchObject({ code: "token-invalid" });
    await expect(ask(await of(second, { exp: 1 }), { jwks })).rejects.toThrow("has expired");
  });
});

test("of two issuers each token is judged by its own", async () => {
  await using other = await ProviderFixture.started();
  const there = "https://other.example.test";
  const mine = made();
  const theirs = new JwtAuthenticator(
    { ...base, issuer: there, prefix: "guest-user", jwks: { keys: [other.publicKey] } },
    () => NOW,
  );
  const tokens = {
    mine: bearer(await provider.sign()),
    theirs: bearer(await other.sign({ iss: there })),
    // one that says it is of the other, and one by the key of the other
    lying: bearer(await provider.sign({ iss: there })),
    borrowed: bearer(await other.sign()),
  };
  expect([await mine.authenticate(tokens.mine), await theirs.authenticate(tokens.mine)]).toEqual([user, undefined]);
  expect([await mine.authenticate(tokens.theirs), await theirs.authenticate(tokens.theirs)]).toEqual([
    undefined,
    { id: "guest-user:42", roles: [] },
  ]);
  expect(await mine.authenticate(tokens.lying)).toBeUndefined();
  await expect(theirs.authenticate(tokens.lying)).rejects.toMatchObject({ code: "token-invalid" });
  await expect(mine.authenticate(tokens.borrowed)).rejects.toMatchObject({ code: "token-invalid" });
});

test("a token is verified once in a while, and never beyond its expiry", async () => {
  let now = NOW;
  const asked: unknown[] = [];
  const options = {
    ...base,
    jwks: { keys: [provider.publicKey] },
    roles: ({ sub }: { sub?: unknown }) => (asked.push(sub), []),
  };
  const authenticator = new JwtAuthenticator(options, () => now);
  const token = bearer(await provider.sign({ exp: NOW / 1_000 + 40 }));
  for (const at of [0, 1, 29_999, 30_000, 39_999]) {
    now = NOW + at;
    expect(await authenticator.authenticate(token)).toEqual(user);
  }
  expect(asked).toEqual(["42", "42"]);
  now = NOW + 46_000;
  await expect(authenticator.authenticate(token)).rejects.toThrow("has expired");
});

describe("what is refused", () => {
  const s = NOW / 1_000;
  test.each([
    ["another audience", { aud: "other" }],
    ["no audience", { aud: undefined }],
    ["no expiry", { exp: undefined }],
    ["an expiry in words", { exp: "tomorrow" }],
    ["expired", { exp: s - 6 }],
    ["not yet valid", { nbf: s + 6 }],
  ])("%s", async (_name, claims) => {
    await expect(ask(await provider.sign(claims))).rejects.toMatchObject({ code: "token-invalid" });
  });

  test("within the tolerance of the clocks it is accepted", async () => {
    expect(await ask(await provider.sign({ exp: s - 4, nbf: s + 4 }))).toMatchObject({ id: "user:42" });
    const strict = ask(await provider.sign({ exp: s - 1 }), { clockTolerance: "0s" });
    await expect(strict).rejects.toThrow("has expired");
  });

  test("another issuer's token is left to others", async () => {
    const token = await provider.sign({ iss: "https://other.example.test" });
    expect(await ask(token)).toBeUndefined();
    expect(await ask(await provider.sign({ iss: undefined }))).toBeUndefined();
  });

  test("no signature, a signature by a shared secret, by the public key as a secret, by another key", async () => {
    const [head, body, signature] = (await provider.sign()).split(".") as [string, string, string];
    const none = Buffer.from('{"alg":"none","kid":"first"}').toString("base64url");
    const secret = Buffer.from(JSON.stringify(provider.publicKey));
    const { privateKey } = await generateKeyPair("ES256");
    const other = await generateKeyPair("RS256");
    const forged = [
      `${none}.${body}.`,
      `${head}.${body}.`,
      `${none}.${body}.${signature}`,
      await provider.sign({}, { alg: "HS256", key: secret }),
      await provider.sign({}, { key: privateKey }),
      await provider.sign({}, { alg: "RS256", key: other.privateKey }),
      `${head}.${Buffer.from(Buffer.from(body, "base64url").toString().replace('"42"', '"43"')).toString("base64url")}.${signature}`,
    ];
    for (const token of forged) await expect(ask(token)).rejects.toMatchObject({ code: "token-invalid" });
  });

  test("an algorithm that is not pinned, although the key would fit", async () => {
    const { kid: _kid, alg: _alg, ...key } = provider.publicKey;
    await expect(
      ask(await provider.sign(), { algorithms: ["ES384"], jwks: { keys: [key as { kty: string }] } }),
    ).rejects.toMatchObject({ code: "token-invalid" });
  });

  test("another type of token, where one is pinned", async () => {
    const typ = "at+jwt";
    await expect(ask(await provider.sign(), { typ })).rejects.toMatchObject({ code: "token-invalid" });
    expect(await ask(await provider.sign({}, { typ }), { typ })).toMatchObject({ id: "user:42" });
  });

  test("what is no token of its form, or a huge one, is not even looked at", async () => {
    const huge = await provider.sign({ padding: "x".repeat(9_000) });
    for (const token of [huge, "a.b.c", "", "..", `${"a".repeat(100)}`, "bk_x"]) {
      expect(await ask(token)).toBeUndefined();
    }
    expect(made().authenticate(credentials())).toBeUndefined();
  });

  test("a refusal never repeats what came", async () => {
    const token = await provider.sign({ aud: "canary-audience" });
    const refusal = (await ask(token).catch((error: unknown) => error)) as Error;
    const told = inspect(refusal, { depth: 10, showHidden: true });
    for (const secret of [...token.split("."), "canary-audience"]) expect(told).not.toContain(secret);
  });
});

describe("what cannot be configured", () => {
  test("everything wrong is said at once", () => {
    const wrong = { ...base, issuer: "", audience: "", algorithms: ["none", "HS256"], prefix: "context" } as never;
    const options = { ...(wrong as object), jwks: { keys: [{ kty: "oct", k: "AAAA" }] }, clockTolerance: "1h" };
    const refused = (): unknown => jwt(options as never).open(DOOR);
    for (const word of ["issuer", "audience", "none, HS256", "runtime's own", '"oct"', "clockTolerance"]) {
      expect(refused).toThrow(word);
    }
  });

  test.each([
    ["no algorithm", { algorithms: [] }, "algorithms"],
    ["no key", { jwks: { keys: [] } }, "no key"],
    ["a private key", { jwks: { keys: [{ kty: "EC", d: "AAAA" }] } }, "private"],
    ["an address without TLS", { jwks: "http://id.example.test/jwks" }, "https"],
    ["an address that only looks near", { jwks: "http://127.0.0.1.example.test/jwks" }, "https"],
    ["no address", { jwks: "jwks" }, "not a URL"],
    ["a user in the address", { jwks: "https://me:secret@id.example.test/" }, "user"],
  ])("%s", (_name, options, words) => {
    const all: JwtOptions = { ...base, jwks: "https://id.example.test/jwks", ...options };
    expect(() => jwt(all).open(DOOR)).toThrow(words);
  });
});

import { createHash, createHmac, generateKeyPairSync, sign } from "node:crypto";
import type { BanyanError } from "@banyan/core";
import { expect, test } from "vitest";
import { hmac } from "./hmac.ts";
import type { HmacOptions } from "./hmac-options.ts";
import { signedHeaders } from "./sign-standard-fixture.ts";
import type { Scheme, Vouched } from "./signature.ts";
import { standardWebhooks } from "./standard-webhooks.ts";

const BODY = '{"id":"evt_1","kind":"paid"}';
const SECRET = `whsec_${Buffer.from("sixteen bytes or more of it").toString("base64")}`;
const OTHER = `whsec_${Buffer.from("another one that is as long").toString("base64")}`;
const AT = 1_700_000_000_000;
const STRIPE: HmacOptions = {
  header: "stripe-signature",
  part: "v1",
  time: { part: "t" },
  encoding: "hex",
  id: ({ id }) => id,
};

interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function vouched(scheme: Scheme, secrets: readonly string[], { headers, body = BODY }: Sent): Promise<unknown> {
  return scheme(secrets)({ bytes: Buffer.from(body), header: (name) => headers[name] });
}

function hex(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text).digest("hex");
}

function stripe(secret: string, more = ""): Record<string, string> {
  return { "stripe-signature": `t=1700000000,v1=${hex(secret, `1700000000.${BODY}`)}${more}` };
}

test("Standard Webhooks: the example of its specification", async () => {
  const headers = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  };
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  expect(await vouched(standardWebhooks(), [secret], { headers, body: '{"test": 2432232314}' })).toEqual({
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    at: 1_614_265_330_000,
  } satisfies Vouched);
});

test("Standard Webhooks: any of several secrets, any of several signatures, with a public key too", async () => {
  const headers = signedHeaders(SECRET, { id: "msg_1", body: BODY, at: AT });
  const yes = { id: "msg_1", at: AT };
  expect(await vouched(standardWebhooks(), [OTHER, SECRET], { headers })).toEqual(yes);
  expect(await vouched(standardWebhooks(), [OTHER], { headers })).toBeUndefined();
  const several = { ...headers, "webhook-signature": `v1,AAAA v2,x ${headers["webhook-signature"]}` };
  expect(await vouched(standardWebhooks(), [SECRET], { headers: several })).toEqual(yes);

  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const key = `whpk_${Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString("base64")}`;
  const signature = sign(null, Buffer.from(`msg_1.1700000000.${BODY}`), privateKey).toString("base64");
  const asymmetric = { ...headers, "webhook-signature": `v1a,${signature}` };
  expect(await vouched(standardWebhooks(), [SECRET, key], { headers: asymmetric })).toEqual(yes);
  expect(await vouched(standardWebhooks(), [SECRET], { headers: asymmetric })).toBeUndefined();
  for (const bad of ["AAAA", signature.replace(/^./, (one) => (one === "A" ? "B" : "A"))])
    expect(
      await vouched(standardWebhooks(), [key], { headers: { ...headers, "webhook-signature": `v1a,${bad}` } }),
    ).toBeUndefined();
});

test("HMAC in the style of t=…,v1=…, of a prefix, of a header of its own, and of another time header", async () => {
  const [secret, old] = ["the secret of today", "the secret of before"];
  expect(await vouched(hmac(STRIPE), [secret, old], { headers: stripe(old) })).toEqual({ id: "evt_1", at: AT });
  const two = { "stripe-signature": `t=1700000000,v1=${"0".repeat(64)},v1=${hex(secret, `1700000000.${BODY}`)},v0=x` };
  expect(await vouched(hmac(STRIPE), [secret], { headers: two })).toEqual({ id: "evt_1", at: AT });

  const github = hmac({ header: "x-hub-signature-256", part: "sha256", encoding: "hex" });
  const hub = { "x-hub-signature-256": `sha256=${hex(secret, BODY)}`, "x-github-delivery": "anybody can say this" };
  const hashed = (await vouched(github, [secret], { headers: hub })) as Vouched;
  expect(hashed).toEqual({ id: createHash("sha256").update(BODY).digest("hex") });

  const base = createHmac("sha256", secret).update(BODY).digest("base64");
  const shopify = hmac({ header: "x-shopify-hmac-sha256", encoding: "base64" });
  expect(await vouched(shopify, [secret], { headers: { "x-shopify-hmac-sha256": base } })).toEqual({ id: hashed.id });

  const slack = hmac({
    header: "x-slack-signature",
    part: "v0",
    encoding: "hex",
    time: { header: "x-slack-request-timestamp" },
    before: (time) => `v0:${time}:`,
    id: ({ id: event }) => event,
  });
  const signed = `v0=${hex(secret, `v0:1700000000:${BODY}`)}`;
  const headers = { "x-slack-signature": signed, "x-slack-request-timestamp": "1700000000" };
  expect(await vouched(slack, [secret], { headers })).toEqual({ id: "evt_1", at: AT });
});

test("whatever bit of what is signed, or of the signature, is another one, nobody vouches for it", async () => {
  const standard = signedHeaders(SECRET, { id: "msg_1", body: BODY, at: AT });
  const cases = [
    { scheme: standardWebhooks(), secret: SECRET, headers: standard },
    { scheme: hmac(STRIPE), secret: "a secret of some length", headers: stripe("a secret of some length") },
  ];
  let flipped = 0;
  for (const { scheme, secret, headers } of cases) {
    expect(await vouched(scheme, [secret], { headers })).toBeDefined();
    for (const [name, text] of [...Object.entries(headers), ["body", BODY] as const]) {
      for (const changed of flips(text)) {
        const sent = name === "body" ? { headers, body: changed } : { headers: { ...headers, [name]: changed } };
        const still = await vouched(scheme, [secret], sent);
        expect([name, changed, still]).toEqual([name, changed, undefined]);
        flipped++;
      }
    }
  }
  expect(flipped).toBeGreaterThan(1_000);
});

test.each([
  ["nothing", {}],
  ["no time", { "stripe-signature": "v1=abc" }],
  ["no signature", { "stripe-signature": "t=1700000000" }],
  ["another signature", { "stripe-signature": "t=1700000000,v1=" }],
  ["a time that is none", { "stripe-signature": `t=soon,v1=${hex("a secret of some length", `soon.${BODY}`)}` }],
  ["no list at all", { "stripe-signature": ",,=,==" }],
])("with %s nobody vouches for it", async (...row) => {
  expect(await vouched(hmac(STRIPE), ["a secret of some length"], { headers: row[1] })).toBeUndefined();
});

function signedFor(body: string): Sent {
  const headers = { "stripe-signature": `t=1700000000,v1=${hex("a secret of some length", `1700000000.${body}`)}` };
  return { headers, body };
}

test("what is rightly signed and has no id in its body is vouched for as that: signed, without an id", async () => {
  for (const body of ['{"kind":"paid"}', '{"id":{}}', '{"id":null}', "[1]", "no json"])
    expect(await vouched(hmac(STRIPE), ["a secret of some length"], signedFor(body))).toEqual({
      id: undefined,
      at: AT,
    });
  const deep = hmac({ ...STRIPE, id: ({ data }) => (data as { readonly id: string }).id });
  expect(await vouched(deep, ["a secret of some length"], signedFor("{}"))).toEqual({ id: undefined, at: AT });
});

test("a number in the place of an id is its exact text, however large", async () => {
  const numbers = ["7", "-7", "9007199254740992", "9007199254740993", "9007199254740994", "1.0", "1", "1e400", "0.1"];
  for (const number of numbers) {
    const yes = { id: number, at: AT };
    expect(await vouched(hmac(STRIPE), ["a secret of some length"], signedFor(`{"id":${number}}`))).toEqual(yes);
  }
  const nested = hmac({ ...STRIPE, id: ({ of }) => `order-${String((of as { readonly n: unknown }).n)}` });
  const large = signedFor('{"of":{"n":12345678901234567891}}');
  expect(await vouched(nested, ["a secret of some length"], large)).toEqual({
    id: "order-12345678901234567891",
    at: AT,
  });
  // computed, so that its exact text is gone
  const added = hmac({ ...STRIPE, id: ({ id }) => Number(id) + 1 });
  const lost = await vouched(added, ["a secret of some length"], signedFor('{"id":9007199254740993}'));
  expect(lost).toEqual({ id: undefined, at: AT });
});

test("Standard Webhooks: a public key without its prefix is not taken for a secret", () => {
  const { publicKey } = generateKeyPairSync("ed25519");
  const text = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString("base64");
  for (const secret of [text, text.replace(/=+$/, "")])
    expect(() => standardWebhooks()([secret])).toThrow(expect.objectContaining({ code: "config-invalid" }));
});

test("Standard Webhooks: an odd id, as one with a dot that might be the time of another, is vouched for as none", async () => {
  for (const id of ["msg.1700000000", "", "msg 1", "msg_1,msg_2", "msg_\u00fc", "msg_\u0000"]) {
    const headers = signedHeaders(SECRET, { id, body: BODY, at: AT });
    expect(await vouched(standardWebhooks(), [SECRET], { headers })).toEqual({ id: undefined, at: AT });
  }
  for (const id of ["msg-1", "a/b", "~!+-/", "x".repeat(255)]) {
    const headers = signedHeaders(SECRET, { id, body: BODY, at: AT });
    expect(await vouched(standardWebhooks(), [SECRET], { headers })).toEqual({ id, at: AT });
  }
});

test("a secret that is none is refused when it is given, without being said", () => {
  for (const secret of ["whsec_short", "whpk_c2hvcnQ=", "not base64 at all!", "", "whsec_"]) {
    const open = (): unknown => standardWebhooks()([secret]);
    expect(open).toThrow(expect.objectContaining({ code: "config-invalid" }));
    expect(open).not.toThrow(secret === "" ? "whsec_nothing" : secret);
  }
});

test("with HMAC, a public key is refused as a secret, in every way that public keys are written; secrets of senders are not", () => {
  const pairs = [
    generateKeyPairSync("ed25519"),
    generateKeyPairSync("rsa", { modulusLength: 2048 }),
    ...["P-256", "P-384", "P-521"].map((namedCurve) => generateKeyPairSync("ec", { namedCurve })),
  ];
  const keys = pairs.flatMap(({ publicKey }) => [
    publicKey.export({ type: "spki", format: "pem" }).toString(),
    publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    JSON.stringify(publicKey.export({ format: "jwk" })),
  ]);
  const others = ["whpk_RWQyNTUxOSBpcyAzMiBieXRlcyBhcyBpdCBpcw==", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB3x"];
  for (const secret of [...keys, ...others]) {
    const open = (): unknown => hmac(STRIPE)(["a secret of some length", secret]);
    expect(open).toThrow(/`hmac\(…\)` cannot .*public key/);
    expect(open).not.toThrow(secret);
  }
  for (const secret of [SECRET, "MIIb0aGVyIHNlY3JldHMgbWF5", "shpss_0123456789abcdef", "ssh, a secret of ours"])
    expect(hmac(STRIPE)([secret])).toBeTypeOf("function");
});

test("all mistakes in the options of hmac are said at once when it is opened, a mistyped name with the one that was meant", () => {
  const wrong = { header: "x signature", part: "a=b", encodin: "hex", encoding: "base32", id: "id", before: () => 1 };
  const { code, message } = refusalOf(() => hmac(wrong as never)(["a secret of some length"]));
  expect(code).toBe("config-invalid");
  for (const part of ['"x signature"', "`part`", '"encodin"', 'mean "encoding"', '"base32"', "`id`", "`before`"])
    expect(message).toContain(part);
});

test.each<[string, unknown]>([
  ["no header", { header: undefined }],
  ["an empty part", { part: "" }],
  ["no encoding", { encoding: undefined }],
  ["a time without its name", { time: {} }],
  ["a time that is text", { time: "t" }],
  ["a time that is null", { time: null }],
  ["a time of an empty part", { time: { part: "" } }],
  ["a time of two places", { time: { part: "t", header: "x-time" } }],
  ["a mistyped time", { time: { heder: "x-time" } }],
  ["the time of a part, where the header is no list", { part: undefined }],
  ["the time in the place of the signature", { time: { part: "v1" } }],
  ["the time of a header that cannot be", { time: { header: "x time" } }],
  ["the time of the header of the signature", { time: { header: "Stripe-Signature" } }],
  ["a `before` that leaves the time out, so that it would not be signed", { before: () => "v0:" }],
  ["a `before` that throws", { before: (time: { at: { of: string } }) => time.at.of }],
])("hmac with %s is refused when it is opened", (...row) => {
  const options = { ...STRIPE, ...(row[1] as object) } as HmacOptions;
  expect(() => hmac(options)(["a secret of some length"])).toThrow(expect.objectContaining({ code: "config-invalid" }));
});

test.each<[unknown]>([[undefined], [null], ["stripe-signature"], [[]]])(
  "hmac(%j) is refused when it is opened",
  (...row) => {
    const open = (): unknown => hmac(row[0] as HmacOptions)(["a secret of some length"]);
    expect(open).toThrow(expect.objectContaining({ code: "config-invalid" }));
  },
);

function refusalOf(open: () => unknown): BanyanError {
  try {
    open();
  } catch (error) {
    return error as BanyanError;
  }
  throw new Error("it was not refused");
}

/** The text with one bit of one character another one, in every way that leaves it printable. */
function flips(text: string): string[] {
  return text.split("").flatMap((one, at) =>
    [1, 2, 4, 8, 16, 32, 64]
      .map((bit) => String.fromCharCode(one.charCodeAt(0) ^ bit))
      .filter((other) => other >= " " && other <= "~")
      .map((other) => text.slice(0, at) + other + text.slice(at + 1)),
  );
}

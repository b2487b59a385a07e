import { createHmac } from "node:crypto";
import { checkRegistration, manifestOf } from "@banyan/core";
import {
  hmac,
  signed,
  sqlite,
  standardWebhooks,
  type Application,
  type RouteBody,
  type Scheme,
  type Signed,
} from "banyan";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signedHeaders } from "../../packages/node/src/raw/sign-standard-fixture.ts";
import { hooksApp } from "./hooks.ts";
import { Book } from "./ledger/contract.ts";
import { HOOK_SECRET, ledgerApp, type LedgerSettings } from "./ledger/index.ts";
import { ServedApp } from "./served-app.ts";

const OLD = `whsec_${Buffer.from("the secret of the year before").toString("base64")}`;
const lines: string[] = [];
let app: ServedApp;

beforeAll(async () => {
  const settings = { oldHookSecret: OLD };
  app = await new ServedApp().start(hooksApp(), { settings, write: (line) => void lines.push(line) });
});
afterAll(() => app[Symbol.asyncDispose]());

interface Sending {
  readonly secret?: string;
  readonly at?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

async function send(id: string, body: string, { secret = HOOK_SECRET, at, headers }: Sending = {}): Promise<unknown[]> {
  const own = signedHeaders(secret, { id, body, ...(at === undefined ? {} : { at }) });
  const answer = await app.fetch("/hooks/provider", { method: "POST", body, headers: { ...own, ...headers } });
  const said = (await answer.json()) as { readonly code?: string };
  return [answer.status, said.code ?? said];
}

async function bookings(): Promise<readonly { readonly what: string; readonly by: string }[]> {
  return ((await (await app.fetch("/bookings")).json()) as { readonly bookings: [] }).bookings;
}

test("a delivery is executed once, however often it comes, each attempt signed anew", async () => {
  const body = '{"what":"tea", "cents":5}';
  const first = await send("msg_once", body);
  expect(first).toEqual([200, { booking: expect.any(Number) as number }]);
  expect(await send("msg_once", body)).toEqual(first);
  expect(await send("msg_once", body, { at: Date.now() - 120_000 })).toEqual(first);
  expect(await send("msg_once", body, { secret: OLD })).toEqual(first);
  const all = await Promise.all(Array.from({ length: 10 }, () => send("msg_once", body)));
  expect(all).toEqual(Array.from({ length: 10 }, () => first));
  expect((await bookings()).filter(({ what }) => what === "tea")).toEqual([
    { what: "tea", cents: 5, by: "webhook:provider" },
  ]);
  // ten at once that nobody knows yet
  const fresh = await Promise.all(Array.from({ length: 10 }, () => send("msg_fresh", '{"what":"soup","cents":1}')));
  expect(new Set(fresh.map((one) => JSON.stringify(one))).size).toBe(1);
  expect((await bookings()).filter(({ what }) => what === "soup")).toHaveLength(1);
});

test("another delivery is another one, and one id with another body is told", async () => {
  expect(await send("msg_a", '{"what":"a","cents":1}')).not.toEqual(await send("msg_b", '{"what":"a","cents":1}'));
  expect(await send("msg_a", '{"what":"b","cents":1}')).toEqual([422, "idempotency-key-reused"]);
});

test("what a repetition may mend is not remembered, a refusal is", async () => {
  const failing = '{"what":"failing","cents":1}';
  expect(await send("msg_fails", failing)).toEqual([500, "handler-failed"]);
  expect(await send("msg_fails", failing)).toEqual([500, "handler-failed"]);
  expect(lines.join("")).not.toContain(HOOK_SECRET);
  expect(await send("msg_refused", '{"what":"refused","cents":1}')).toEqual([409, "not-this"]);
  expect(await send("msg_refused", '{"what":"refused","cents":1}')).toEqual([409, "not-this"]);
});

test.each([
  [
    "another secret",
    { secret: `whsec_${Buffer.from("sixteen bytes of somebody").toString("base64")}` },
    401,
    "signature-invalid",
  ],
  ["an attempt of long ago", { at: Date.now() - 301_000 }, 401, "signature-expired"],
  ["one that is yet to come", { at: Date.now() + 400_000 }, 401, "signature-expired"],
  ["no signature", { headers: { "webhook-signature": "" } }, 401, "signature-invalid"],
  [
    "another time than was signed",
    { headers: { "webhook-timestamp": String(Math.floor(Date.now() / 1_000) - 7) } },
    401,
    "signature-invalid",
  ],
  ["another id than was signed", { headers: { "webhook-id": "msg_other" } }, 401, "signature-invalid"],
])("with %s nothing is executed", async (...row) => {
  const [what, sending, status, code] = row;
  const before = await bookings();
  expect(await send(`msg ${what}`, '{"what":"never","cents":1}', sending)).toEqual([status, code]);
  expect(await bookings()).toEqual(before);
});

test("with the development token, which is everybody's but no signature, nothing is executed", async () => {
  const body = '{"what":"never","cents":1}';
  const headers = { authorization: `Bearer ${app.served.token}` };
  const answer = await app.fetch("/hooks/provider", { method: "POST", body, headers });
  expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, 'Signature realm="banyan"']);
});

test("a body that is too large is 413 before it is verified, one that is no JSON is the route's to refuse", async () => {
  const large = JSON.stringify({ what: "x".repeat(5_000), cents: 1 });
  expect(await send("msg_large", large)).toEqual([413, "body-too-large"]);
  const bytes = '{"what":"tea"';
  expect((await send("msg_bytes", bytes))[0]).toBe(500);
});

test("several executions of one command for one delivery are told apart by a key; the id is the one that is signed", async () => {
  const deliver = async (body: string): Promise<unknown> => {
    const time = Math.floor(Date.now() / 1_000);
    const digest = createHmac("sha256", "a secret of some length").update(`${time}.${body}`).digest("hex");
    const headers = { "stripe-signature": `t=${time},v1=${digest}`, "idempotency-key": "chosen by anybody" };
    return (await app.fetch("/hooks/lines", { method: "POST", body, headers })).json();
  };
  const body = JSON.stringify({ id: "evt_9", lines: ["x", "y", "x"] });
  const first = await deliver(body);
  expect(first).toMatchObject({ delivery: "evt_9", by: "webhook:stripe-like" });
  expect(await deliver(body)).toEqual(first);
  expect((await bookings()).filter(({ what }) => ["x", "y"].includes(what))).toHaveLength(3);
});

test("what is rightly signed and has no usable id is told so, and its sender's address is not held to account", async () => {
  await using own = await new ServedApp().start({ ...hooksApp(), http: { rate: { perSecond: 1, burst: 30 } } });
  const body = '{"what":"odd","cents":1}';
  const deliver = async (id: string): Promise<unknown> => {
    const headers = signedHeaders(HOOK_SECRET, { id, body });
    const answer = await own.fetch("/hooks/provider", { method: "POST", body, headers });
    const { code, detail, remedy = "" } = (await answer.json()) as { code?: string; detail?: string; remedy?: string };
    return [answer.status, code, detail, remedy.includes("255")];
  };
  const words = "The delivery is rightly signed and has no id, or one that its scheme does not take.";
  const odd = ["", "msg.1", "msg 1", "", "", "", "", ""];
  for (const id of odd) expect(await deliver(id)).toEqual([400, "delivery-id-invalid", words, true]);
  expect((await deliver("x".repeat(256))) as unknown[]).toEqual([400, "delivery-id-invalid", expect.any(String), true]);
  expect(((await deliver("msg_good")) as unknown[])[0]).toBe(200);
  expect(await (await own.fetch("/bookings")).json()).toMatchObject({ bookings: [{ what: "odd" }] });
});

test("an address whose signatures are refused is not verified for ever", async () => {
  await using own = await new ServedApp().start({ ...hooksApp(), http: { rate: { perSecond: 1, burst: 30 } } });
  const ask = async (): Promise<number> => (await own.fetch("/hooks/provider", { method: "POST", body: "{}" })).status;
  const statuses = [await ask(), await ask(), await ask(), await ask()];
  expect(statuses).toEqual([401, 401, 401, 429]);
});

test("a sender for every tenant says with each call for which it is, one for a single tenant cannot", async () => {
  const ledger = ledgerApp();
  const scheme = standardWebhooks();
  const secrets = (): string[] => [HOOK_SECRET];
  const called: RouteBody<LedgerSettings, {}> = async (request, { call, tenant }) => {
    const input = { what: "rent", cents: 1 };
    return Response.json([tenant, await call(Book, input, { tenant: await request.text() })]);
  };
  const roles = ["bookkeeper"];
  ledger.route("POST /every", { allow: signed("every", { scheme, secrets, roles, tenants: "*" }) }, called);
  ledger.route("POST /acme", { allow: signed("acme", { scheme, secrets, roles, tenants: ["acme"] }) }, called);
  await using own = await new ServedApp().start(ledger);
  const deliver = async (path: string, tenant: string): Promise<unknown> => {
    const headers = { ...signedHeaders(HOOK_SECRET, { id: "msg_1", body: tenant }), "x-banyan-tenant": "globex" };
    const answer = await own.fetch(path, { method: "POST", body: tenant, headers });
    return [answer.status, ((await answer.json()) as { code?: string }).code];
  };
  expect(await deliver("/every", "acme")).toEqual([200, undefined]);
  // the same id for another tenant is another delivery
  expect(await deliver("/every", "globex")).toEqual([200, undefined]);
  expect(await deliver("/acme", "acme")).toEqual([200, undefined]);
  expect(await deliver("/acme", "globex")).toEqual([403, "tenant-foreign"]);
  expect(await (await own.fetch("/bookings")).json()).toMatchObject({ bookings: [{}, {}, {}] });
});

const throwing: Scheme = ([secret]) => {
  throw new Error(`it was given ${secret}`);
};

/** Routes that book under the id of the delivery, what their body says. */
function booking(routes: Readonly<Record<string, Signed<LedgerSettings>>>): Application<LedgerSettings> {
  const ledger = ledgerApp();
  for (const [http, allow] of Object.entries(routes))
    ledger.route(http, { allow }, async (request, { call }) => {
      const { what, cents } = (await request.json()) as { readonly what: string; readonly cents: number };
      return Response.json(await call(Book, { what, cents }));
    });
  return ledger;
}

async function sent(own: ServedApp, path: string, [secret, id, body]: readonly string[]): Promise<unknown> {
  const headers = signedHeaders(secret ?? "", { id: id ?? "", body: body ?? "" });
  const answer = await own.fetch(path, { method: "POST", body: body ?? "", headers });
  const said = (await answer.json()) as { readonly code?: string };
  return [answer.status, said.code ?? said];
}

test("two senders have no name in common, so that none takes the ids of the other", async () => {
  const sender = (by: string, secret: string): Signed<LedgerSettings> =>
    signed(by, { scheme: standardWebhooks(), secrets: () => [secret], roles: ["bookkeeper"] });
  const one = booking({ "POST /a": sender("same", HOOK_SECRET), "POST /b": sender("same", OLD) });
  await expect(new ServedApp().start(one)).rejects.toThrow(/signer-duplicate.*POST \/b and POST \/a/s);

  await using own = await new ServedApp().start(
    booking({ "POST /a": sender("a", HOOK_SECRET), "POST /b": sender("b", OLD) }),
  );
  const booked = [200, { booking: expect.any(Number) as number }];
  expect(await sent(own, "/b", [OLD, "msg_1", '{"what":"theirs","cents":1}'])).toEqual(booked);
  expect(await sent(own, "/a", [HOOK_SECRET, "msg_1", '{"what":"ours","cents":2}'])).toEqual(booked);
  expect(await sent(own, "/a", [OLD, "msg_2", '{"what":"forged","cents":3}'])).toEqual([401, "signature-invalid"]);
});

test("a delivery that somebody sends on to another route of its sender is the same delivery", async () => {
  const sender = signed("one", { scheme: standardWebhooks(), secrets: () => [HOOK_SECRET], roles: ["bookkeeper"] });
  await using own = await new ServedApp().start(booking({ "POST /a": sender, "POST /b": sender }));
  const delivery = [HOOK_SECRET, "msg_1", '{"what":"once","cents":1}'];
  const first = await sent(own, "/a", delivery);
  expect(first).toEqual([200, { booking: expect.any(Number) as number }]);
  expect(await sent(own, "/b", delivery)).toEqual(first);
  expect(await sent(own, "/b", [HOOK_SECRET, "msg_1", '{"what":"else","cents":1}'])).toEqual([
    422,
    "idempotency-key-reused",
  ]);
  expect(await (await own.fetch("/bookings")).json()).toMatchObject({ bookings: [{ what: "once" }] });
});

test("a scheme of one's own: what it vouches for counts, and what it throws is no yes", async () => {
  const ledger = ledgerApp();
  const scheme: Scheme = ([secret]) => {
    return async ({ bytes, header }) => {
      const given = header("authorization");
      if (given === "broken") throw new Error(`the secret is ${secret}`);
      const body = Buffer.from(bytes).toString();
      return given === secret ? { id: body, at: body === "old" ? 1 : Date.now() } : undefined;
    };
  };
  const secrets = (): string[] => ["a secret of some length"];
  ledger.route("POST /own", { allow: signed("own", { scheme, secrets }) }, async (request, { delivery }) => {
    return new Response(`${delivery} ${await request.text()}`);
  });
  await using own = await new ServedApp().start(ledger);
  const ask = async (body: string, authorization: string): Promise<unknown> => {
    const answer = await own.fetch("/own", { method: "POST", body, headers: { authorization } });
    const text = await answer.text();
    return [
      answer.status,
      answer.ok ? text : (JSON.parse(text) as { code: string }).code,
      text.includes("some length"),
    ];
  };
  expect(await ask("new", "a secret of some length")).toEqual([200, "new new", false]);
  expect(await ask("old", "a secret of some length")).toEqual([401, "signature-expired", false]);
  expect(await ask("new", "another one of some length")).toEqual([401, "signature-invalid", false]);
  expect(await ask("new", "broken")).toEqual([500, "handler-failed", false]);
  expect(await ask("x".repeat(300), "a secret of some length")).toEqual([400, "delivery-id-invalid", false]);
});

test("secrets that are none, and all else that is wrong, are said when the application starts; graph and check need none", async () => {
  const wrong: Application = ledgerApp();
  const scheme = standardWebhooks();
  const body = (): Response => new Response();
  wrong.route("POST /a", { allow: signed("a", { scheme, secrets: () => [] }) }, body);
  wrong.route("POST /b", { allow: signed("b", { scheme, secrets: () => ["too short"], tolerance: "2h" }) }, body);
  wrong.route("POST /c", { allow: signed("c", { scheme, secrets: () => ["no base64, and a secret"] }) }, body);
  const odd = hmac({ header: "x-signature", encoding: "base32" as "hex" });
  const secrets = (): string[] => ["a secret of some length"];
  wrong.route("POST /d", { allow: signed("d", { scheme: odd, secrets }) }, body);
  wrong.route("POST /e", { allow: signed("e", { scheme: throwing, secrets }) }, body);
  const started = new ServedApp().start(wrong);
  await expect(started).rejects.toMatchObject({ code: "config-invalid" });
  const { message } = (await started.catch((error: unknown) => error)) as Error;
  const places = ["POST /a", "POST /b", "POST /c", "POST /d", "POST /e", "webhooks.test.ts"];
  const words = ["no secret", "fewer than 16", "`tolerance`", '"base32"', "`scheme` throws"];
  for (const part of [...places, ...words]) expect(message).toContain(part);
  expect(message).not.toContain("too short");
  expect(message).not.toMatch(/and a secret|a secret of some length/);
  expect(checkRegistration(wrong, sqlite({ memory: true }).features)).toEqual([]);
  expect(manifestOf(wrong).routes.map(({ allow }) => allow)).toEqual(
    ["a", "b", "c", "d", "e"].map((by) => `signed: ${by}`),
  );
});

import { createHash, generateKeyPairSync, sign as signBytes } from "node:crypto";
import { apiKeys, jwt, sessions } from "banyan";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ServedNotes } from "./served-notes.ts";

const provider = generateKeyPairSync("ec", { namedCurve: "P-256" });
const KEY = `bk_billing_${"canary-key".padEnd(43, "A")}`;
const SECRET = "canary-session-secret-0123456789abcdef";
const PAGE = "https://app.example.test";

const browsers = sessions({ secrets: [SECRET], prefix: "browser" });
const auth = [
  jwt({
    issuer: "https://id.example.test",
    audience: "notes",
    algorithms: ["ES256"],
    jwks: { keys: [provider.publicKey.export({ format: "jwk" }) as { kty: string }] },
    roles: ({ groups }) => (groups ?? []) as string[],
  }),
  apiKeys({ keys: [{ id: "billing", hash: createHash("sha256").update(KEY).digest("hex"), roles: ["editor"] }] }),
  browsers,
];

/** A token of the provider's, made by hand: the application's library is not asked whether it agrees with itself. */
function token(claims: Record<string, unknown> = {}): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1_000) + 300;
  const usual = { iss: "https://id.example.test", aud: "notes", sub: "canary-sub", exp };
  const signed = `${part({ alg: "ES256" })}.${part({ ...usual, ...claims })}`;
  const key = { key: provider.privateKey, dsaEncoding: "ieee-p1363" } as const;
  return `${signed}.${signBytes("sha256", Buffer.from(signed), key).toString("base64url")}`;
}

const cookieOf = (subject: string): string => browsers.begin({ subject, roles: ["editor"] }).split(";")[0] as string;
const own = (): string => `http://127.0.0.1:${notes.served.port}`;
const expired = (): string => token({ exp: 1 });

let notes: ServedNotes;
beforeAll(async () => {
  const http = { cors: { origins: [PAGE], credentials: true, headers: ["x-order-token"] }, tls: "in-front" } as const;
  notes = await new ServedNotes().start({}, { auth, http });
});
afterAll(() => notes[Symbol.asyncDispose]());

async function whoever(headers: Record<string, string>): Promise<unknown> {
  const { status, body } = await notes.ask("GET", "/reflection", { headers });
  return status === 200 ? body["principal"] : [status, body["code"]];
}

test("who asks: a user, a machine, a browser, a guest", async () => {
  const user = await whoever({ authorization: `Bearer ${token({ groups: ["editor", "context"] })}` });
  expect(user).toEqual({ id: "user:canary-sub", roles: ["editor"] });
  expect(await whoever({ authorization: `Bearer ${KEY}` })).toEqual({ id: "key:billing", roles: ["editor"] });
  expect(await whoever({ cookie: cookieOf("ada") })).toEqual({ id: "browser:ada", roles: ["editor"] });
  expect(await whoever({})).toEqual({ id: "guest", roles: [] });
});

test("nobody becomes a guest by mistake, nor somebody by a second way", async () => {
  const cookie = cookieOf("ada");
  for (const authorization of [`Bearer ${expired()}`, `Bearer ${KEY}x`, "Bearer", "Basic YTpi"]) {
    expect(await whoever({ authorization })).toEqual([401, "token-invalid"]);
    expect(await whoever({ authorization, cookie })).toEqual([401, "token-invalid"]);
  }
});

test("a session that is none is taken away", async () => {
  const { status, headers, body } = await notes.ask("GET", "/reflection", { headers: { cookie: "banyan-session=x" } });
  expect([status, body["code"]]).toEqual([401, "session-invalid"]);
  expect(headers["set-cookie"]).toEqual(browsers.end());
});

test("a browser changes something only from its own page, or one that was named", async () => {
  const cookie = cookieOf("ada");
  const put = async (headers: Record<string, string>): Promise<unknown> => {
    const { status, body } = await notes.ask("PUT", "/notes/x", {
      json: { text: "x" },
      headers: { cookie, ...headers },
    });
    return body["code"] ?? status;
  };
  expect(await put({ origin: own(), "sec-fetch-site": "same-origin" })).toBe(204);
  expect(await put({ origin: PAGE })).toBe(204);
  for (const headers of [
    {},
    { origin: "https://evil.example.test" },
    { origin: own(), "sec-fetch-site": "cross-site" },
  ])
    expect(await put(headers as Record<string, string>)).toBe("origin-refused");
  const batch = await notes.ask("POST", "/_banyan/commands", { json: { commands: [] }, headers: { cookie } });
  expect(batch.body["code"]).toBe("origin-refused");
});

test("every answer says how it may be used", async () => {
  const answers = [
    await notes.ask("GET", "/reflection"),
    await notes.ask("GET", "/nowhere"),
    await notes.ask("GET", "/_banyan/health/live"),
    await notes.ask("POST", "/failures/throw"),
    await notes.ask("POST", "/_banyan/commands", { json: { commands: [] } }),
    await notes.ask("GET", "/reflection", { token: "wrong" }),
    await notes.ask("OPTIONS", "/reflection", { headers: preflight(PAGE) }),
  ];
  for (const { headers } of answers) {
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
      "strict-transport-security": "max-age=31536000",
      "x-content-type-options": "nosniff",
    });
  }
});

const preflight = (origin: string): Record<string, string> => ({
  origin,
  "access-control-request-method": "PUT",
  "access-control-request-headers": "content-type",
});

describe("pages of other origins", () => {
  test("that are named may ask, and read the answer", async () => {
    const before = await notes.ask("OPTIONS", "/notes/x", { headers: preflight(PAGE) });
    expect(before.status).toBe(204);
    expect(before.headers).toMatchObject({
      "access-control-allow-origin": PAGE,
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "GET, HEAD, PUT, DELETE",
      "access-control-allow-headers":
        "authorization, content-type, idempotency-key, traceparent, x-correlation-id, x-banyan-tenant, x-order-token",
      vary: "origin",
    });
    const { headers } = await notes.ask("GET", "/reflection", { headers: { origin: PAGE } });
    expect(headers).toMatchObject({ "access-control-allow-origin": PAGE, vary: "origin" });
  });

  test.each(["https://evil.example.test", `${PAGE}.evil.test`, "http://app.example.test", `${PAGE}:443`, "null", "*"])(
    "%s is not",
    async (origin) => {
      for (const method of ["OPTIONS", "GET"]) {
        const { status, headers } = await notes.ask(method, "/notes/count", { headers: preflight(origin) });
        expect(status).toBe(method === "GET" ? 200 : 405);
        expect(Object.keys(headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
        expect(headers["vary"]).toBe("origin");
      }
    },
  );

  test("without a word about them nobody is, and no answer speaks of it", async () => {
    await using plain = await new ServedNotes().start();
    for (const method of ["OPTIONS", "GET"]) {
      const { headers } = await plain.ask(method, "/notes/count", { headers: preflight(PAGE) });
      expect(Object.keys(headers).filter((name) => /^access-control-|^vary$|^strict-/.test(name))).toEqual([]);
    }
  });

  test.each(["*", "null", "https://app.example.test/", "app.example.test", "https://*.example.test", "file://x"])(
    "%s cannot be named",
    async (origin) => {
      await using refused = new ServedNotes();
      await expect(refused.start({}, { http: { cors: { origins: [origin] } } })).rejects.toThrow("http.cors.origins");
    },
  );
});

test("all that is wrong at the door is told together: of `http`, of who may ask, of raw routes", async () => {
  const http = { cors: { origins: ["*"] }, rate: { burst: -1 }, trustProxy: { addresses: ["10.0.0.0/33"] } };
  const keys = apiKeys({ keys: [{ id: "one", hash: "none", roles: [] }] });
  const started = new ServedNotes().start({}, { auth: [keys], http });
  const error = (await started.catch((thrown: unknown) => thrown)) as { code: string; message: string; remedy: string };
  expect(error).toMatchObject({ code: "config-invalid" });
  for (const part of ["http.cors.origins", "http.rate.burst", "10.0.0.0/33", "apiKeys"])
    expect(error.message).toContain(part);
  expect(error.remedy).toContain("how-to");
});

describe("a proxy that nobody named", () => {
  const told = (app: ServedNotes): number => app.lines.filter((line) => line.includes("trustProxy")).length;

  test.each(["x-forwarded-for", "forwarded"])("is told once, when %s comes", async (name) => {
    await using app = await new ServedNotes().start({});
    expect((await app.ask("GET", "/reflection")).status).toBe(200);
    expect(told(app)).toBe(0);
    for (let at = 0; at < 3; at++) await app.ask("GET", "/reflection", { headers: { [name]: "203.0.113.9" } });
    expect(told(app)).toBe(1);
  });

  test("is not, where proxies are named", async () => {
    await using app = await new ServedNotes().start({}, { http: { trustProxy: { hops: 1 } } });
    await app.ask("GET", "/reflection", { headers: { "x-forwarded-for": "203.0.113.9" } });
    expect(told(app)).toBe(0);
  });
});

describe("who asks too much", () => {
  const http = { rate: { perSecond: 1, burst: 5, concurrent: 2 }, trustProxy: { hops: 1 } };
  const from = (address: string): Record<string, string> => ({ "x-forwarded-for": address });

  test("is told when to ask again, and others are not held up", async () => {
    await using limited = await new ServedNotes().start({}, { auth, http });
    const ask = (headers: Record<string, string>) => limited.ask("GET", "/reflection", { headers });
    const statuses: number[] = [];
    for (let at = 0; at < 20; at++) statuses.push((await ask(from("203.0.113.1"))).status);
    expect(statuses.slice(0, 5)).toEqual([200, 200, 200, 200, 200]);
    expect(statuses).toContain(429);
    const refused = await ask(from("203.0.113.1"));
    expect(refused).toMatchObject({ status: 429, body: { code: "rate-limited" } });
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    expect((await ask(from("203.0.113.2"))).status).toBe(200);
    expect((await ask({ ...from("203.0.113.1"), authorization: `Bearer ${KEY}` })).status).toBe(200);
    for (let at = 0; at < 20; at++) {
      const { status } = await limited.ask("GET", "/reflection", { token: limited.served.token ?? "" });
      expect(status).toBe(200);
    }
  });

  test("counts each command of a batch", async () => {
    await using limited = await new ServedNotes().start({}, { auth, http });
    const command = { operation: "notes.add-note", input: { text: "x" } };
    const ask = () => limited.ask("POST", "/_banyan/commands", { json: { commands: Array(60).fill(command) } });
    expect((await ask()).status).toBe(200);
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(50);
  });

  test("may have so many requests without an answer, and more once they have one", async () => {
    await using limited = await new ServedNotes().start({}, { http: { rate: { concurrent: 2 } } });
    const held = ["a", "b"].map((id) => limited.ask("POST", `/notes/${id}/hold`, { json: {} }));
    await Promise.all(["a", "b"].map((id) => limited.reached(id)));
    expect((await limited.ask("GET", "/reflection")).status).toBe(429);
    expect((await limited.ask("GET", "/_banyan/health/live")).status).toBe(200);
    for (const id of ["a", "b"]) limited.release(id);
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([204, 204]);
    expect((await limited.ask("GET", "/reflection")).status).toBe(200);
  });

  test("and whose tokens are refused is not judged any more", async () => {
    await using limited = await new ServedNotes().start({}, { auth, http });
    const ask = (authorization: string, address: string) =>
      limited.ask("GET", "/reflection", { headers: { ...from(address), authorization } });
    const codes: unknown[] = [];
    for (let at = 0; at < 4; at++) codes.push((await ask(`Bearer ${expired()}`, "203.0.113.1")).body["code"]);
    expect(codes).toEqual(["token-invalid", "rate-limited", "rate-limited", "rate-limited"]);
    expect((await ask(`Bearer ${KEY}`, "203.0.113.2")).status).toBe(200);
  });
});

describe("what all callers together may take", () => {
  const overloaded = { status: 503, body: { code: "overloaded" } };

  test("is so many requests, whoever asks; health is told all the same", async () => {
    await using full = await new ServedNotes().start({ limits: { requests: 2 } });
    const token = String(full.served.token);
    const waiting = [full.ask("POST", "/notes/a/hold", { json: {} }), full.ask("POST", "/notes/b/hold", { json: {} })];
    await Promise.all([full.reached("a"), full.reached("b")]);
    const refused = await full.ask("GET", "/reflection", { token });
    expect(refused).toMatchObject(overloaded);
    expect(refused.headers["retry-after"]).toBe("1");
    expect((await full.ask("GET", "/_banyan/health/ready")).status).toBe(200);
    full.release("a");
    expect((await waiting[0]!).status).toBe(204);
    expect((await full.ask("GET", "/reflection", { token })).status).toBe(200);
    full.release("b");
    await waiting[1];
  });

  test("is so much memory for bodies, which is free again with the answer", async () => {
    await using full = await new ServedNotes().start({ limits: { bodiesBytes: 1_000 } });
    const headers = { "content-type": "application/json" };
    const body = (bytes: number): string => "{}".padEnd(bytes);
    const first = full.ask("POST", "/notes/a/hold", { raw: body(600), headers });
    await full.reached("a");
    const second = { raw: body(600), headers, token: String(full.served.token) };
    expect(await full.ask("POST", "/failures/none", second)).toMatchObject(overloaded);
    expect((await full.ask("POST", "/failures/none", { ...second, raw: body(400) })).status).toBe(204);
    full.release("a");
    expect((await first).status).toBe(204);
    expect((await full.ask("POST", "/failures/none", second)).status).toBe(204);
  });
});

test("no secret is in an answer, a log or an error", async () => {
  await using watched = await new ServedNotes().start({}, { auth });
  const cookie = cookieOf("ada");
  const good = token();
  const came = [
    { authorization: `Bearer ${good}` },
    { authorization: `Bearer ${good}x` },
    { authorization: `Bearer ${expired()}` },
    { authorization: `Bearer ${KEY}` },
    { authorization: `Bearer ${KEY.slice(0, -1)}B` },
    { authorization: `Basic ${KEY}` },
    { authorization: `Bearer ${"canary-huge".repeat(900)}` },
    { cookie },
    { cookie: `${cookie}x` },
    { cookie, origin: "https://evil.example.test" },
    { authorization: `Bearer ${watched.served.token}` },
  ];
  const answers: string[] = [];
  for (const headers of came) {
    for (const [method, path] of [
      ["GET", "/reflection"],
      ["GET", "/nowhere"],
      ["POST", "/failures/throw"],
      ["PUT", "/notes/x"],
    ] as const) {
      const { text, headers: answered } = await watched.ask(method, path, { headers });
      answers.push(text, JSON.stringify(answered));
    }
  }
  const secrets = [
    ...good.split(".").filter((part) => part.length > 30),
    ...(cookie.split("=")[1] ?? "").split("."),
    KEY.slice("bk_billing_".length, -2),
    "canary-huge",
    SECRET,
    String(watched.served.token),
  ];
  const told = [...answers, ...watched.lines].join("\n");
  expect(watched.lines.length).toBeGreaterThan(0);
  for (const secret of secrets) expect(told).not.toContain(secret);
});

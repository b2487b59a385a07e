import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { credentials, NOW } from "./provider-fixture.ts";
import { CookieSessions, sessions, type Session, type SessionsOptions } from "./sessions.ts";

const SECRET = "canary-secret-0123456789abcdefghijk";
const door = { loopback: false, origins: ["https://app.example.test"], settings: {}, warn: () => {} };
const ada = { subject: "ada", roles: ["ops"], tenants: ["acme"] };
const principal = { id: "user:ada", roles: ["ops"], tenants: ["acme"] };

function opened(options: Partial<SessionsOptions> = {}, loopback = false) {
  const clock = { now: NOW };
  const made = new CookieSessions({ secrets: [SECRET], ...options }, () => clock.now);
  made.open({ ...door, loopback });
  return { made, clock };
}

/** What a browser sends back. */
const pair = (setCookie: string): string => setCookie.slice(0, setCookie.indexOf(";"));

async function code(asked: unknown): Promise<unknown> {
  return (async () => asked)().then(
    (value) => value,
    (error: unknown) => (error as { code: string }).code,
  );
}

describe("a cookie", () => {
  test("is of this host alone, out of the reach of scripts, and ends by itself", () => {
    const { made } = opened();
    expect(made.begin(ada)).toMatch(
      /^__Host-banyan-session=[\w-]+\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=28800$/,
    );
    expect(made.begin(ada)).not.toBe(made.begin(ada));
    expect(made.end()).toEqual([
      "__Host-banyan-session=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0",
      "banyan-session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0",
    ]);
  });

  test("makes a browser somebody until its time has passed", async () => {
    const { made, clock } = opened({ lifetime: "1m" });
    const cookie = `theme=dark; ${pair(made.begin(ada))}; a=b`;
    expect(await made.authenticate(credentials({ cookie }))).toEqual(principal);
    clock.now += 59_999;
    expect(await made.authenticate(credentials({ cookie }))).toEqual(principal);
    clock.now += 1;
    expect(await code(made.authenticate(credentials({ cookie })))).toBe("session-invalid");
  });

  test("is not Secure on this machine in development, and means nothing elsewhere", async () => {
    const { made } = opened({}, true);
    const cookie = pair(made.begin(ada));
    expect(made.begin(ada)).toMatch(/^banyan-session=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=28800$/);
    expect(await made.authenticate(credentials({ cookie }))).toEqual(principal);
    expect(opened().made.authenticate(credentials({ cookie }))).toBeUndefined();
  });

  test("of another secret, another kind, changed, cut, doubled or made up is none", async () => {
    const { made } = opened();
    const [name, value] = pair(made.begin(ada)).split("=") as [string, string];
    const [payload, signature] = value.split(".") as [string, string];
    const more = Buffer.from(JSON.stringify({ ...ada, roles: ["operator"], endsAt: 2 * NOW })).toString("base64url");
    const others = [
      pair(opened({ secrets: ["another-secret-0123456789abcdefghijkl"] }).made.begin(ada)),
      pair(opened({ prefix: "staff" }).made.begin(ada)),
      `${name}=${more}.${signature}`,
      `${name}=${payload}.`,
      `${name}=${payload}.${signature.slice(1)}`,
      `${name}=${value}; ${name}=${value}`,
      `${name}=`,
      `${name}=${"A".repeat(5_000)}.${signature}`,
    ];
    for (const cookie of others) expect(await code(made.authenticate(credentials({ cookie })))).toBe("session-invalid");
  });

  test("is looked at only where no token came, and where there is one", () => {
    const { made } = opened();
    const cookie = pair(made.begin(ada));
    expect(made.authenticate(credentials({ cookie, authorization: "Bearer x" }))).toBeUndefined();
    expect(made.authenticate(credentials())).toBeUndefined();
    expect(made.authenticate(credentials({ cookie: "x__Host-banyan-session=1; theme=dark" }))).toBeUndefined();
  });

  test("a new secret in front lets sessions of the old one go on", async () => {
    const cookie = pair(opened().made.begin(ada));
    const { made } = opened({ secrets: ["a-new-secret-0123456789abcdefghijklm", SECRET] });
    expect(await made.authenticate(credentials({ cookie }))).toEqual(principal);
    expect(await code(opened().made.authenticate(credentials({ cookie: pair(made.begin(ada)) })))).toBe(
      "session-invalid",
    );
  });

  test("that was called back is none", async () => {
    const asked: Session[] = [];
    const gone = new Set<string>();
    const stillValid = (session: Session): boolean => asked.push(session) > 0 && !gone.has(session.id);
    const { made } = opened({ stillValid });
    const cookie = pair(made.begin(ada));
    expect(await made.authenticate(credentials({ cookie }))).toEqual(principal);
    expect(asked).toEqual([
      { id: expect.stringMatching(/^[\w-]{22}$/), subject: "ada", beganAt: NOW, endsAt: NOW + 28_800_000 },
    ]);
    gone.add(asked[0]!.id);
    expect(await code(made.authenticate(credentials({ cookie })))).toBe("session-invalid");
  });
});

test.each([false, undefined, null, 0, 1, "yes", {}])(
  "only yes is yes: a session of which %j is said is none",
  async (said) => {
    for (const answer of [said, Promise.resolve(said)]) {
      const { made } = opened({ stillValid: () => answer as never });
      expect(await code(made.authenticate(credentials({ cookie: pair(made.begin(ada)) })))).toBe("session-invalid");
    }
  },
);

describe("a request that changes something", () => {
  const { made } = opened();
  const cookie = pair(made.begin(ada));
  const host = "shop.example.test";
  const ask = (headers: Record<string, string>, method = "POST") =>
    code(made.authenticate(credentials({ cookie, host, ...headers }, method)));

  test.each([
    ["the own page", { origin: "https://shop.example.test", "sec-fetch-site": "same-origin" }],
    ["a browser that does not say its site", { origin: "https://shop.example.test" }],
    ["a host in capitals", { origin: "https://shop.example.test", host: "Shop.example.test" }],
    ["an origin that is named", { origin: "https://app.example.test", "sec-fetch-site": "same-site" }],
  ])("comes from %s: taken", async (_name, headers) => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) expect(await ask(headers, method)).toEqual(principal);
  });

  test.each([
    ["nowhere", {}],
    ["a sandbox", { origin: "null" }],
    ["another origin", { origin: "https://evil.example.test" }],
    ["one that begins with the own", { origin: "https://shop.example.test.evil.test" }],
    ["one that ends with the own", { origin: "https://evil-shop.example.test" }],
    ["the own host without TLS", { origin: "http://shop.example.test" }],
    ["another port", { origin: "https://shop.example.test:8443" }],
    ["the own origin, as its browser denies", { origin: "https://shop.example.test", "sec-fetch-site": "cross-site" }],
    ["a sister site, as its browser says", { origin: "https://shop.example.test", "sec-fetch-site": "same-site" }],
    ["one that begins with a named one", { origin: "https://app.example.test.evil.test" }],
  ])("comes from %s: refused", async (_name, headers) => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "BREW"]) {
      expect(await ask(headers, method)).toBe("origin-refused");
    }
    expect(await ask(headers, "GET")).toEqual(principal);
  });

  test("in development the own page has no TLS", async () => {
    const near = opened({}, true).made;
    const headers = { cookie: pair(near.begin(ada)), host: "localhost:3000", origin: "http://localhost:3000" };
    expect(await near.authenticate(credentials(headers, "POST"))).toEqual(principal);
  });
});

test("what cannot be configured, or be somebody, is refused without the secret", () => {
  for (const secrets of [[], ["short"], [SECRET, "short"]])
    expect(() => sessions({ secrets }).open(door)).toThrow("`secrets`");
  for (const lifetime of ["59s", "31d", "8 hours", ""])
    expect(() => sessions({ secrets: [SECRET], lifetime }).open(door)).toThrow(
      '`lifetime` is not a duration from "1m"',
    );
  const refusal = (() => {
    try {
      return sessions({ secrets: [SECRET], prefix: "context", lifetime: "31d" }).open(door);
    } catch (error) {
      return error;
    }
  })();
  expect(inspect(refusal, { depth: 9 })).not.toContain("canary");
  expect(inspect(refusal, { depth: 9 })).toContain("lifetime");
  expect(() => sessions({ secrets: [SECRET] }).begin(ada)).toThrow("not in `auth`");
  const { made } = opened();
  expect(inspect(made, { depth: 9, showHidden: true })).not.toContain("canary");
  expect(() => made.begin({ subject: "a b", roles: [] })).toThrow("subject");
  expect(() =>
    made.begin({ subject: "ada", roles: Array.from({ length: 99 }, (_, at) => `${at}`.repeat(30)) }),
  ).toThrow("fit into a cookie");
});

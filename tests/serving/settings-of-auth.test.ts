import { createHash, createHmac, generateKeyPairSync, sign as signBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Banyan, NotesFolder } from "./command.ts";

const ISSUER = "https://id.example.test";
const KEY = `bk_robot_${"machine".padEnd(43, "A")}`;
const SECRET = "canary-session-secret-0123456789abcdef";
const provider = generateKeyPairSync("ec", { namedCurve: "P-256" });
const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

function token(): string {
  const claims = { iss: ISSUER, aud: "notes", sub: "ada", exp: Math.floor(Date.now() / 1_000) + 300 };
  const text = `${base64({ alg: "ES256" })}.${base64(claims)}`;
  const key = { key: provider.privateKey, dsaEncoding: "ieee-p1363" } as const;
  return `${text}.${signBytes("sha256", Buffer.from(text), key).toString("base64url")}`;
}

/** As `sessions` makes them: whoever has the secret can. */
function cookie(secret: string): string {
  const [beganAt, endsAt] = [Date.now(), Date.now() + 60_000];
  const payload = base64({ id: "one", subject: "eve", roles: [], beganAt, endsAt });
  const signature = createHmac("sha256", secret).update(`banyan-session:1:browser:${payload}`).digest("base64url");
  return `__Host-banyan-session=${payload}.${signature}`;
}

/** The notes with everything of `auth` set from outside. */
class Told extends NotesFolder {
  constructor() {
    super();
    this.edit(
      "banyan.config.ts",
      (
        text,
      ) => `import { anyone, apiKeys, app, jwt, secret, sessions, settings, signed, standardWebhooks } from "banyan";
import { z } from "zod";
${text.replace("export default notesApp(", "const application = notesApp(")}
const Keys = z.array(z.object({ kty: z.string() }).loose());
const Machines = z.array(z.object({ id: z.string(), hash: z.string(), roles: z.array(z.string()) }));
const browsers = sessions({
  secrets: ({ settings: { session } }) => [session.secret, session.before],
  prefix: "browser",
});
const whole = app({
    contexts: [],
    settings: settings({
      id: { issuer: z.url(), audience: z.string().default("notes"), keys: Keys },
      machines: Machines.default([]),
      hook: secret(z.string().optional()),
      session: { secret: secret(z.string().min(32)), before: secret(z.string().min(32).optional()) },
    }),
    auth: ({ settings: { id, machines } }) => [
      jwt({ issuer: id.issuer, audience: id.audience, algorithms: ["ES256"], jwks: { keys: id.keys } }),
      apiKeys({ keys: machines }),
      browsers,
    ],
});
const allow = signed("provider", {
  scheme: standardWebhooks(),
  secrets: ({ settings: { hook } }) => [hook ?? "whsec_c29tZXRoaW5nIG9mIGVub3VnaCBieXRlcw=="],
});
whole.route("POST /hook", { allow }, () => new Response(null, { status: 204 }));
whole.route("POST /log-in/:name", { allow: anyone() }, (_, { params }) =>
  new Response(null, { status: 204, headers: { "set-cookie": browsers.begin({ subject: params.name, roles: [] }) } }));
export default { ...whole, contexts: application.contexts, ports: application.ports };
`,
    );
  }

  write(name: string, value: unknown): string {
    const path = join(this.path, name);
    writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
    return path;
  }
}

const KEYS = [provider.publicKey.export({ format: "jwk" })];
const MACHINES = [{ id: "robot", hash: createHash("sha256").update(KEY).digest("hex"), roles: ["editor"] }];

test("who may ask comes from a file, variables and the file of a secret", { timeout: 60_000 }, async () => {
  using folder = new Told();
  folder.write("banyan.json", { id: { issuer: ISSUER, keys: KEYS } });
  const env = { MACHINES: JSON.stringify(MACHINES), SESSION_SECRET_FILE: folder.write("secret", `${SECRET}\n`) };
  await using banyan = new Banyan(folder.path, ["start", "--port", "0"], env);
  const url = await banyan.said(/"url":"([^"]+)"/);
  const asks = async (headers: Record<string, string>): Promise<unknown> => {
    const answer = await fetch(`${url}/reflection`, { headers });
    const body = (await answer.json()) as { principal?: { id: string }; code?: string };
    return body.principal?.id ?? body.code;
  };
  expect(await asks({ authorization: `Bearer ${token()}` })).toBe("user:ada");
  expect(await asks({ authorization: `Bearer ${KEY}` })).toBe("key:robot");
  expect(await asks({ cookie: cookie(SECRET) })).toBe("browser:eve");
  expect(await asks({ cookie: cookie("another-session-secret-0123456789abcdef") })).toBe("session-invalid");
  expect(await asks({})).toBe("guest");
  const entered = await fetch(`${url}/log-in/eve`, { method: "POST" });
  const [given = ""] = entered.headers.getSetCookie().map((one) => one.split(";")[0] ?? "");
  expect(await asks({ cookie: given })).toBe("browser:eve");
});

test("every mistake of the file and the environment is said at once, and no value", { timeout: 60_000 }, async () => {
  using folder = new Told();
  folder.write("banyan.json", { id: { issuer: "canary-issuer", audiance: "canary-audience", keys: [] } });
  const env = { SESSION_SECRET: "canary-short", MACHINES: "canary-machines" };
  await using start = new Banyan(folder.path, ["start", "--port", "0"], env);
  expect(await start.ended).toBe(2);
  expect(start.err).toContain("settings-invalid");
  expect(start.err).toContain("4 mistakes");
  for (const name of ["id.issuer", "id.audiance", "machines", "session.secret"]) expect(start.err).toContain(name);
  await using doctor = new Banyan(folder.path, ["doctor"], env);
  expect(await doctor.ended).toBe(1);
  expect(doctor.out).toMatch(/FAIL +settings .*id\.issuer from banyan\.json is wrong\..*session\.secret from /);
  expect(doctor.out).toMatch(/UNKNOWN +authentication/);
  expect([start.out, start.err, doctor.out, doctor.err].join("\n")).not.toContain("canary");
});

test("graph and doctor list the settings, where they come from, and no value of any", { timeout: 60_000 }, async () => {
  using folder = new Told();
  folder.write("banyan.json", { id: { issuer: "https://canary.example", keys: KEYS } });
  const env = { SESSION_SECRET: SECRET, SESSION_BEFORE: SECRET };
  const said: string[] = [];
  for (const words of [["graph"], ["graph", "--json"], ["doctor"], ["doctor", "--json"]]) {
    await using banyan = new Banyan(folder.path, words, env);
    expect(await banyan.ended).toBe(0);
    said.push(banyan.out + banyan.err);
  }
  const [graph = "", json = "", doctor = ""] = said;
  expect(graph).toMatch(/session\.secret +SESSION_SECRET or SESSION_SECRET_FILE +secret, text of 32 characters/);
  expect((JSON.parse(json) as { settings: unknown }).settings).toContainEqual({
    name: "id.audience",
    secret: false,
    expected: "text",
    required: false,
    variable: "ID_AUDIENCE",
  });
  expect(doctor).toContain("id.issuer (a URL) from banyan.json; id.audience (text) from default;");
  expect(doctor).toContain("session.secret (secret, text of 32 characters or more) from the environment variable");
  expect(doctor).toMatch(/PASS +authentication .*user:…, key:…, browser:…/);
  expect(said.join("\n")).not.toMatch(/canary|0123456789abcdef/);
});

test("what is wrong with authenticators and signatures for which the settings are right is said at once", async () => {
  using folder = new Told();
  folder.write("banyan.json", { id: { issuer: ISSUER, keys: [] } });
  const machines = JSON.stringify([{ id: "robot", hash: "canary-hash", roles: [] }]);
  const env = { SESSION_SECRET: SECRET, HOOK: "canary-hook", MACHINES: machines };
  await using start = new Banyan(folder.path, ["start", "--port", "0"], env);
  expect(await start.ended).toBe(2);
  for (const words of ["`jwks` has no key", 'The `hash` of "robot"', 'signed("provider")'])
    expect(start.err).toContain(words);
  expect(start.out + start.err).not.toContain("canary");
});

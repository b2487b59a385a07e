import { createHash, generateKeyPairSync, sign as signBytes } from "node:crypto";
import { expect, test } from "vitest";
import { Banyan, NotesFolder } from "./command.ts";

const KEY = `bk_robot_${"canary-key".padEnd(43, "A")}`;
const SECRET = "canary-session-secret-0123456789abcdef";
const provider = generateKeyPairSync("ec", { namedCurve: "P-256" });

function token(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = {
    iss: "https://id.example.test",
    aud: "notes",
    sub: "ada",
    exp: Math.floor(Date.now() / 1_000) + 300,
  };
  const text = `${part({ alg: "ES256" })}.${part({ ...claims, note: "canary-claim" })}`;
  const key = { key: provider.privateKey, dsaEncoding: "ieee-p1363" } as const;
  return `${text}.${signBytes("sha256", Buffer.from(text), key).toString("base64url")}`;
}

/** The notes with everybody who can be somebody; its secrets come from the environment. */
function guarded(): NotesFolder {
  const folder = new NotesFolder();
  const key = JSON.stringify(provider.publicKey.export({ format: "jwk" }));
  const hash = createHash("sha256").update(KEY).digest("hex");
  folder.edit(
    "banyan.config.ts",
    (text) => `import { apiKeys, jwt, sessions } from "banyan";
${text.replace("export default notesApp(", "const application = notesApp(")}
const browsers = sessions({ secrets: [process.env["SESSION_SECRET"] ?? ""], prefix: "browser" });
export default {
  ...application,
  auth: [
    jwt({ issuer: "https://id.example.test", audience: "notes", algorithms: ["ES256"], jwks: { keys: [${key}] } }),
    apiKeys({ keys: [{ id: "robot", hash: "${hash}", roles: ["editor"] }] }),
    browsers,
  ],
};
process.once("SIGUSR2", () => setImmediate(() => { throw new Error("the process ends here"); }));
`,
  );
  return folder;
}

test("a process says no secret, whatever comes and however it ends", { timeout: 60_000 }, async () => {
  using folder = guarded();
  await using banyan = new Banyan(folder.path, ["start", "--port", "0"], { SESSION_SECRET: SECRET });
  const url = await banyan.said(/"url":"([^"]+)"/);
  const good = token();
  const came: Record<string, string>[] = [
    { authorization: `Bearer ${good}` },
    { authorization: `Bearer ${good.slice(0, -6)}canary` },
    { authorization: `Bearer ${KEY}` },
    { authorization: `Bearer ${KEY}canary` },
    { authorization: "Basic canary-basic" },
    { cookie: "__Host-banyan-session=canary-cookie.x" },
    { cookie: "theme=canary-cookie", "x-api-key": "canary-header" },
  ];
  const told: string[] = [];
  for (const headers of came) {
    for (const [method, path] of [
      ["GET", "/reflection"],
      ["POST", "/failures/throw"],
      ["POST", "/failures/statement"],
      ["GET", "/_banyan/ops/lag"],
      ["GET", "/_banyan/health/ready"],
    ] as const) {
      const answer = await fetch(url + path, { method, headers });
      told.push(await answer.text(), JSON.stringify([...answer.headers]));
    }
  }
  banyan.child.kill("SIGUSR2");
  expect(await banyan.ended).toBe(1);
  const said = [...told, banyan.out, banyan.err].join("\n");
  expect(banyan.err).toMatch(/banyan: uncaught: [\s\S]*banyan\.config\.ts:\d+/);
  // of what was thrown on purpose the log has the words; so it is this process that was read
  expect(banyan.out).toContain("secret words");
  for (const secret of ["canary", ...good.split(".").slice(1), SECRET, KEY.slice("bk_robot_".length)]) {
    expect(said).not.toContain(secret);
  }
});

test(
  "without its secret it does not start, and says which; what needs no secret runs",
  { timeout: 60_000 },
  async () => {
    using folder = guarded();
    await using graph = new Banyan(folder.path, ["graph", "--json"]);
    expect(await graph.ended).toBe(0);
    await using start = new Banyan(folder.path, ["start", "--port", "0"], { SESSION_SECRET: "canary-short" });
    expect(await start.ended).toBe(2);
    expect(start.err).toContain("`sessions` cannot be used as written");
    expect(start.err + start.out).not.toContain("canary");
  },
);

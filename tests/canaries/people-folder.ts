import { createHash, createHmac, generateKeyPairSync, sign as signBytes } from "node:crypto";
import { cpSync, globSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Banyan } from "../serving/command.ts";
import { Canary } from "./canary.ts";

/** Each in a place of its own, so that a hit says what leaked. */
export const CANARIES = {
  person: new Canary("canary7f3aPerson"),
  phone: new Canary("canary7f3aPhone"),
  payload: new Canary("canary7f3aPayload"),
  providerKey: new Canary("canary7f3aProviderKey"),
  sessionSecret: new Canary("canary7f3aSessionSecretOf32Letters"),
  hookSecret: new Canary("canary7f3aHookSecretOf32Letters00"),
  apiKey: new Canary("canary7f3aMachineKey"),
  operatorKey: new Canary("canary7f3aOperatorKey"),
  claim: new Canary("canary7f3aClaim"),
  wrongToken: new Canary("canary7f3aWrongToken"),
  cookie: new Canary("canary7f3aCookie"),
  header: new Canary("canary7f3aHeader"),
  query: new Canary("canary7f3aQuery"),
  path: new Canary("canary7f3aPath"),
  body: new Canary("canary7f3aBrokenBody"),
  bytes: new Canary("canary7f3aBytes"),
  option: new Canary("canary7f3aOption"),
  developmentToken: new Canary("canary7f3aDevelopmentToken"),
} as const;

export const EMAIL = `${CANARIES.person.text}@example.org`;
export const PHONE = `+49 ${CANARIES.phone.text}`;
export const OPERATOR = apiKey("olga", CANARIES.operatorKey);
/** Marked as nobody's: it is shown to operators in the log of events, and nowhere else. */
export const NOTE: string = CANARIES.payload.text;
const ROBOT = apiKey("robot", CANARIES.apiKey);
const provider = generateKeyPairSync("ec", { namedCurve: "P-256" });
const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

function apiKey(id: string, { text }: Canary): string {
  return `bk_${id}_${text.padEnd(43, "A")}`;
}

const hashOf = (key: string): string => createHash("sha256").update(key).digest("hex");

function token(): string {
  const exp = Math.floor(Date.now() / 1_000) + 300;
  const claims = { iss: "https://id.example.test", aud: "people", sub: "ada", exp, note: CANARIES.claim.text };
  const text = `${base64({ alg: "ES256" })}.${base64(claims)}`;
  const key = { key: provider.privateKey, dsaEncoding: "ieee-p1363" } as const;
  return `${text}.${signBytes("sha256", Buffer.from(text), key).toString("base64url")}`;
}

function session(secret: string): string {
  const [beganAt, endsAt] = [Date.now(), Date.now() + 60_000];
  const payload = base64({ id: CANARIES.cookie.text, subject: "eve", roles: [], beganAt, endsAt });
  return `${payload}.${createHmac("sha256", secret).update(`banyan-session:1:browser:${payload}`).digest("base64url")}`;
}

/** Who comes, each with something that nobody may see again. */
export function visitors(): readonly Readonly<Record<string, string>>[] {
  const good = token();
  const own = session(CANARIES.sessionSecret.text);
  return [
    {},
    { authorization: `Bearer ${good}` },
    { authorization: `Bearer ${good.slice(0, -4)}AAAA` },
    { authorization: `Bearer ${ROBOT}` },
    { authorization: `Bearer ${CANARIES.wrongToken.text}` },
    { authorization: `Bearer bk_robot_${CANARIES.wrongToken.text.padEnd(43, "B")}` },
    { authorization: `Basic ${CANARIES.wrongToken.text}` },
    { cookie: `theme=${CANARIES.cookie.text}; __Host-banyan-session=${own}; banyan-session=${own}` },
    { cookie: `__Host-banyan-session=${CANARIES.cookie.text}.x; banyan-session=${CANARIES.cookie.text}.x` },
  ];
}

/** An application of its own, told all its secrets from outside. */
export class PeopleFolder implements Disposable {
  readonly path: string = realpathSync.native(mkdtempSync(join(tmpdir(), "banyan-canaries-")));

  constructor() {
    cpSync(join(import.meta.dirname, "people"), this.path, { recursive: true });
    symlinkSync(join(import.meta.dirname, "..", "..", "node_modules"), join(this.path, "node_modules"));
    this.write("package.json", '{ "type": "module" }\n');
    this.write("session-secret", `${CANARIES.sessionSecret.text}\n`);
    const machine = (id: string, key: string, roles: readonly string[]): object => {
      return { id, hash: hashOf(key), roles, tenants: "*" };
    };
    const machines = [machine("robot", ROBOT, []), machine("olga", OPERATOR, ["operator"])];
    const keys = [provider.publicKey.export({ format: "jwk" })];
    this.write("banyan.json", JSON.stringify({ id: { keys }, machines }));
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.path, name), text);
  }

  run(words: readonly string[], env: Readonly<Record<string, string>> = {}): Banyan {
    return new Banyan(this.path, words, {
      PROVIDER_KEY: CANARIES.providerKey.text,
      HOOK_SECRET: `whsec_${CANARIES.hookSecret.text}`,
      SESSION_SECRET_FILE: join(this.path, "session-secret"),
      // whatever a library says when it is asked to say everything
      DEBUG: "*",
      ...env,
    });
  }

  /** Everything that was left on the disk, but what is there on purpose: the data itself, and what was planted. */
  get left(): readonly (readonly [string, string])[] {
    const files = globSync("**", { cwd: this.path, withFileTypes: true, exclude: ["node_modules"] });
    return files
      .filter((file) => file.isFile() && !/^(banyan\.db(-wal|-shm)?|copy\.db|session-secret)$/.test(file.name))
      .map((file) => [`file ${file.name}`, readFileSync(join(file.parentPath, file.name), "latin1")] as const);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

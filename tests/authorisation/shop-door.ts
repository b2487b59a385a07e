import { createHash, generateKeyPairSync, randomBytes, sign as signBytes, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiKeys, jwt, serve, type App, type Served } from "banyan";
import { hmacTokens } from "../../examples/shop/order-tokens.ts";
import { simulatedProvider } from "../../examples/shop/provider/simulated.ts";
import { shop } from "../../examples/shop/shop.ts";

const ISSUER = "https://id.example.test";
const provider = generateKeyPairSync("ec", { namedCurve: "P-256" });
const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });
const SOON = Math.floor(Date.now() / 1_000) + 600;
const LIST = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

const keyOf = (id: string): string => `bk_${id}_${randomBytes(32).toString("base64url")}`;
const hashOf = (key: string): string => createHash("sha256").update(key).digest("hex");
const machine = keyOf("robot");
const ada = keyOf("ada");

/** Tokens made by hand, so that the library that judges them has no part in it. */
function token(claims: object, { key = provider.privateKey, alg = "ES256" }: { key?: KeyObject; alg?: string } = {}) {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ alg })}.${part({ iss: ISSUER, aud: "shop", exp: SOON, ...claims })}`;
  const signature = signBytes("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
  return { authorization: `Bearer ${text}.${alg === "none" ? "" : signature.toString("base64url")}` };
}

/** What each caller sends, but for `holder`'s token of an order and `context`, which comes by no door. */
export const HEADERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  guest: {},
  ada: token({ sub: "ada" }),
  bob: token({ sub: "bob" }),
  operator: token({ sub: "olga", groups: ["operator"], tenants: "*" }),
  machine: { authorization: `Bearer ${machine}` },
  "key-ada": { authorization: `Bearer ${ada}` },
  "user-operator": token({ sub: "operator" }),
  "claims-context": token({ sub: "carl", groups: ["context"] }),
  acme: token({ sub: "eve", tenants: ["acme"] }),
  forged: token({ sub: "ada" }, { key: stranger.privateKey }),
  expired: token({ sub: "ada", exp: SOON - 86_400 }),
  unsigned: token({ sub: "ada", groups: ["operator"] }, { alg: "none" }),
  "other-audience": token({ sub: "ada", aud: "another" }),
  "other-issuer": token({ sub: "ada", iss: "https://other.example.test" }),
  "made-up-key": { authorization: `Bearer ${keyOf("robot")}` },
};

/** The shop as it runs in production, with an identity provider and two machines. */
export const application: App = {
  ...shop(() => ({ provider: simulatedProvider(), tokens: hmacTokens(randomBytes(32)) })),
  auth: [
    jwt({
      issuer: ISSUER,
      audience: "shop",
      algorithms: ["ES256"],
      jwks: { keys: [provider.publicKey.export({ format: "jwk" }) as { kty: string }] },
      roles: ({ groups }) => LIST(groups),
      tenants: ({ tenants }) => (tenants === "*" ? "*" : tenants === undefined ? undefined : LIST(tenants)),
    }),
    apiKeys({
      keys: [
        { id: "robot", hash: hashOf(machine), roles: [] },
        { id: "ada", hash: hashOf(ada), roles: [] },
      ],
    }),
  ],
  http: { rate: { perSecond: Infinity, burst: Infinity } },
};

export interface Told {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export class ShopDoor implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "banyan-authorisation-"));
  #served!: Served;

  static async opened(app: App = application): Promise<ShopDoor> {
    const door = new ShopDoor();
    const options = { mode: "start", data: door.#folder, port: 0, env: {}, write: () => {} } as const;
    door.#served = await serve(app, options);
    return door;
  }

  get url(): string {
    return this.#served.url;
  }

  get runtime(): Served["runtime"] {
    return this.#served.runtime;
  }

  async ask(route: string, headers: Readonly<Record<string, string>>, json?: unknown): Promise<Told> {
    const [method = "", path = ""] = route.split(" ");
    const body = json === undefined ? {} : { body: JSON.stringify(json) };
    const type = json === undefined ? {} : { "content-type": "application/json" };
    const answer = await fetch(this.#served.url + path, { method, headers: { ...headers, ...type }, ...body });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? {} : (JSON.parse(text) as Told["body"]) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#served.stop();
    rmSync(this.#folder, { recursive: true });
  }
}

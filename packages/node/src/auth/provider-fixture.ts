import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Credentials, Door } from "@banyan/core";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from "jose";

export const ISSUER = "https://id.example.test";
export const AUDIENCE = "notes";
/** What the tests call now, in milliseconds. */
export const NOW = 1_800_000_000_000;

interface Signing {
  readonly alg?: string;
  /** `undefined`: the token does not say. */
  readonly kid?: string | undefined;
  readonly typ?: string;
  readonly key?: CryptoKey | Uint8Array;
}

/** An identity provider on this machine: it signs, publishes its keys, and can be down or answer with something else. */
export class ProviderFixture implements AsyncDisposable {
  asked = 0;
  answers: "keys" | "fails" | "too-much" | "elsewhere" = "keys";
  readonly #server: Server;
  #private!: CryptoKey;
  #public!: JWK;
  #kid = "";

  private constructor() {
    this.#server = createServer((request, response) => {
      this.asked++;
      if (this.answers === "fails") return void response.writeHead(500).end();
      if (this.answers === "elsewhere" && request.url !== "/moved")
        return void response.writeHead(302, { location: "/moved" }).end();
      const padding = this.answers === "too-much" ? " ".repeat(300 * 1024) : "";
      response.end(JSON.stringify({ keys: [this.#public] }) + padding);
    });
  }

  static async started(): Promise<ProviderFixture> {
    const provider = new ProviderFixture();
    await provider.rotate("first");
    const { promise, resolve } = Promise.withResolvers<void>();
    provider.#server.listen(0, "127.0.0.1", resolve);
    await promise;
    return provider;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/jwks.json`;
  }

  get publicKey(): JWK & { readonly kty: string } {
    return this.#public as JWK & { readonly kty: string };
  }

  /** From now on it signs with another key, and publishes that one only. */
  async rotate(kid: string): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair("ES256");
    this.#private = privateKey;
    this.#public = { ...(await exportJWK(publicKey)), kid, alg: "ES256", use: "sig" };
    this.#kid = kid;
  }

  /** A token that is all right, but for what is said here; a claim that is undefined is left out. */
  sign(claims: Readonly<Record<string, unknown>> = {}, signing: Signing = {}): Promise<string> {
    const { alg = "ES256", typ, key = this.#private } = signing;
    const kid = "kid" in signing ? signing.kid : this.#kid;
    const iat = NOW / 1_000;
    const usual = { iss: ISSUER, aud: AUDIENCE, sub: "42", iat, exp: iat + 300 };
    return new SignJWT({ ...usual, ...claims })
      .setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }), ...(typ === undefined ? {} : { typ }) })
      .sign(key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }
}

/** What comes with a request that has these headers. */
export function credentials(headers: Readonly<Record<string, string>> = {}, method = "GET"): Credentials {
  return { method, header: (name) => headers[name] };
}

export const bearer = (token: string): Credentials => credentials({ authorization: `Bearer ${token}` });

/** Far from this machine, behind TLS. */
export const DOOR: Door = { loopback: false, origins: [], settings: {}, warn: () => {} };

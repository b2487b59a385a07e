import type { Authenticator, Credentials, Door, Principal } from "@banyan/core";
import type { JSONWebKeySet, JWTVerifyGetKey } from "jose";
import { AcceptedTokens } from "./accepted-tokens.ts";
import { bearerOf, invalidToken } from "./bearer.ts";
import { boundedDuration, type BoundedDuration } from "./bounded-duration.ts";
import { byFittingKey } from "./fitting-keys.ts";
import { prefixProblem, principalOf, refuseConfiguration, type Tenants } from "./identity.ts";
import { keyProblems, type PublicKeys } from "./public-keys.ts";
import { RemoteKeys } from "./remote-keys.ts";

const ALGORITHMS = [
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
  "PS256",
  "PS384",
  "PS512",
  "RS256",
  "RS384",
  "RS512",
] as const;

/** Signatures with a public key only: what verifies a token cannot make one. */
export type JwtAlgorithm = (typeof ALGORITHMS)[number];

/** What a verified token says. Nothing about its types is known but those of `iss`, `aud` and `exp`. */
export type JwtClaims = Readonly<Record<string, unknown>>;

export interface JwtOptions {
  /** `iss` of every token, exactly. */
  readonly issuer: string;
  /** In `aud` of every token. */
  readonly audience: string;
  /** Those the tokens may be signed with: public keys only. */
  readonly algorithms: readonly JwtAlgorithm[];
  /** Where the identity provider publishes its keys (https, or http on this machine), or the keys themselves. */
  readonly jwks: string | PublicKeys;
  /** Stands before `:` in their ids, in front of `sub`. Default `user`. */
  readonly prefix?: string;
  /** `typ` of every token, exactly; `at+jwt` keeps other tokens of the same issuer out. */
  readonly typ?: string;
  /** The roles that the claims give. Default: none. */
  readonly roles?: (claims: JwtClaims) => readonly string[];
  /** The tenants that the claims give. Default: the default tenant only. */
  readonly tenants?: (claims: JwtClaims) => Tenants | undefined;
  /** How far the clocks may be apart: `"0s"` to `"1m"`, default `"5s"`. */
  readonly clockTolerance?: string;
}

const COMPACT = /^[\w-]+\.([\w-]+)\.[\w-]*$/;

/**
 * Users by the bearer tokens of an identity provider: `jwt({ issuer, audience, algorithms: ["ES256"], jwks: "https://…/jwks.json" })`.
 * Their ids are `user:<sub>`. Everything that is wrong with it is refused at start.
 */
export function jwt(options: JwtOptions): Authenticator {
  return new JwtAuthenticator(options, () => Date.now());
}

/** By the clock it is given. Tokens of other issuers are left to other authenticators. */
export class JwtAuthenticator implements Authenticator {
  readonly prefix: string;
  readonly #options: JwtOptions;
  readonly #now: () => number;
  readonly #tolerance: BoundedDuration;
  readonly #accepted: AcceptedTokens;
  #warn: (message: string) => void = () => {};
  #keys: Promise<JWTVerifyGetKey> | undefined;

  constructor(options: JwtOptions, now: () => number) {
    this.#options = options;
    this.#now = now;
    this.#tolerance = boundedDuration("clockTolerance", options.clockTolerance ?? "5s", { least: "0s", most: "1m" });
    this.#accepted = new AcceptedTokens(now);
    this.prefix = options.prefix ?? "user";
  }

  open({ warn }: Door): void {
    refuseConfiguration("`jwt`", [...problemsOf(this.#options), this.#tolerance.problem]);
    this.#warn = warn;
  }

  authenticate({ header }: Credentials): Principal | Promise<Principal> | undefined {
    const token = bearerOf(header("authorization"));
    if (token === undefined || issuerOf(token) !== this.#options.issuer) return undefined;
    return this.#accepted.find(token) ?? this.#principal(token);
  }

  async #principal(token: string): Promise<Principal> {
    const claims = await this.#verified(token);
    const { roles = () => [], tenants = () => undefined } = this.#options;
    const principal = principalOf(this.prefix, claims["sub"], { roles: roles(claims), tenants: tenants(claims) });
    if (principal === undefined) throw invalidToken("The token does not say who it is for in a way that can be used.");
    this.#accepted.add(token, principal, Number(claims["exp"]) * 1_000);
    return principal;
  }

  /** The one place where a token becomes believable. */
  async #verified(token: string): Promise<JwtClaims> {
    const { issuer, audience, algorithms, typ } = this.#options;
    const { jwtVerify } = await import("jose");
    const currentDate = new Date(this.#now());
    const clockTolerance = this.#tolerance.ms / 1_000;
    const pinned = { issuer, audience, algorithms: [...algorithms], requiredClaims: ["exp", "sub"] };
    try {
      const find = await (this.#keys ??= this.#keysAt());
      const options = { ...pinned, clockTolerance, currentDate, ...(typ === undefined ? {} : { typ }) };
      return (await byFittingKey(find, (own) => jwtVerify(token, own, options))).payload;
    } catch (error) {
      throw refusalOf(error);
    }
  }

  async #keysAt(): Promise<JWTVerifyGetKey> {
    const { jwks } = this.#options;
    if (typeof jwks === "string") {
      const keys = new RemoteKeys({ url: new URL(jwks), now: this.#now, warn: (message) => this.#warn(message) });
      return (header, token) => keys.find(header, token);
    }
    const { createLocalJWKSet } = await import("jose");
    return createLocalJWKSet(jwks as JSONWebKeySet);
  }
}

/** Whom a token says it is from. It may be lying: this only decides who is to judge it. */
function issuerOf(token: string): unknown {
  const [, payload] = COMPACT.exec(token) ?? [];
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null && "iss" in claims ? claims.iss : undefined;
  } catch {
    return undefined;
  }
}

/** Only that it has expired is told: with that a client can do something. */
function refusalOf(error: unknown): unknown {
  const code = (error as { code?: unknown }).code;
  if (code === "ERR_JWT_EXPIRED") return invalidToken("The token has expired.");
  return typeof code === "string" && code.startsWith("ERR_J") ? invalidToken() : error;
}

function problemsOf({ issuer, audience, algorithms, jwks, prefix = "user" }: JwtOptions): (string | undefined)[] {
  const foreign = algorithms.filter((one) => !ALGORITHMS.includes(one));
  return [
    prefixProblem(prefix),
    issuer === "" ? "`issuer` is empty: it is what `iss` has to be." : undefined,
    audience === "" ? "`audience` is empty: it is what `aud` has to be." : undefined,
    algorithms.length === 0 ? "`algorithms` is empty: name the one that the identity provider signs with." : undefined,
    foreign.length > 0 ? `\`algorithms\` has ${foreign.join(", ")}: use some of ${ALGORITHMS.join(", ")}.` : undefined,
    ...keyProblems(jwks),
  ];
}

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { CONTEXT_ROLE, type Authenticator, type Credentials, type Principal, type Secret } from "@banyan/core";
import { bearerOf, invalidToken } from "./bearer.ts";
import { areRoles, areTenants, prefixProblem, principalOf, refuseConfiguration, type Tenants } from "./identity.ts";
import { plainText } from "./plain-text.ts";

/** A machine that may ask: its principal is `key:<id>`. Of a key only its hash is kept; `banyan key` makes both. */
export interface ApiKey {
  /** Lower-case letters, digits and hyphens. An id may be listed twice while one key of it takes the place of another. */
  readonly id: string;
  /** SHA-256 of the whole key, in hexadecimal. */
  readonly hash: string | Secret;
  readonly roles: readonly string[];
  /** Default: the default tenant only. */
  readonly tenants?: Tenants;
}

export interface ApiKeysOptions {
  /** Who has one, and its hash as `banyan key` prints it. */
  readonly keys: readonly ApiKey[];
  /** Stands before `:` in their ids. Default `key`. */
  readonly prefix?: string;
}

const ID = /^[a-z0-9-]{1,32}$/;
const HASH = /^[0-9a-f]{64}$/;
const KEY = /^bk_([a-z0-9-]{1,32})_[A-Za-z0-9_-]{43}$/;
const NOBODY = Buffer.alloc(32);

/** Keys for machines, as `authorization: Bearer bk_…`. What no key can be is refused at start. */
export function apiKeys({ keys, prefix = "key" }: ApiKeysOptions): Authenticator {
  const known = keys.map((key) => {
    return { id: key.id, hash: Buffer.from(plainText(key.hash), "hex"), principal: principalOf(prefix, key.id, key) };
  });
  return {
    prefix,
    open: () => refuseConfiguration("`apiKeys`", [prefixProblem(prefix), ...keys.flatMap(problemsOf)]),
    authenticate: (credentials) => {
      const given = keyOf(credentials);
      return given === undefined ? undefined : holderOf(given, known);
    },
  };
}

/** A new key of 256 random bits, and what is kept of it. */
export function newApiKey(id: string): { readonly key: string; readonly hash: string } {
  refuseConfiguration("An API key", [idProblem(id)]);
  const key = `bk_${id}_${randomBytes(32).toString("base64url")}`;
  return { key, hash: hashOf(key).toString("hex") };
}

interface Known {
  readonly id: string;
  readonly hash: Buffer;
  readonly principal: Principal | undefined;
}

function keyOf({ header }: Credentials): string | undefined {
  const token = bearerOf(header("authorization"));
  return token?.startsWith("bk_") === true ? token : undefined;
}

/** Compares in the same time whether the id is known or not, and wherever the hashes differ. */
function holderOf(key: string, known: readonly Known[]): Principal {
  const [, id] = KEY.exec(key) ?? [];
  const hash = hashOf(key);
  const candidates = known.filter((one) => one.id === id);
  if (candidates.length === 0) timingSafeEqual(hash, NOBODY);
  const principal = candidates.find((one) => timingSafeEqual(one.hash, hash))?.principal;
  if (principal === undefined) throw invalidToken("The API key is not accepted here.");
  return principal;
}

function hashOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

function idProblem(id: string): string | undefined {
  return ID.test(id) ? undefined : `"${id}" is not an id: use 1 to 32 lower-case letters, digits and hyphens.`;
}

function problemsOf({ id, hash, roles, tenants }: ApiKey): (string | undefined)[] {
  return [
    idProblem(id),
    // it may be the key itself, by mistake
    HASH.test(plainText(hash))
      ? undefined
      : `The \`hash\` of "${id}" is not 64 hexadecimal digits; \`banyan key\` prints one.`,
    areRoles(roles) ? undefined : `The \`roles\` of "${id}" are not a list of names.`,
    areTenants(tenants) ? undefined : `The \`tenants\` of "${id}" are neither names of tenants nor "*".`,
    areRoles(roles) && roles.includes(CONTEXT_ROLE)
      ? `"${id}" has the role "${CONTEXT_ROLE}", which only contexts have.`
      : undefined,
  ];
}

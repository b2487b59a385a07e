import { createPublicKey, verify, type KeyObject } from "node:crypto";
import { BanyanError } from "@banyan/core";
import { isSigned } from "./hmac.ts";
import type { Scheme } from "./signature.ts";

/** A key of one kind: what it verifies, and under which version its signatures are listed. */
type Key =
  | { readonly version: "v1"; readonly bytes: Buffer }
  | { readonly version: "v1a"; readonly publicKey: KeyObject };

/** No full stop: what is signed is `id.time.body`, and one signature would be of several ids, times and bodies. No comma: two headers are joined by one. */
const ID = /^[!-+\-/-~]+$/;

/**
 * Standard Webhooks (standardwebhooks.com): `webhook-id`, `webhook-timestamp` and `webhook-signature`, which lists `v1,…` (HMAC-SHA256 with a
 * secret `whsec_…`) or `v1a,…` (ed25519 with the public key `whpk_…` of the sender) and is over id, time and bytes.
 */
export function standardWebhooks(): Scheme {
  return (secrets) => {
    const keys = secrets.map(keyOf);
    return ({ bytes, header }) => {
      const [id = "", time = "", list = ""] = ["id", "timestamp", "signature"].map((name) => header(`webhook-${name}`));
      if (!/^\d{1,12}$/.test(time)) return undefined;
      const given = list.split(" ").map((one) => one.split(","));
      const signed: readonly [string, Uint8Array] = [`${id}.${time}.`, bytes];
      const known = keys.some((key) => {
        const own = given.filter(([version]) => version === key.version);
        return isVouched(signed, { key, given: own.map(([, text = ""]) => text) });
      });
      return known ? { id: ID.test(id) ? id : undefined, at: Number(time) * 1_000 } : undefined;
    };
  };
}

interface Given {
  readonly key: Key;
  readonly given: readonly string[];
}

function isVouched(signed: readonly [string, Uint8Array], { key, given }: Given): boolean {
  if (key.version === "v1") return isSigned(signed, { secret: key.bytes, encoding: "base64", given });
  const whole = Buffer.concat([Buffer.from(signed[0]), signed[1]]);
  return given.some((text) => {
    const signature = Buffer.from(text, "base64");
    return signature.toString("base64") === text && verify(null, whole, key.publicKey, signature);
  });
}

/** Throws `config-invalid`; never says the secret. The prefix is asked for: a public key that was taken for a secret would let everybody sign. */
function keyOf(secret: string): Key {
  const [, kind, text = ""] = /^(whsec_|whpk_)([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const bytes = Buffer.from(text, "base64");
  if (kind === "whsec_" && bytes.length >= 16) return { version: "v1", bytes };
  if (kind === "whpk_" && bytes.length === 32) {
    const x = bytes.toString("base64url");
    return { version: "v1a", publicKey: createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" }) };
  }
  throw new BanyanError("config-invalid", "A secret of Standard Webhooks does not say what it is, or is not that.", {
    remedy:
      "Give it as the sender shows it: `whsec_` and 16 bytes or more in base64, or `whpk_` and a public key of 32 bytes. Write `whsec_` before a secret that came without.",
  });
}

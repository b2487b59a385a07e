import { isLoopbackAddress } from "../http/host-header.ts";

/** A JSON Web Key Set of public keys (RFC 7517). */
export interface PublicKeys {
  readonly keys: readonly { readonly kty: string; readonly [member: string]: unknown }[];
}

const PUBLIC = ["EC", "OKP", "RSA"];

/** What is wrong with the keys of an identity provider, or with the address they are at. */
export function keyProblems(jwks: string | PublicKeys): string[] {
  if (typeof jwks === "string") return addressProblems(jwks);
  if (jwks.keys.length === 0) return ["`jwks` has no key."];
  return jwks.keys.flatMap(({ kty, d }, at) => {
    if (!PUBLIC.includes(kty)) return [`\`jwks\`, key ${at}: "${kty}" is not the kind of a public key.`];
    return d === undefined ? [] : [`\`jwks\`, key ${at} is private: whoever verifies needs its public half only.`];
  });
}

/** Whoever can change what comes from there can be anybody, so that it comes over TLS or does not leave this machine. */
function addressProblems(address: string): string[] {
  if (!URL.canParse(address)) return ["`jwks` is not a URL."];
  const { protocol, hostname, username } = new URL(address);
  if (username !== "") return ["`jwks` has a user in it."];
  const near = protocol === "http:" && isLoopbackAddress(hostname.replaceAll(/[[\]]/g, ""));
  return protocol === "https:" || near ? [] : ["`jwks` is not an https address."];
}

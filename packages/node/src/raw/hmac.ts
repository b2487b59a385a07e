import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { BanyanError } from "@banyan/core";
import { hmacProblems, type HmacOptions } from "./hmac-options.ts";
import type { SignedRequest, Scheme, Vouched } from "./signature.ts";

/**
 * HMAC-SHA256 over the bytes of the body, as most providers sign:
 * `hmac({ header: "stripe-signature", part: "v1", time: { part: "t" }, encoding: "hex", id: (event) => event.id })`.
 */
export function hmac(options: HmacOptions): Scheme {
  return (secrets) => {
    refuse([...hmacProblems(options), ...secretProblems(secrets)]);
    return (delivery) => {
      const parts = partsOf(delivery.header(options.header) ?? "", options.part);
      const time = timeIn(delivery, parts, options);
      // without its time it would hold for ever
      if (options.time !== undefined && !/^\d{1,12}$/.test(time)) return undefined;
      const { before = (at: string): string => (options.time === undefined ? "" : `${at}.`) } = options;
      const given = parts.filter(([name]) => name === (options.part ?? "")).map(([, value]) => value);
      const { encoding } = options;
      const known = secrets.some((secret) => isSigned([before(time), delivery.bytes], { secret, encoding, given }));
      return known ? vouched(delivery, time, options) : undefined;
    };
  };
}

function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new BanyanError("config-invalid", `\`hmac(…)\` cannot verify anything as written. ${problems.join(" ")}`, {
    remedy: "The how-to on webhooks has `hmac(…)` for several senders.",
  });
}

/** How public keys are written down: of Standard Webhooks, PEM, OpenSSH, JWK, and the DER of RSA, P-256, P-384, P-521 and ed25519. */
const PUBLIC_KEY = /^\s*(whpk_|-----BEGIN|ssh-|ecdsa-|\{\s*"|MII[\w+/]{100}|MFkwEw|MHYwEA|MIGbMB|MCowBQ)/;

/** What everybody may know would let everybody sign. */
function secretProblems(secrets: readonly string[]): readonly string[] {
  const known = secrets.some((secret) => PUBLIC_KEY.test(secret));
  return known ? ["One of its secrets is a public key, which everybody may know: with it everybody could sign."] : [];
}

interface Key {
  readonly secret: string | Uint8Array;
  readonly encoding: "hex" | "base64";
  /** Signatures that came. */
  readonly given: readonly string[];
}

/** Whether one of the signatures is that of the text and the bytes behind it. Takes the same time wherever one differs. */
export function isSigned([text, bytes]: readonly [string, Uint8Array], { secret, encoding, given }: Key): boolean {
  // as text: one signature has several spellings, of which senders write this one
  const own = Buffer.from(createHmac("sha256", secret).update(text).update(bytes).digest(encoding));
  return given.map((one) => Buffer.from(one)).some((one) => one.length === own.length && timingSafeEqual(one, own));
}

function partsOf(header: string, part: string | undefined): readonly (readonly [name: string, value: string])[] {
  if (part === undefined) return [["", header.trim()]];
  return header.split(",").map((pair) => {
    const end = pair.indexOf("=");
    return [pair.slice(0, Math.max(0, end)).trim(), pair.slice(end + 1).trim()];
  });
}

function timeIn(delivery: SignedRequest, parts: ReturnType<typeof partsOf>, { time }: HmacOptions): string {
  if (time === undefined) return "";
  if ("header" in time) return delivery.header(time.header) ?? "";
  return parts.find(([name]) => name === time.part)?.[1] ?? "";
}

/** Only what is signed says which delivery it is: anybody could change a header that is not. */
function vouched({ bytes }: SignedRequest, time: string, { id, time: timed }: HmacOptions): Vouched {
  const named = id === undefined ? createHash("sha256").update(bytes).digest("hex") : idIn(bytes, id);
  return { id: named, ...(timed === undefined ? {} : { at: Number(time) * 1_000 }) };
}

/** Undefined where the body has none, whatever shape it has. */
function idIn(bytes: Uint8Array, id: NonNullable<HmacOptions["id"]>): string | undefined {
  try {
    const named = id(objectOf(bytes));
    return typeof named === "string" || Number.isSafeInteger(named) ? String(named) : undefined;
  } catch {
    return undefined;
  }
}

function objectOf(bytes: Uint8Array): { readonly [name: string]: unknown } {
  try {
    const body: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"), exactly);
    return typeof body === "object" && body !== null ? (body as { readonly [name: string]: unknown }) : {};
  } catch {
    return {};
  }
}

/** A number that is not kept as it is written is its text: of those beyond 2^53 several are read as the same number. */
function exactly(_name: string, value: unknown, told?: { readonly source?: string }): unknown {
  const isKept = typeof value !== "number" || (Number.isSafeInteger(value) && String(value) === told?.source);
  return isKept ? value : told?.source;
}

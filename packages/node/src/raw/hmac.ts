import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { SignedRequest, Scheme, Vouched } from "./signature.ts";

export interface HmacOptions {
  /** The header that has the signature: `stripe-signature`, `x-hub-signature-256`. */
  readonly header: string;
  /** Where the header is a list of `name=value`, the name of the signatures in it: `v1` of `t=…,v1=…`, `sha256` of `sha256=…`. */
  readonly part?: string;
  readonly encoding: "hex" | "base64";
  /** Where the time of the signature stands, in seconds since 1970: another part of the header, or a header of its own. */
  readonly time?: { readonly part: string } | { readonly header: string };
  /** What is signed in front of the body. Default: the time and a dot, or nothing where there is no time. */
  readonly before?: (time: string) => string;
  /** The id of a delivery in its body, which is JSON: `(event) => event.id`. Default: the hash of the body. */
  readonly id?: (body: { readonly [name: string]: unknown }) => unknown;
}

/**
 * HMAC-SHA256 over the bytes of the body, as most providers sign:
 * `hmac({ header: "stripe-signature", part: "v1", time: { part: "t" }, encoding: "hex", id: (event) => event.id })`.
 */
export function hmac(options: HmacOptions): Scheme {
  return (secrets) => (delivery) => {
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
function vouched({ bytes }: SignedRequest, time: string, { id, time: timed }: HmacOptions): Vouched | undefined {
  const named = id === undefined ? createHash("sha256").update(bytes).digest("hex") : id(objectOf(bytes));
  if (typeof named !== "string" && typeof named !== "number") return undefined;
  return { id: String(named), ...(timed === undefined ? {} : { at: Number(time) * 1_000 }) };
}

function objectOf(bytes: Uint8Array): { readonly [name: string]: unknown } {
  try {
    const body: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return typeof body === "object" && body !== null ? (body as { readonly [name: string]: unknown }) : {};
  } catch {
    return {};
  }
}

import { BanyanError, type Credentials, type Door } from "@banyan/core";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Throws `origin-refused` unless a request that changes something comes from a page of this host, or of an origin that was named: a
 * browser sends the cookie along with what any page makes it send.
 */
export function assertOwnPage({ method, header }: Credentials, { loopback, origins }: Door): void {
  if (SAFE.has(method)) return;
  const origin = header("origin");
  if (origin === undefined) throw refused("does not say of which origin its page is");
  if (origins.includes(origin)) return;
  const host = header("host")?.toLowerCase();
  const own = host !== undefined && (origin === `https://${host}` || (loopback && origin === `http://${host}`));
  if (!own) throw refused("is of a page of another origin");
  const site = header("sec-fetch-site");
  if (site !== undefined && site !== "same-origin" && site !== "none") throw refused("is of a page of another site");
}

function refused(words: string): BanyanError {
  return new BanyanError("origin-refused", `The request changes something with the cookie of a session and ${words}.`);
}

import { BanyanError } from "@banyan/core";

/**
 * Refuses a request that a page of another site lets a browser send. Browsers say where a request comes from in `sec-fetch-site`,
 * which no page can set; older ones in `origin` only. What is no browser says neither, and is let through: unlike a session's
 * cookie (`assertOwnPage`), a token is not sent along by a browser that another page makes ask.
 */
export function refuseCrossSite(headers: Headers): void {
  const site = headers.get("sec-fetch-site");
  if (site !== null ? site === "same-origin" || site === "none" : isOwnOrigin(headers)) return;
  throw new BanyanError("cross-site-refused", "A page of another site sent this request.");
}

function isOwnOrigin(headers: Headers): boolean {
  const origin = headers.get("origin");
  if (origin === null) return true;
  const host = URL.parse(origin)?.host ?? "";
  return host !== "" && host === headers.get("host")?.toLowerCase();
}

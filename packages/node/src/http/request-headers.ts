import type { RequestHeaders } from "@banyan/core";
import { BanyanError } from "@banyan/core";

/** What a caller could pretend with: secrets, who it says it is, whom it says it speaks for. Contexts never see these. */
const WITHHELD = new RegExp(
  [
    "^(proxy-)?(authorization|authenticate|connection)$|^cookie$|^set-cookie$",
    "^(x-)?forwarded(-|$)|^x-(real|client|cluster-client|remote|original|rewrite|envoy|amzn|azure|arr|ms)(-|$)",
    "^(true-client|fastly-client|cf-connecting|fly-client)-ip|^cf-(access|connecting)-|^via$",
    "^x-(remote|auth|authenticated|user|username|userid|userinfo|uid|principal|identity|tenant|roles?|groups?)(-|$)",
    "^x-(account|subject|email|goog|consumer|credential|webauth|vouch|pomerium|authentik|ssl)(-|$)",
    "^x-(api-key|access-token|id-token|auth-token|jwt-assertion|authorization|serverless-authorization)$",
    "^x-(jwt|token)(-|$)|^x-(hasura|appengine|sandstorm|nf)-|^x-(endpoint-api|apigateway-api)-userinfo$",
    // not what senders of webhooks say of their messages (`x-amz-sns-message-type`), nor their signatures: routes read and verify those
    "^x-amz-(?!sns-)|^x-vercel-(?!signature$)",
    "^(tailscale|impersonate|iv|sm|oam|osso|oidc|shib|mellon|teleport)-|^(apikey|gap-auth|logon-user|eppn)$",
    "^(remote|auth)-",
    "^x-banyan-|^ssl-client-|^x-client-(cert|verify|dn)|^client-cert",
    "^(connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|host|content-length)$",
  ].join("|"),
);

/** Request headers as policies and handlers see them: lower-case names, without what identifies or pretends to. */
export function openHeaders(headers: Iterable<readonly [string, string]>): RequestHeaders {
  const open: [string, string][] = [];
  for (const [name, value] of headers) {
    if (!WITHHELD.test(name.replaceAll("_", "-"))) open.push([name, value]);
  }
  return Object.fromEntries(open);
}

/** The idempotency key of a command, checked. */
export function idempotencyKeyOf(headers: Headers): string | undefined {
  const key = headers.get("idempotency-key");
  return key === null ? undefined : checkedKey(key);
}

export function checkedKey(key: unknown): string {
  if (typeof key === "string" && /^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new BanyanError("idempotency-key-invalid", "The idempotency key is not 1 to 255 printable ASCII characters.");
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** W3C trace context, level 1; anything else counts as absent. */
export function traceparentOf(headers: Headers): string | undefined {
  const given = headers.get("traceparent") ?? "";
  return TRACEPARENT.test(given) ? given : undefined;
}

/** The caller's own name for the flow, when it is short and prints. */
export function correlationOf(headers: Headers): string | undefined {
  const given = headers.get("x-correlation-id") ?? "";
  return /^[\w.:@/+=-]{1,128}$/.test(given) ? given : undefined;
}

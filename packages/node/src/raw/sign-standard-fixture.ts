import { createHmac } from "node:crypto";

/** The headers with which a sender of Standard Webhooks signs a body. */
export function signedHeaders(
  secret: string,
  { id, body, at = Date.now() }: { readonly id: string; readonly body: string; readonly at?: number },
): Record<string, string> {
  const time = String(Math.floor(at / 1_000));
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${time}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": `v1,${signature}` };
}

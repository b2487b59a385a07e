import type { IncomingMessage } from "node:http";
import type { ChargeRequest, RefundRequest } from "./port.ts";
import { Problem } from "./problem.ts";

const bodyLimitBytes = 16 * 1024;

/** Keeps the connection when the body is too large, because the refusal still has to go out on it. */
export async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyLimitBytes) throw new Problem("body-too-large", undefined, { connection: "close" });
    chunks.push(chunk);
  }
  return parseObject(Buffer.concat(chunks).toString("utf8"));
}

export function chargeRequest(body: Record<string, unknown>, key: string): ChargeRequest {
  return { orderId: text(body, "orderId"), cents: cents(body), key };
}

export function refundRequest(body: Record<string, unknown>, key: string): RefundRequest {
  return { orderId: text(body, "orderId"), chargeId: text(body, "chargeId"), cents: cents(body), key };
}

export function idempotencyKey(request: IncomingMessage): string {
  const key = request.headers["idempotency-key"];
  if (typeof key !== "string" || !/^[\x21-\x7e]{1,200}$/.test(key)) throw new Problem("missing-idempotency-key");
  return key;
}

/** How long the provider stays down; 0 brings it up again. */
export function downSeconds(body: Record<string, unknown>): number {
  const { seconds } = body;
  if (typeof seconds === "number" && seconds >= 0 && seconds <= 3600) return seconds;
  throw new Problem("invalid-body", "`seconds` must be a number from 0 to 3600.");
}

export function pageOf(query: URLSearchParams): { after: number; limit: number } {
  return {
    after: whole(query, "after", { least: 0, fallback: 0 }),
    limit: whole(query, "limit", { least: 1, most: 1000, fallback: 100 }),
  };
}

function whole(
  query: URLSearchParams,
  name: string,
  range: { least: number; most?: number; fallback: number },
): number {
  const raw = query.get(name);
  if (raw === null) return range.fallback;
  const value = /^\d{1,15}$/.test(raw) ? Number(raw) : Number.NaN;
  const most = range.most ?? Number.MAX_SAFE_INTEGER;
  if (value >= range.least && value <= most) return value;
  throw new Problem(
    "invalid-parameter",
    `\`${name}\` must be a whole number from ${range.least} to ${most}, and was "${raw.slice(0, 40)}".`,
  );
}

function parseObject(source: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    throw new Problem("malformed-json");
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Problem("invalid-body", "The body must be a JSON object.");
}

function text(body: Record<string, unknown>, field: string): string {
  const value = body[field];
  if (typeof value === "string" && value.length > 0 && value.length <= 200) return value;
  throw new Problem("invalid-body", `\`${field}\` must be a string of 1 to 200 characters.`);
}

function cents(body: Record<string, unknown>): number {
  const value = body["cents"];
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0 && value <= 1e12) return value;
  throw new Problem("invalid-body", "`cents` must be a whole number from 1 to 1000000000000.");
}

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Order tokens: who holds one may see and cancel the order it names. Made from a secret and the order's id, never stored. */
export interface OrderTokens {
  sign(orderId: string): string;
  /** Takes the same time for every token of the same length. */
  matches(orderId: string, token: string): boolean;
}

/** Tokens made with HMAC-SHA-256 of the order id, as base64url. */
export function hmacTokens(secret: Uint8Array): OrderTokens {
  const sign = (orderId: string): string => createHmac("sha256", secret).update(orderId).digest("base64url");
  const matches = (orderId: string, token: string): boolean => {
    const expected = Buffer.from(sign(orderId));
    const given = Buffer.from(token);
    return expected.length === given.length && timingSafeEqual(expected, given);
  };
  return { sign, matches };
}

/** The secret of a data folder, made at the first start; readable by its owner only. Written whole or not at all. */
export function secretOf(data: string): Uint8Array {
  const file = join(data, "order-secret");
  try {
    return Buffer.from(readFileSync(file, "utf8"), "hex");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const draft = `${file}.${process.pid}`;
  const descriptor = openSync(draft, "wx", 0o600);
  writeSync(descriptor, randomBytes(32).toString("hex"));
  fsyncSync(descriptor);
  closeSync(descriptor);
  linkSync(draft, file);
  rmSync(draft);
  return Buffer.from(readFileSync(file, "utf8"), "hex");
}

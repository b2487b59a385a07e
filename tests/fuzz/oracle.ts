import { ERROR_CODES } from "@banyan/core";

/** What an answer was. */
export interface Told {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

const FINE = new Set([200, 202, 204]);
const REFUSED = new Set([400, 401, 403, 404, 405, 408, 409, 413, 414, 415, 422, 429, 431, 503]);

/** Codes of the applications that are asked; every other is Banyan's. */
const OWN_CODES: readonly string[] = [
  "idempotency-key-required",
  "order-closed",
  "order-differs",
  "order-exists",
  "order-too-large",
  "order-unknown",
  "provider-unavailable",
  "sku-unknown",
];

export function isKnownCode(code: unknown): boolean {
  return typeof code === "string" && (Object.hasOwn(ERROR_CODES, code) || OWN_CODES.includes(code));
}

/** What is wrong with an answer to an input, or undefined. `silent`: an answer to HEAD has no body. */
export function wrongWith({ status, type, text }: Told, silent: boolean): string | undefined {
  if (FINE.has(status)) return inBatch(text);
  if (!REFUSED.has(status)) return `status ${status}: ${text.slice(0, 300)}`;
  if (type !== "application/problem+json") return `status ${status} as ${type}: ${text.slice(0, 300)}`;
  if (silent) return undefined;
  return isKnownCode(codeOf(text)) ? undefined : `status ${status} with no known code: ${text.slice(0, 300)}`;
}

/** The answer of a batch has those of its commands in it. */
function inBatch(text: string): string | undefined {
  if (!text.startsWith('{"results":')) return undefined;
  const { results } = JSON.parse(text) as { results: { status: number; error?: object }[] };
  for (const { status, error } of results) {
    const wrong = wrongWith({ status, type: "application/problem+json", text: JSON.stringify(error ?? {}) }, false);
    if (wrong !== undefined) return `in a batch: ${wrong}`;
  }
  return undefined;
}

function codeOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { code?: unknown }).code;
  } catch {
    return undefined;
  }
}

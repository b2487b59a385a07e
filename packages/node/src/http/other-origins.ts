import { BanyanError, TENANT_HEADER, type CorsOptions } from "@banyan/core";
import { ANSWER_HEADERS } from "./problem.ts";

const USUAL_HEADERS = [
  "authorization",
  "content-type",
  "idempotency-key",
  "traceparent",
  "x-correlation-id",
  TENANT_HEADER,
];
const EXPOSED = ["idempotency-replayed", "retry-after", "x-command-id"].join(", ");
/** How long a browser remembers a permission: as long as a change of the configuration may take to be seen. */
const REMEMBER_S = 600;

/** What pages of other origins may do: without `cors` nothing, and then nothing is said either. */
export class OtherOrigins {
  readonly #cors: CorsOptions | undefined;
  readonly #requestHeaders: string;

  /** Throws `config-invalid` for what no browser sends as an origin. */
  constructor(cors: CorsOptions | undefined) {
    const wrong = cors?.origins.filter((origin) => !isOrigin(origin)) ?? [];
    if (wrong.length > 0) throw notOrigins(wrong);
    this.#cors = cors;
    this.#requestHeaders = [...USUAL_HEADERS, ...(cors?.headers ?? []).map((name) => name.toLowerCase())].join(", ");
  }

  /** Those whose pages may act with the session of their visitors. */
  get withCredentials(): readonly string[] {
    return this.#cors?.credentials === true ? this.#cors.origins : [];
  }

  /** The answer to a browser that asks beforehand, where it may be given one. */
  preflight(request: Request, methods: readonly string[]): Response | undefined {
    const { headers, method } = request;
    if (method !== "OPTIONS" || !headers.has("access-control-request-method")) return undefined;
    if (!this.#admits(headers.get("origin"))) return undefined;
    return new Response(null, {
      status: 204,
      headers: {
        ...ANSWER_HEADERS,
        "access-control-allow-methods": methods.join(", "),
        "access-control-allow-headers": this.#requestHeaders,
        "access-control-max-age": String(REMEMBER_S),
      },
    });
  }

  /** Lets the page of an admitted origin read an answer. */
  mark(answer: Response, origin: string | null): void {
    if (this.#cors === undefined) return;
    // also where it is not admitted: what is kept for one origin is not for another
    answer.headers.append("vary", "origin");
    if (origin === null || !this.#admits(origin)) return;
    answer.headers.set("access-control-allow-origin", origin);
    answer.headers.set("access-control-expose-headers", EXPOSED);
    if (this.#cors.credentials === true) answer.headers.set("access-control-allow-credentials", "true");
  }

  #admits(origin: string | null): boolean {
    return origin !== null && this.#cors?.origins.includes(origin) === true;
  }
}

/** Whether browsers send it: scheme, name and port, as they write them. */
export function isOrigin(origin: string): boolean {
  return /^https?:\/\/[^*]+$/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin;
}

function notOrigins(wrong: readonly string[]): BanyanError {
  const list = wrong.map((origin) => `"${origin}"`).join(", ");
  return new BanyanError("config-invalid", `\`http.cors.origins\` has ${list}, which no browser sends.`, {
    remedy:
      "Write scheme, name and, where it is not the usual one, port, and nothing behind: `https://app.example.com`.",
  });
}

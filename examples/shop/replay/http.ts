import { Agent, request as plainRequest } from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";

export interface Ask {
  readonly method: "GET" | "POST" | "PUT";
  /** Path and query, already percent-encoded. */
  readonly path: string;
  readonly key?: string;
  readonly body?: object;
  /** How long to wait for the whole answer. Default 30000. */
  readonly timeoutMs?: number;
}

export interface Answer {
  readonly status: number;
  readonly retryAfterS: number | undefined;
  /** Undefined when there was no body, or one that is not JSON. */
  readonly body: unknown;
  readonly tookMs: number;
}

export interface Transport {
  /** Rejects when no complete answer came: then nothing is known about what happened. */
  ask(ask: Ask): Promise<Answer>;
  close(): void;
}

/** One shop at one address, over a bounded number of connections that are kept open. */
export function httpTransport(options: { url: URL; token: string; connections: number }): Transport {
  const isSecure = options.url.protocol === "https:";
  const agentOptions = { keepAlive: true, maxSockets: options.connections };
  const agent = isSecure ? new SecureAgent(agentOptions) : new Agent(agentOptions);
  const send = isSecure ? secureRequest : plainRequest;
  const base = options.url.pathname.replace(/\/$/, "");

  const ask = (ask: Ask): Promise<Answer> => {
    const body = ask.body === undefined ? undefined : Buffer.from(JSON.stringify(ask.body));
    const url = new URL(base + ask.path, options.url);
    return new Promise((resolve, reject) => {
      const started = performance.now();
      const request = send(url, { method: ask.method, agent, headers: headersOf(ask, options.token, body) });
      const timeoutMs = ask.timeoutMs ?? 30_000;
      const late = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      const fail = (error: Error): void => {
        clearTimeout(late);
        reject(error);
      };
      request.on("error", fail);
      request.on("response", (response) => {
        const pieces: Buffer[] = [];
        response.on("data", (piece: Buffer) => pieces.push(piece));
        response.on("error", fail);
        response.on("end", () => {
          clearTimeout(late);
          resolve({
            status: response.statusCode ?? 0,
            retryAfterS: secondsOf(response.headers["retry-after"]),
            body: jsonOf(Buffer.concat(pieces).toString("utf8")),
            tookMs: performance.now() - started,
          });
        });
      });
      request.end(body);
    });
  };
  return { ask, close: () => agent.destroy() };
}

function headersOf(ask: Ask, token: string, body: Buffer | undefined): Record<string, string> {
  return {
    accept: "application/json",
    authorization: `Bearer ${token}`,
    ...(ask.key === undefined ? {} : { "idempotency-key": ask.key }),
    ...(body === undefined ? {} : { "content-type": "application/json", "content-length": String(body.length) }),
  };
}

function secondsOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

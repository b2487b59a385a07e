import { type Agent, request as httpRequest } from "node:http";
import { ProviderUnavailable } from "./port.ts";

export interface Outgoing {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly key?: string;
  readonly body?: object;
  readonly timeoutMs: number;
}

export interface Incoming {
  readonly status: number;
  readonly body: string;
}

/** One request over the keep-alive connections of `agent`. Anything but a complete answer in time is unknown. */
export function exchange(port: number, agent: Agent, outgoing: Outgoing): Promise<Incoming> {
  return new Promise((resolve, reject) => {
    const { method, path, key, body, timeoutMs } = outgoing;
    const headers = { "content-type": "application/json", ...(key === undefined ? {} : { "idempotency-key": key }) };
    const request = httpRequest({ host: "127.0.0.1", port, agent, method, path, headers });
    const late = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    const fail = (error: Error): void => {
      clearTimeout(late);
      reject(new ProviderUnavailable(`${method} ${path} of the payment provider: ${error.message}.`, { cause: error }));
    };
    request.on("error", fail);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", fail);
      response.on("end", () => {
        clearTimeout(late);
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") });
      });
    });
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

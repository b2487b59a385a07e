import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { GroupCommit } from "./group-commit.ts";
import { Ledger } from "./ledger.ts";
import { forgetPlace, ownFolder, providerFolder, writePlace } from "./place.ts";
import { Presence } from "./presence.ts";
import { Problem } from "./problem.ts";
import { type Desk, serve } from "./routes.ts";

export interface ProviderServer {
  readonly port: number;
  /** Settles once everything is closed, whoever asked for it. */
  readonly closed: Promise<"asked" | "idle">;
  /** Answers what has arrived, then closes. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Serves one data folder on a random loopback port and publishes it in `DATA/provider/port`.
 * Ends by itself when no request arrived for `idleMs`: a shop that runs asks for /health now and then.
 */
export async function serveProvider(options: { data: string; idleMs: number }): Promise<ProviderServer> {
  const lock = ownFolder(options.data);
  try {
    const ledger = new Ledger(join(providerFolder(options.data), "ledger.db"));
    const desk: Desk = { ledger, commits: new GroupCommit(ledger), downUntil: 0 };
    const presence = new Presence(options.idleMs);
    const server = createServer((request, response) => {
      presence.seen();
      void answer({ desk, request, response });
    });
    server.keepAliveTimeout = 65_000;
    const port = await listen(server);
    writePlace(options.data, { port, pid: process.pid });
    return running({ server, port, presence, release: () => release(options.data, ledger, lock) });
  } catch (error) {
    lock.release();
    throw error;
  }
}

function release(data: string, ledger: Ledger, lock: { release(): void }): void {
  forgetPlace(data, process.pid);
  ledger.close();
  lock.release();
}

function running(parts: { server: Server; port: number; presence: Presence; release: () => void }): ProviderServer {
  const { server, port, presence } = parts;
  const ended = Promise.withResolvers<"asked" | "idle">();
  let closing: Promise<void> | undefined;
  const close = (why: "asked" | "idle"): Promise<void> => {
    closing ??= shut(server).then(() => {
      presence.stop();
      parts.release();
      ended.resolve(why);
    });
    return closing;
  };
  presence.whenGone(() => void close("idle"));
  return { port, closed: ended.promise, close: () => close("asked") };
}

async function answer(parts: { desk: Desk; request: IncomingMessage; response: ServerResponse }): Promise<void> {
  const { request, response } = parts;
  try {
    const url = new URL(request.url ?? "/", "http://provider.invalid");
    await serve(url.pathname, { ...parts, query: url.searchParams });
  } catch (error) {
    refuse(response, error);
  }
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const problem = error instanceof Problem ? error : new Problem("not-recorded", String(error));
  const headers = { ...problem.headers, "content-type": "application/problem+json" };
  response.writeHead(problem.status, headers).end(JSON.stringify(problem));
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

/** Lets answers in progress go out; a connection that is still busy after two seconds is cut. */
function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), 2_000);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}

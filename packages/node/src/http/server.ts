import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { BanyanError } from "@banyan/core";
import { connectionAccepted } from "../platform/turn.ts";
import type { Edge } from "./edge.ts";
import type { HttpLimits } from "./limits.ts";
import { listener } from "./listener.ts";
import { problemOf } from "./problem.ts";

/** A listening HTTP server in front of an edge. */
export class HttpServer {
  readonly #server: Server;
  readonly #edge: Edge;

  constructor(edge: Edge, limits: HttpLimits) {
    this.#edge = edge;
    const answer = listener(edge, { own: true });
    this.#server = createServer(
      {
        // Node would refuse it in words of its own; the listener does, as a problem like every other
        requireHostHeader: false,
        maxHeaderSize: limits.headerBytes,
        headersTimeout: Math.min(limits.headersMs, limits.requestMs),
        requestTimeout: edge.requestMs,
        keepAliveTimeout: limits.keepAliveMs,
        connectionsCheckingInterval: Math.min(1_000, limits.headersMs),
      },
      (incoming, outgoing) => {
        if (!isFramed(incoming)) return refuse(outgoing, UNFRAMED);
        // Node reads nothing of HTTP behind a request for another protocol: the next one on the connection would wait for ever
        if (incoming.headers.upgrade !== undefined) outgoing.shouldKeepAlive = false;
        return answer(incoming, outgoing);
      },
    );
    this.#server.maxConnections = limits.sockets;
    this.#server.setTimeout(limits.idleMs);
    this.#server.on("connection", connectionAccepted);
    this.#server.on("checkExpectation", (_request, response: ServerResponse) => refuse(response, EXPECTATION));
    this.#server.on("clientError", (error, socket) => refuseBytes(error, socket as Socket));
  }

  /** Throws `port-in-use`, or `config-invalid` for an address that cannot be listened on. */
  async listen(host: string, port: number): Promise<{ readonly host: string; readonly port: number }> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once("error", (error) => reject(listenError(error, { host, port })));
    this.#server.listen({ host, port }, resolve);
    await promise;
    return { host, port: (this.#server.address() as AddressInfo).port };
  }

  /** Stops accepting; connections without a request are closed, the others after their answer. */
  refuse(): void {
    this.#edge.refuse();
    this.#server.close();
  }

  /** Closes what is left, once answers that are on their way have had a moment to leave. */
  async close(): Promise<void> {
    const closed = Promise.withResolvers<void>();
    // calls back when the last connection is gone, and also where nothing listened
    this.#server.close(() => closed.resolve());
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), LEAVE_MS);
    await closed.promise;
    clearTimeout(timer);
  }
}

/** How long an answer that was given may take to leave. */
const LEAVE_MS = 500;

const EXPECTATION = "The `expect` header asks for what is not known here.";
const UNFRAMED = "The `transfer-encoding` is not `chunked` alone, or came with HTTP/1.0.";

/** Where the end of a body is told in a way that others may read otherwise, what follows it could be taken for a request (RFC 9112, 6.1). */
function isFramed({ headers, httpVersion }: IncomingMessage): boolean {
  const coding = headers["transfer-encoding"];
  return coding === undefined || (httpVersion !== "1.0" && coding.trim().toLowerCase() === "chunked");
}

/** Before it is a request to anybody. An answer without a code would be Node's, and nothing more is read from there. */
function refuse(response: ServerResponse, words: string): void {
  const { status, headers, body } = problemOf(new BanyanError("request-malformed", words), "");
  const length = String(Buffer.byteLength(body));
  response.writeHead(status, { ...headers, "content-length": length, connection: "close" }).end(body);
}

/** What never became a request: answered by hand, since there is nothing to answer through. */
function refuseBytes(error: NodeJS.ErrnoException, socket: Socket): void {
  const begun = (socket as { _httpMessage?: { headersSent: boolean } })._httpMessage?.headersSent === true;
  // an answer that has begun must not get another one in its middle
  if (error.code === "ECONNRESET" || !socket.writable || begun) return void socket.destroy();
  const { status, headers, body } = problemOf(bytesError(error.code), "");
  const lines = Object.entries({ ...headers, "content-length": String(Buffer.byteLength(body)), connection: "close" });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n${body}`, () => socket.destroy());
}

function bytesError(code: string | undefined): BanyanError {
  if (code === "HPE_HEADER_OVERFLOW") return new BanyanError("headers-too-large", "The headers are too large.");
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return new BanyanError("request-timeout", "The request came too slowly.");
  return new BanyanError("request-malformed", "What came is not HTTP.");
}

function listenError(error: NodeJS.ErrnoException, { host, port }: { host: string; port: number }): BanyanError {
  if (error.code === "EADDRINUSE") {
    return new BanyanError("port-in-use", `Port ${port} of ${host} is taken.`, { cause: error });
  }
  return new BanyanError("config-invalid", `Cannot listen on ${host}, port ${port}: ${error.code ?? error.message}.`, {
    cause: error,
    remedy: "Give an address of this machine with `--host`, and a port that this user may open with `--port`.",
  });
}

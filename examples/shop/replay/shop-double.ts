import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface DoubleRequest {
  readonly method: string;
  readonly path: string;
  readonly key: string | undefined;
  readonly body: Record<string, unknown>;
}

/** What happens to a request instead of, or after, being served. */
export type Mishap =
  | "lost-before"
  | "lost-after"
  | { readonly status: number; readonly code?: string; readonly retryAfter?: string };

interface DoubleOrder {
  readonly orderId: string;
  status: string;
  reason?: string;
}

/**
 * The wire of the shop for tests of the replay: routes and answers as documented, state in memory that outlives a
 * restart. It decides at once: an order of a SKU that is out of stock is rejected, every other one is shipped.
 */
export class ShopDouble {
  readonly orders = new Map<string, DoubleOrder>();
  readonly stock = new Map<string, { quantity: number; priceCents: number }>();
  readonly requests: DoubleRequest[] = [];
  readonly token = "operator";
  /** Called before each request but the readiness ones. */
  mishap: (request: DoubleRequest) => Mishap | undefined = () => undefined;
  /** The status of a new order that has enough stock. */
  outcome: (order: DoubleRequest) => string = () => "shipped";
  audit: Record<string, unknown> = {
    stockConserved: true,
    ledgerBalanced: true,
    paymentsCapturedCents: 5,
    ordersPaidCents: 5,
    orphanedCharges: [],
    parked: 0,
    dead: 0,
    openRuns: 0,
  };
  #server: Server | undefined;
  #port = 0;
  #startedAt = 0;

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.#port}`);
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    this.#startedAt = performance.now();
  }

  /** Like kill -9: connections are cut, state stays on the disk, so to speak. */
  kill(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    return new Promise((resolve) => {
      if (!server) return resolve();
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await read(request);
    if (asked.path === "/_banyan/health/ready") return this.#ready(response);
    this.requests.push(asked);
    if (request.headers.authorization !== `Bearer ${this.token}`) return problem(response, 401, "token-invalid");
    const mishap = this.mishap(asked);
    if (mishap === "lost-before") return void request.socket.destroy();
    if (typeof mishap === "object") {
      if (mishap.retryAfter !== undefined) response.setHeader("retry-after", mishap.retryAfter);
      return problem(response, mishap.status, mishap.code);
    }
    if (mishap === "lost-after") {
      this.#serve(asked, undefined);
      return void request.socket.destroy();
    }
    this.#serve(asked, response);
  }

  #serve(asked: DoubleRequest, response: ServerResponse | undefined): void {
    const url = new URL(asked.path, this.url);
    const [, head = "", id = "", verb] = url.pathname.split("/").map(decodeURIComponent);
    const route = `${asked.method} /${head}${verb === undefined ? "" : `/${verb}`}`;
    if (route === "PUT /stock") this.#setStock(id, asked, response);
    else if (route === "GET /stock") page(response, url, this.#products());
    else if (route === "GET /shop") json(response, 200, { orders: this.#byStatus(), ...this.audit });
    else if (route === "GET /orders") page(response, url, [...this.orders.values()]);
    else if (route === "POST /orders") this.#place(asked, response);
    else if (route === "POST /orders/cancel") this.#cancel(id, response);
    else problem(response, 404, "route-unknown");
  }

  #setStock(sku: string, asked: DoubleRequest, response: ServerResponse | undefined): void {
    const { quantity, priceCents } = asked.body as { quantity: number; priceCents: number };
    this.stock.set(sku, { quantity, priceCents });
    response?.writeHead(204).end();
  }

  #products(): object[] {
    return Array.from(this.stock, ([sku, { quantity, priceCents }]) => ({ sku, available: quantity, priceCents }));
  }

  #place(asked: DoubleRequest, response: ServerResponse | undefined): void {
    const orderId = String(asked.body["orderId"] as string);
    const lines = asked.body["lines"] as { sku: string; quantity: number }[];
    if (lines.some(({ sku }) => !this.stock.has(sku))) return problem(response, 422, "sku-unknown");
    if (!this.orders.has(orderId)) this.orders.set(orderId, this.#decide(orderId, asked, lines));
    json(response, 202, { orderId, orderToken: "t", commandId: "c", status: "processing" });
  }

  #decide(orderId: string, asked: DoubleRequest, lines: readonly { sku: string; quantity: number }[]): DoubleOrder {
    const isShort = lines.some(({ sku, quantity }) => (this.stock.get(sku)?.quantity ?? 0) < quantity);
    if (isShort) return { orderId, status: "rejected", reason: "out-of-stock" };
    for (const { sku, quantity } of lines) {
      const product = this.stock.get(sku);
      if (product) product.quantity -= quantity;
    }
    return { orderId, status: this.outcome(asked) };
  }

  #cancel(orderId: string, response: ServerResponse | undefined): void {
    const order = this.orders.get(orderId);
    if (!order) return problem(response, 404, "order-unknown");
    if (order.status !== "processing") return problem(response, 409, "order-closed");
    order.status = "cancelled";
    json(response, 202, { orderId });
  }

  #byStatus(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { status } of this.orders.values()) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  }

  #ready(response: ServerResponse): void {
    const uptimeS = (performance.now() - this.#startedAt) / 1000;
    json(response, 200, { process: { rssBytes: 100 * 2 ** 20, eventLoopDelayP99Ms: 3, uptimeS } });
  }
}

async function read(request: IncomingMessage): Promise<DoubleRequest> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  const text = Buffer.concat(pieces).toString("utf8");
  const key = request.headers["idempotency-key"] as string | undefined;
  const body = text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
  return { method: request.method ?? "", path: request.url ?? "", key, body };
}

function page(response: ServerResponse | undefined, url: URL, items: readonly object[]): void {
  const after = Number(url.searchParams.get("after") ?? 0);
  const limit = Number(url.searchParams.get("limit") ?? 100);
  const end = after + limit;
  json(response, 200, { items: items.slice(after, end), next: end < items.length ? String(end) : null });
}

function json(response: ServerResponse | undefined, status: number, body: object): void {
  response?.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function problem(response: ServerResponse | undefined, status: number, code: string | undefined): void {
  response?.writeHead(status, { "content-type": "application/problem+json" });
  response?.end(JSON.stringify({ status, code, remedy: "-" }));
}

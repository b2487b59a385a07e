import { Agent } from "node:http";
import type { ChargeAnswer, ChargeRequest, PaymentProvider, RefundAnswer, RefundRequest } from "./port.ts";
import { ProviderRefused, ProviderUnavailable } from "./port.ts";
import { exchange, type Outgoing } from "./exchange.ts";
import { readPlace } from "./place.ts";

export interface HttpProviderOptions {
  /** The shop's data folder; the provider says in `DATA/provider/port` where it listens. */
  readonly data: string;
  /** How long to wait for one answer before the outcome counts as unknown. Default 2000. */
  readonly timeoutMs?: number;
  /** How often to tell the provider that a shop is there. Default 30000. */
  readonly pingMs?: number;
}

/** The provider as a process of its own. The port is read again after every failed connection. */
export function httpProvider(options: HttpProviderOptions): PaymentProvider {
  return new HttpProvider(options);
}

class HttpProvider implements PaymentProvider {
  readonly #data: string;
  readonly #timeoutMs: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64, scheduling: "fifo" });
  readonly #ping: NodeJS.Timeout;
  #port: Promise<number> | undefined;

  constructor({ data, timeoutMs = 2_000, pingMs = 30_000 }: HttpProviderOptions) {
    this.#data = data;
    this.#timeoutMs = timeoutMs;
    // a provider that is away is noticed by the next charge; the ping only says that somebody is here
    this.#ping = setInterval(() => void this.#ask({ method: "GET", path: "/health" }).catch(() => {}), pingMs);
    this.#ping.unref();
  }

  async charge({ orderId, cents, key }: ChargeRequest): Promise<readonly ChargeAnswer[]> {
    return lines<ChargeAnswer>(await this.#ask({ method: "POST", path: "/charges", key, body: { orderId, cents } }));
  }

  async refund({ orderId, chargeId, cents, key }: RefundRequest): Promise<RefundAnswer> {
    const body = { orderId, chargeId, cents };
    const [answer] = lines<RefundAnswer>(await this.#ask({ method: "POST", path: "/refunds", key, body }));
    if (!answer) throw new ProviderUnavailable("POST /refunds of the payment provider: an answer without a line.");
    return answer;
  }

  async ledger(): Promise<ReadonlyMap<string, number>> {
    const text = await this.#ask({ method: "GET", path: "/ledger/summary" }, this.#timeoutMs * 10);
    const rows = lines<{ orderId: string; netCents: number }>(text);
    return new Map(rows.map(({ orderId, netCents }) => [orderId, netCents]));
  }

  async close(): Promise<void> {
    clearInterval(this.#ping);
    this.#agent.destroy();
  }

  async #ask(outgoing: Omit<Outgoing, "timeoutMs">, timeoutMs = this.#timeoutMs): Promise<string> {
    const located = (this.#port ??= this.#locate());
    try {
      const { status, body } = await exchange(await located, this.#agent, { ...outgoing, timeoutMs });
      return accept(status, body);
    } catch (error) {
      // several requests may fail on one port; only the first of them makes the next request read it again
      if (error instanceof ProviderUnavailable && this.#port === located) this.#port = undefined;
      throw error;
    }
  }

  /** A killed provider leaves its port file behind, and its port may belong to somebody else by now: the pid decides. */
  async #locate(): Promise<number> {
    const place = readPlace(this.#data);
    if (!place) throw new ProviderUnavailable(`No payment provider has its port in ${this.#data}/provider.`);
    const { body } = await exchange(place.port, this.#agent, {
      method: "GET",
      path: "/health",
      timeoutMs: this.#timeoutMs,
    });
    if (pidOf(body) === place.pid) return place.port;
    throw new ProviderUnavailable(`Port ${place.port} is not the payment provider of ${this.#data}.`);
  }
}

function accept(status: number, body: string): string {
  if (status === 200) return body;
  const problem = problemOf(body);
  const what = `The payment provider answered ${status} ${problem.code}: ${problem.detail}`;
  if (status >= 500) throw new ProviderUnavailable(what);
  throw new ProviderRefused(problem.code, what);
}

function problemOf(body: string): { code: string; detail: string } {
  try {
    const { code = "unknown", detail = "" } = JSON.parse(body) as { code?: string; detail?: string };
    return { code, detail };
  } catch {
    return { code: "unknown", detail: body.slice(0, 200) };
  }
}

function pidOf(body: string): number | undefined {
  try {
    return (JSON.parse(body) as { pid?: number }).pid;
  } catch {
    return undefined;
  }
}

/** An answer that cannot be read is no answer: the outcome is unknown. */
function lines<Line>(body: string): readonly Line[] {
  try {
    const parsed: Line[] = [];
    for (const line of body.split("\n")) if (line !== "") parsed.push(JSON.parse(line) as Line);
    return parsed;
  } catch (error) {
    throw new ProviderUnavailable("The payment provider's answer cannot be read.", { cause: error });
  }
}

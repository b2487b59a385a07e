import { request as sendPlain, type IncomingMessage, type RequestOptions } from "node:http";
import { request as sendSecure } from "node:https";
import {
  BanyanError,
  ERROR_CODES,
  type AuditRecord,
  type ErrorCode,
  type LogState,
  type Operator,
  type ParkedEntry,
  type ParkedQuery,
  type DryReplay,
  type DryReplayQuery,
  type OnceState,
  type Replayed,
  type ScheduleState,
  type SubscriptionState,
  type TailPage,
  type TailQuery,
} from "@banyan/core";
import type { Backup } from "../sqlite/index.ts";
import type { Delivery } from "./delivery.ts";
import type { ProcessFacts } from "./process-facts.ts";
import type { OpsDoor } from "./ops-doors.ts";

export interface OpsClientOptions {
  /** How long an answer may take. Default 30 s. */
  readonly answerMs?: number;
}

/**
 * Clearing a large projection takes its time, and so may many entries; what changes a key waits for the attempt that is under way, which ends
 * with `beforeLimitMs` where it hangs: so many times as long as another answer.
 */
const CLEARING = 10;
const DRY_REPLAYING = 2;
const CHANGING = 4;

interface Asking {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly answerMs?: number | undefined;
}

type Fields = Readonly<Record<string, string | number | undefined>>;

/** Operates a running process. What the process refuses is thrown as it said it. */
export class OpsClient implements Delivery {
  readonly #door: OpsDoor;
  readonly #answerMs: number;

  /** Nothing is opened yet. */
  constructor(door: OpsDoor, { answerMs = 30_000 }: OpsClientOptions = {}) {
    this.#door = door;
    this.#answerMs = answerMs;
  }

  async subscriptions(): Promise<readonly SubscriptionState[]> {
    const { subscriptions } = await this.#get<{ subscriptions: readonly SubscriptionState[] }>(
      "/delivery/subscriptions",
    );
    return subscriptions;
  }

  async logs(): Promise<readonly LogState[]> {
    const { logs } = await this.#get<{ logs: readonly LogState[] }>("/delivery/logs");
    return logs;
  }

  async parked(query: ParkedQuery): Promise<readonly ParkedEntry[]> {
    const { parked } = await this.#get<{ parked: readonly ParkedEntry[] }>("/delivery/parked", { ...query });
    return parked;
  }

  async scheduled(): Promise<readonly ScheduleState[]> {
    const { scheduled } = await this.#get<{ scheduled: readonly ScheduleState[] }>("/delivery/scheduled");
    return scheduled;
  }

  async onceRecords(): Promise<readonly OnceState[]> {
    const { once } = await this.#get<{ once: readonly OnceState[] }>("/delivery/once");
    return once;
  }

  async skip(ref: { readonly subscription: string; readonly position: number }, by: Operator): Promise<ParkedEntry> {
    const fields = { ...ref, ...this.#said(by) };
    const { skipped } = await this.#post<{ skipped: ParkedEntry }>("/delivery/skip", fields, CHANGING * this.#answerMs);
    return skipped;
  }

  redrive(
    which: { readonly subscription: string; readonly key?: string | undefined },
    by: Operator,
  ): Promise<{ readonly keys: number }> {
    return this.#post("/delivery/redrive", { ...which, ...this.#said(by) }, CHANGING * this.#answerMs);
  }

  replay({ subscription }: { readonly subscription: string }, by: Operator): Promise<Replayed> {
    return this.#post("/delivery/replay", { subscription, ...this.#said(by) }, CLEARING * this.#answerMs);
  }

  dryReplay(query: DryReplayQuery): Promise<DryReplay> {
    return this.#post("/delivery/dry-replay", { ...query }, DRY_REPLAYING * this.#answerMs);
  }

  tail(query: TailQuery): Promise<TailPage> {
    return this.#get("/delivery/tail", { ...query });
  }

  async audit(limit?: number): Promise<readonly AuditRecord[]> {
    const { audit } = await this.#get<{ audit: readonly AuditRecord[] }>(
      "/audit",
      limit === undefined ? {} : { limit },
    );
    return audit;
  }

  facts(): Promise<ProcessFacts> {
    return this.#get("/process");
  }

  /** Of the data the process owns. A relative path would be one from where the process stands, and is refused. */
  backup(file: string): Promise<Backup> {
    return this.#post("/backup", { file });
  }

  /** Who a token belongs to is not for its bearer to say. */
  #said({ name, why }: Operator): Fields {
    return this.#door.token === undefined ? { as: name, why } : { why };
  }

  #get<Answer>(path: string, fields: Fields = {}): Promise<Answer> {
    const given = Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    );
    const query = new URLSearchParams(given);
    return this.#ask({ method: "GET", path: query.size === 0 ? path : `${path}?${query.toString()}` });
  }

  #post<Answer>(path: string, fields: Fields, answerMs?: number): Promise<Answer> {
    return this.#ask({ method: "POST", path, body: JSON.stringify(fields), answerMs });
  }

  async #ask<Answer>(asking: Asking): Promise<Answer> {
    const { status, text } = await this.#answer(asking);
    const value = jsonOf(text);
    if (status === 200 && value !== undefined) return value as Answer;
    throw refusalOf(value) ?? this.#unreachable("what answers there is not a process of banyan");
  }

  #answer({ method, path, body, answerMs = this.#answerMs }: Asking): Promise<{ status: number; text: string }> {
    const { to, prefix, token } = this.#door;
    const headers = {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(answerMs);
      const options: RequestOptions = { method, path: prefix + path, headers, agent: false, signal };
      const received = (response: IncomingMessage): void => {
        let text = "";
        response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
        response.on("error", (cause) => reject(this.#unreachable(reasonOf(cause), cause)));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      };
      const request = sent(to, options, received);
      request.on("error", (cause) =>
        reject(this.#unreachable(signal.aborted ? late(answerMs) : reasonOf(cause), cause)),
      );
      request.end(body);
    });
  }

  #unreachable(reason: string, cause?: unknown): BanyanError {
    const { place, remedy } = this.#door;
    return new BanyanError("ops-unreachable", `No process answers on ${place}: ${reason}.`, {
      cause,
      ...(remedy === undefined ? {} : { remedy }),
    });
  }
}

/** Where a redirection leads nobody goes: the token is for this address. */
function sent(
  to: OpsDoor["to"],
  options: RequestOptions,
  received: (response: IncomingMessage) => void,
): ReturnType<typeof sendPlain> {
  if ("socketPath" in to) return sendPlain({ ...to, ...options }, received);
  const { protocol, hostname, port } = to.origin;
  const host = hostname.replace(/^\[|\]$/g, "");
  const whole = { ...options, host, ...(port === "" ? {} : { port }) };
  return protocol === "https:" ? sendSecure(whole, received) : sendPlain(whole, received);
}

function late(answerMs: number): string {
  return `no answer came within ${answerMs} ms; whether it was done is not known`;
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === "ENOENT") return "there is no such socket";
  if (code === "ECONNREFUSED") return "nobody listens there any more";
  if (code === "EACCES") return "it belongs to another user";
  if (code === "ENOTFOUND") return "nobody knows this name";
  if (code === "ECONNRESET") return "ECONNRESET: it was cut off; whether it was done is not known";
  return code ?? message;
}

/** The error of a problem+json document. */
function refusalOf(value: unknown): BanyanError | undefined {
  const { code, detail, remedy } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof code !== "string" || typeof detail !== "string") return undefined;
  const kind = Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as ErrorCode].kind : "internal";
  return new BanyanError(code, detail, { kind, ...(typeof remedy === "string" ? { remedy } : {}) });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

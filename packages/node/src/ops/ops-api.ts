import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { asBanyanError, BanyanError } from "@banyan/core";
import { ANSWER_HEADERS, isInternal, problemOf } from "../http/problem.ts";
import { readJsonBody } from "../http/request-body.ts";
import type { Log } from "../log/log.ts";
import type { Backups, Inspected } from "../sqlite/index.ts";
import type { Delivery } from "./delivery.ts";
import { OpsInput } from "./ops-input.ts";
import { OPS_REQUESTS, type OpsRequest } from "./ops-requests.ts";

export interface OpsApiOptions {
  readonly runtime: { readonly delivery: Delivery };
  readonly log: Log;
  /** Undefined where the store has none. */
  readonly backups?: Backups | undefined;
  readonly inspected?: Inspected | undefined;
}

/** How a request came in. */
export interface OpsArrival {
  /** Node's own, where a server of ours received it. */
  readonly incoming?: IncomingMessage | undefined;
  /** The path of the request as the API has it. Default: that of its URL. */
  readonly path?: string;
  /** Who asks. Without it the request itself says so, in `as`, and whoever may open the door is believed. */
  readonly who?: string;
}

const BODY = { bodyBytes: 64 * 1024, jsonDepth: 8 };

/**
 * The operations API, whatever carries it: the socket in the data folder, and `/_banyan/ops` over HTTP. Who may ask is decided before, by the
 * door. Every change is recorded with who and why in the commit that does it.
 */
export class OpsApi {
  readonly #options: OpsApiOptions;

  constructor(options: OpsApiOptions) {
    this.#options = options;
  }

  /** Answers one request; never rejects. */
  async fetch(request: Request, came: OpsArrival = {}): Promise<Response> {
    try {
      const url = new URL(request.url);
      const there = requestsAt(came.path ?? url.pathname);
      // HEAD is GET whose answer nobody reads
      const method = request.method === "HEAD" ? "GET" : request.method;
      const found = there.find((one) => one.method === method);
      return found === undefined ? this.#notAllowed(request, there) : await this.#answer(found, { request, url, came });
    } catch (error) {
      return this.problem(error);
    }
  }

  problem(thrown: unknown): Response {
    const where = "an operation";
    const error = asBanyanError(thrown, where);
    const id = randomUUID();
    if (isInternal(error)) this.#options.log.error("operation failed", { id, where, code: error.code, cause: error });
    const { status, headers, body } = problemOf(error, id);
    return new Response(body, { status, headers });
  }

  async #answer({ method, path, answer }: OpsRequest, { request, url, came }: Asked): Promise<Response> {
    const { incoming, who } = came;
    const { runtime, backups, inspected, log } = this.#options;
    const fields = method === "GET" ? fieldsOf(url) : await readJsonBody({ request, incoming }, BODY);
    const input = new OpsInput(fields);
    const value = await answer({ input, who, ground: { delivery: runtime.delivery, backups, inspected } });
    // changes of the data are in its audit; a backup is none of them, and takes everything along
    if (path === "/backup") log.info("backed up", { ...value, by: who ?? "whoever may open the socket" });
    return json(value);
  }

  #notAllowed({ method }: Request, there: readonly OpsRequest[]): Response {
    const answer = this.problem(new BanyanError("method-not-allowed", `This operation does not take ${method}.`));
    answer.headers.set("allow", there.map((one) => one.method).join(", "));
    return answer;
  }
}

interface Asked {
  readonly request: Request;
  readonly url: URL;
  readonly came: OpsArrival;
}

function requestsAt(path: string): readonly OpsRequest[] {
  const there = OPS_REQUESTS.filter((request) => request.path === path);
  if (there.length > 0) return there;
  throw new BanyanError("route-unknown", `The operations API has no ${path}.`, {
    remedy: "Use a command line of the same version as the process.",
  });
}

/** A field that is there twice would be one of them by chance. */
function fieldsOf({ searchParams }: URL): Readonly<Record<string, string>> {
  const names = [...searchParams.keys()];
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice === undefined) return Object.fromEntries(searchParams);
  throw new BanyanError("input-invalid", `"${twice}" is there more than once.`, {
    details: { issues: [{ path: twice, message: "is there more than once" }] },
  });
}

function json(value: object): Response {
  const headers = { ...ANSWER_HEADERS, "content-type": "application/json" };
  return new Response(JSON.stringify(value), { status: 200, headers });
}

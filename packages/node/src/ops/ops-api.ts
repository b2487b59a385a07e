import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isAbsolute } from "node:path";
import { asBanyanError, BanyanError, type Operator, type ParkState } from "@banyan/core";
import { Hono } from "hono";
import { ANSWER_HEADERS, isInternal, problemOf } from "../http/problem.ts";
import { readJsonBody } from "../http/request-body.ts";
import type { Log } from "../log/log.ts";
import type { Backups } from "../sqlite/index.ts";
import type { Delivery } from "./delivery.ts";
import { OpsInput } from "./ops-input.ts";

export interface OpsApiOptions {
  readonly runtime: { readonly delivery: Delivery };
  readonly log: Log;
  /** Undefined where the store has none. */
  readonly backups?: Backups | undefined;
}

interface Env {
  Bindings: { readonly incoming: IncomingMessage | undefined };
}

const STATES: readonly ParkState[] = ["retrying", "waiting", "dead", "unknown"];
const NAME = 1_000;
const KEY = 8_000;
const PATH = 4_096;
const ROWS = { min: 1, max: 1_000 };
const REHEARSED = { min: 1, max: 10_000 };
const POSITION = { min: 0, max: Number.MAX_SAFE_INTEGER };
const BODY = { bodyBytes: 64 * 1024, jsonDepth: 8 };

/**
 * The operations API, whatever carries it. Who may ask is decided before: over the socket, by who may open it. `as` is the
 * operator's word, recorded with `why` in the commit that does it.
 */
export class OpsApi {
  readonly #options: OpsApiOptions;
  readonly #hono: Hono<Env>;

  constructor(options: OpsApiOptions) {
    this.#options = options;
    this.#hono = this.#routed();
  }

  /** Answers one request; never rejects. */
  async fetch(request: Request, incoming?: IncomingMessage): Promise<Response> {
    return this.#hono.fetch(request, { incoming });
  }

  problem(thrown: unknown): Response {
    const where = "an operation";
    const error = asBanyanError(thrown, where);
    const id = randomUUID();
    if (isInternal(error)) this.#options.log.error("operation failed", { id, where, code: error.code, cause: error });
    const { status, headers, body } = problemOf(error, id);
    return new Response(body, { status, headers });
  }

  #routed(): Hono<Env> {
    const hono = new Hono<Env>();
    const asked = (path: string, answer: (input: OpsInput) => Promise<object>): void =>
      void hono.get(path, async ({ req }) => json(await answer(new OpsInput(req.query()))));
    const told = (path: string, answer: (input: OpsInput) => Promise<object>): void =>
      void hono.post(path, async ({ req, env }) => {
        const body = await readJsonBody({ request: req.raw, incoming: env.incoming }, BODY);
        return json(await answer(new OpsInput(body)));
      });
    asked("/delivery/subscriptions", (input) => this.#subscriptions(input));
    asked("/delivery/logs", (input) => this.#logs(input));
    asked("/delivery/parked", (input) => this.#parked(input));
    told("/delivery/skip", (input) => this.#skip(input));
    told("/delivery/redrive", (input) => this.#redrive(input));
    told("/delivery/replay", (input) => this.#replay(input));
    told("/delivery/rehearse", (input) => this.#rehearse(input));
    asked("/delivery/tail", (input) => this.#tail(input));
    told("/backup", (input) => this.#backup(input));
    asked("/audit", (input) => this.#audit(input));
    hono.notFound(({ req }) => this.problem(unknownRoute(req.method, req.path)));
    hono.onError((error) => this.problem(error));
    return hono;
  }

  async #subscriptions(input: OpsInput): Promise<object> {
    input.nothingElse();
    return { subscriptions: await this.#delivery.subscriptions() };
  }

  async #logs(input: OpsInput): Promise<object> {
    input.nothingElse();
    return { logs: await this.#delivery.logs() };
  }

  async #parked(input: OpsInput): Promise<object> {
    const query = {
      subscription: input.textOrNone("subscription", NAME),
      key: input.textOrNone("key", KEY),
      state: input.oneOfOrNone("state", STATES),
      limit: input.wholeNumberOrNone("limit", ROWS),
    };
    input.nothingElse();
    return { parked: await this.#delivery.parked(query) };
  }

  async #skip(input: OpsInput): Promise<object> {
    const ref = { subscription: input.text("subscription", NAME), position: input.wholeNumber("position", POSITION) };
    return { skipped: await this.#delivery.skip(ref, operatorOf(input)) };
  }

  async #redrive(input: OpsInput): Promise<object> {
    const which = { subscription: input.text("subscription", NAME), key: input.textOrNone("key", KEY) };
    return this.#delivery.redrive(which, operatorOf(input));
  }

  async #replay(input: OpsInput): Promise<object> {
    const which = { subscription: input.text("subscription", NAME) };
    return this.#delivery.replay(which, operatorOf(input));
  }

  /** Changes nothing, so nobody is asked who and why. */
  async #rehearse(input: OpsInput): Promise<object> {
    const query = {
      subscription: input.text("subscription", NAME),
      of: input.oneOfOrNone("of", ["log", "parked"]),
      from: input.wholeNumberOrNone("from", POSITION),
      since: input.wholeNumberOrNone("since", POSITION),
      key: input.textOrNone("key", KEY),
      limit: input.wholeNumberOrNone("limit", REHEARSED),
    };
    input.nothingElse();
    return this.#delivery.rehearse(query);
  }

  async #tail(input: OpsInput): Promise<object> {
    const query = {
      source: input.text("source", NAME),
      after: input.wholeNumberOrNone("after", POSITION),
      type: input.textOrNone("type", NAME),
      key: input.textOrNone("key", KEY),
      limit: input.wholeNumberOrNone("limit", ROWS),
    };
    input.nothingElse();
    return this.#delivery.tail(query);
  }

  async #audit(input: OpsInput): Promise<object> {
    const limit = input.wholeNumberOrNone("limit", ROWS);
    input.nothingElse();
    return { audit: await this.#delivery.audit(limit) };
  }

  async #backup(input: OpsInput): Promise<object> {
    const file = input.text("file", PATH);
    input.nothingElse();
    if (!isAbsolute(file))
      throw new BanyanError("input-invalid", `"file" is ${file}, but must be an absolute path.`, {
        details: { issues: [{ path: "file", message: "must be an absolute path" }] },
      });
    if (this.#options.backups !== undefined) return this.#options.backups.backup(file);
    throw new BanyanError("backup-failed", "The store of this process makes no backups.", {
      remedy: "Back it up with the tools of its own database.",
    });
  }

  get #delivery(): Delivery {
    return this.#options.runtime.delivery;
  }
}

/** Who asks for a change and why; the last fields of its request. */
function operatorOf(input: OpsInput): Operator {
  const operator = { name: input.text("as", 200), why: input.text("why", 2_000) };
  input.nothingElse();
  return operator;
}

function unknownRoute(method: string, path: string): BanyanError {
  return new BanyanError("route-unknown", `The operations API has no ${method} ${path}.`, {
    remedy: "Use a command line of the same version as the process.",
  });
}

function json(value: object): Response {
  const headers = { ...ANSWER_HEADERS, "content-type": "application/json" };
  return new Response(JSON.stringify(value), { status: 200, headers });
}

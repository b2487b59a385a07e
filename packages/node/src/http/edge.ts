import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import {
  asBanyanError,
  BanyanError,
  type App,
  type Load,
  type Authenticator,
  type Reply,
  type Request as Ask,
  type RuntimeStatus,
} from "@banyan/core";
import { Hono, type Context } from "hono";
import { refuseConfiguration } from "../auth/identity.ts";
import { causeOf } from "../log/cause.ts";
import type { Log, LogFields } from "../log/log.ts";
import { AbortSource } from "../platform/abort-source.ts";
import type { Delivery } from "../ops/delivery.ts";
import type { OpsApi } from "../ops/ops-api.ts";
import { Admission, overloaded, type Asked } from "./admission.ts";
import { answerOf } from "./answer.ts";
import { callerAddress, type CallerAddress } from "./caller-address.ts";
import { callerOf, credentialsOf, type Arrival, type Wire } from "./caller.ts";
import { assertOperator, isOperator } from "./operator.ts";
import { refuseCrossSite } from "./cross-site.ts";
import { BodyBudget } from "./body-budget.ts";
import { CommandBatch } from "./command-batch.ts";
import { EventLoopDelay } from "./event-loop-delay.ts";
import { httpProblems } from "./http-problems.ts";
import { readinessOf, troubleOf, type Trouble } from "./health.ts";
import { namesThisMachine } from "./host-header.ts";
import type { HttpLimits } from "./limits.ts";
import { OtherOrigins } from "./other-origins.ts";
import { OWN_ROUTES } from "./own-routes.ts";
import { principalsOf, type Principals } from "./principals.ts";
import { ANSWER_HEADERS, isInternal, problemOf, type Problem } from "./problem.ts";
import { announcesBody, readJsonBody } from "./request-body.ts";
import { idempotencyKeyOf } from "./request-headers.ts";
import { inputOf, invalidInput, refuseQuery } from "./request-input.ts";
import { below, isCanonical, targetOf, type Target } from "./request-target.ts";
import { rawRoutesOf, type RawArrival, type RawRoute } from "./raw-routes.ts";
import { ShutDoor, type ReadyAnswer } from "./shut-door.ts";
import { byFixedSegments, routesOf, type OperationRoute } from "./routes.ts";
import { together } from "./together.ts";
import { unnamedProxy } from "./unnamed-proxy.ts";
import { Visits, type Visit } from "./visits.ts";

export interface EdgeOptions {
  readonly app: App;
  /** Those of the application, made with its settings. */
  readonly auth: readonly Authenticator[];
  readonly runtime: {
    execute(ask: Ask): Promise<Reply>;
    readonly status: RuntimeStatus;
    readonly delivery: Delivery;
    readonly load: Load;
  };
  readonly ops: Pick<OpsApi, "fetch">;
  /** Those of the application, and the data folder: for its raw routes. */
  readonly settings: unknown;
  readonly data: string;
  /** In development, that of the operator. */
  readonly token: string | undefined;
  /** `loopback`: requests must name this machine in `host`. */
  readonly hosts: "any" | "loopback";
  /** The path that everything is below, as hosts of ours have it. Default: none. */
  readonly base?: string | undefined;
  readonly limits: HttpLimits;
  readonly log: Log;
  /** Logs the words of errors that came from neither the runtime nor this door: they may name people. */
  readonly words: boolean;
}

/** What travels with a request through the router. */
interface Env {
  Bindings: Arrival & Pick<RawArrival, "lasts"> & { readonly target: Target };
}

const OPS = OWN_ROUTES.operations.path.slice(0, -2);
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
const WITH_BODY = new Set(["POST", "PUT", "PATCH"]);

/** For browsers that have come over TLS once. */
const YEAR = "max-age=31536000";

/** Paths of the process itself that are promised and do not exist yet. */
const PLANNED = /^\/_banyan\/(metrics|openapi\.json|asyncapi\.json|asks|live|phoenix|streams)(\/|$)/;

/** The door for HTTP: turns requests into commands and queries, and their outcomes into answers. */
export class Edge {
  readonly #options: EdgeOptions;
  readonly #hono: Hono<Env>;
  readonly #delay: EventLoopDelay = new EventLoopDelay();
  readonly #idle: (() => void)[] = [];
  readonly #principals: Principals;
  readonly #visits: Visits;
  readonly #addressOf: CallerAddress;
  readonly #seeProxy: (headers: Headers) => void;
  readonly #origins: OtherOrigins;
  readonly #bodies: BodyBudget;
  readonly #raw: readonly RawRoute[];
  readonly #ending = new AbortSource();
  readonly #admission: Admission;
  /** What is asked for at each route that may be shut. */
  readonly #asked = new Map<unknown, Asked>();
  readonly #shut: ShutDoor;
  #inFlight = 0;
  #stopping = false;
  #held: Promise<void> | undefined;

  constructor(options: EdgeOptions) {
    this.#options = options;
    const { app, auth, hosts, log, settings, token } = options;
    const wrong = httpProblems(app.http ?? {});
    // what is wrong is told below, with what is wrong elsewhere
    const { cors, rate = {}, trustProxy } = wrong.length > 0 ? {} : (app.http ?? {});
    const { runtime, limits } = options;
    this.#admission = new Admission({ load: () => runtime.load, inFlight: () => this.#inFlight, limits });
    this.#shut = new ShutDoor({
      admission: this.#admission,
      hosts,
      askedBy: (method, url) => this.#askedBy(method, url),
      refusal: (words) => this.#overloaded(words),
    });
    this.#visits = new Visits(rate, { now: () => performance.now(), crowded: () => this.#admission.crowded });
    this.#addressOf = callerAddress(trustProxy);
    this.#origins = new OtherOrigins(cors);
    this.#bodies = new BodyBudget(limits.bodiesBytes);
    const warn = (message: string): void => log.warn(message);
    const door = { loopback: hosts === "loopback", origins: this.#origins.withCredentials, settings, warn };
    const principals = (): Principals => principalsOf({ app, auth, token, door });
    const http = (): void => refuseConfiguration("`http` of the application", wrong);
    const others = (): readonly [Principals, readonly RawRoute[]] => together(principals, () => this.#rawRoutes());
    [, [this.#principals, this.#raw]] = together(http, others);
    this.#seeProxy = unnamedProxy(trustProxy, warn);
    this.#hono = this.#routed();
  }

  /** How long a request may take to come, at most. */
  get requestMs(): number {
    const { routes = [] } = this.#options.app;
    return Math.max(this.#options.limits.requestMs, ...routes.map(({ limits }) => limits.timeMs));
  }

  /** Answers one request; never rejects. `wire` is Node's own where its server received it, `peer` who is at the other end of the connection. */
  async fetch(request: Request, wire?: Wire, peer?: string): Promise<Response> {
    const answer = await this.#answer(request, wire, peer ?? wire?.incoming.socket.remoteAddress);
    return this.#marked(answer, request.headers.get("origin"));
  }

  #marked(answer: Response, origin: string | null): Response {
    this.#origins.mark(answer, origin);
    if (this.#options.app.http?.tls === "in-front") answer.headers.set("strict-transport-security", YEAR);
    return answer;
  }

  /** The answer to what is refused whatever else it says; undefined: `fetch` has one. */
  refusal(incoming: IncomingMessage): ReadyAnswer | undefined {
    return this.#stopping ? undefined : this.#shut.answerTo(incoming);
  }

  #overloaded(words: string): Problem {
    const problem = problemOf(overloaded(words), "");
    const { headers } = this.#marked(new Response(null, { headers: problem.headers }), null);
    return { ...problem, headers: Object.fromEntries(headers) };
  }

  #askedBy(method: string, url: string): Asked | undefined {
    const end = url.indexOf("?");
    const { path } = below(this.#options.base, { path: end < 0 ? url : url.slice(0, end), query: "" }) ?? { path: "" };
    const [found] = this.#hono.router.match(method, path)[0];
    return found === undefined ? undefined : this.#asked.get(found[0][0]);
  }

  async #answer(request: Request, wire: Wire | undefined, peer: string | undefined): Promise<Response> {
    const forwarded = request.headers.get("x-forwarded-for") ?? undefined;
    const visit = this.#visits.begin(this.#addressOf({ peer, forwarded }));
    if (peer !== undefined) this.#seeProxy(request.headers);
    this.#inFlight++;
    let under: Promise<void> | undefined;
    const lasts = (until: Promise<void>): void => void (under = until);
    try {
      const { base, limits } = this.#options;
      const target = below(base, targetOf(wire?.incoming.url ?? pathAndQuery(request.url), limits.urlBytes));
      if (this.#options.hosts === "loopback") checkHost(request.headers.get("host") ?? undefined);
      if (target === undefined || !isCanonical(target.path)) throw routeUnknown();
      return await this.#hono.fetch(request, { wire, visit, target, lasts });
    } catch (error) {
      return this.problem(error, "a request");
    } finally {
      if (under === undefined) this.#left(visit);
      else void under.then(() => this.#left(visit));
    }
  }

  #left(visit: Visit): void {
    visit.end();
    this.#inFlight--;
    if (this.#inFlight === 0) for (const tell of this.#idle.splice(0)) tell();
  }

  /** Requests wait until it has settled, instead of being told to ask again; health does not. */
  holdUntil(started: Promise<void>): void {
    const open = (): void => void (this.#held = undefined);
    this.#held = started.then(open, open);
  }

  /** From now on commands and queries are refused, and readiness says so. */
  refuse(): void {
    this.#stopping = true;
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  /** Resolves when every request in flight has its answer, or the limit has passed. */
  async finish(): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, this.#options.limits.finishMs);
    await Promise.race([this.#none(), late.promise]);
    clearTimeout(timer);
    // raw routes may take longer: they and their clients are told
    this.#ending.abort(draining());
  }

  async #none(): Promise<void> {
    while (this.#inFlight > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  close(): void {
    this.#delay.stop();
  }

  /** The answer to what went wrong. What is this process's own affair is logged under the id that the caller gets. */
  problem(thrown: unknown, where: string): Response {
    const { status, headers, body, cookies = [] } = this.#told(thrown, where);
    const answer = new Response(body, { status, headers });
    for (const cookie of cookies) answer.headers.append("set-cookie", cookie);
    return answer;
  }

  #told(thrown: unknown, where: string): Problem {
    const error = asBanyanError(thrown, where);
    const id = randomUUID();
    const { log, words } = this.#options;
    if (isInternal(error))
      log.error("request failed", {
        id,
        where,
        code: error.code,
        ...aboutOf(error, words),
        ...causeOf(thrown, where, words),
      });
    return problemOf(error, id);
  }

  #routed(): Hono<Env> {
    const hono = new Hono<Env>({ getPath: (_request, options) => pathIn(options) });
    hono.get(OWN_ROUTES.live.path, () => json(200, { status: "live" }));
    hono.get(OWN_ROUTES.ready.path, (context) => this.#ready(context));
    hono.all(OWN_ROUTES.operations.path, (context) => this.#operate(context));
    const routes = routesOf(this.#options.app);
    const { runtime, limits } = this.#options;
    const execute = (ask: Ask): Promise<Reply> => runtime.execute(ask);
    const told = (thrown: unknown, where: string): Problem => this.#told(thrown, where);
    const batch = new CommandBatch({ routes, execute, told, most: limits.batchCommands });
    const commands = (context: Context<Env>): Promise<Response> => this.#batch(batch, context);
    this.#asked.set(commands, "command");
    hono.post(OWN_ROUTES.commands.path, commands);
    for (const route of [...routes, ...this.#raw].sort(byFixedSegments)) {
      const handle = (context: Context<Env>): Promise<Response> =>
        "operation" in route ? this.#operation(route, context) : this.#route(route, context);
      this.#asked.set(handle, "operation" in route ? route.kind : "query");
      hono.on(route.method, route.path, handle);
    }
    hono.notFound((context) => this.#unknown(context));
    hono.onError((error) => this.problem(error, "a route"));
    return hono;
  }

  #rawRoutes(): readonly RawRoute[] {
    const { app, settings, data, runtime } = this.#options;
    return rawRoutesOf({
      app,
      settings,
      data,
      execute: (ask) => runtime.execute(ask),
      callerOf: (request, arrival) => callerOf(request, this.#principals, arrival),
      bodies: this.#bodies,
      ending: this.#ending,
      cut: (route, error) => logCut(this.#options, route, error),
    });
  }

  async #ready(context: Context<Env>): Promise<Response> {
    const readiness = readinessOf(this.#options.runtime.status, this.#delay, this.#stopping);
    const trouble = readiness.status === "ready" ? await this.#trouble(context) : {};
    return json(readiness.status === "ready" ? 200 : 503, { ...readiness, ...trouble });
  }

  /** Names and keys are for the operator. Whoever else asks is told counts, also with a token that nobody knows: a probe is not refused. */
  async #trouble({ req, env }: Context<Env>): Promise<Trouble> {
    const { runtime } = this.#options;
    if (!req.raw.headers.has("authorization") && !req.raw.headers.has("cookie")) return {};
    try {
      const principal = await this.#principals(credentialsOf(req.raw), env.visit);
      return isOperator(principal) ? await troubleOf(runtime.delivery) : {};
    } catch {
      return {};
    }
  }

  async #operate({ req, env }: Context<Env>): Promise<Response> {
    try {
      await this.#checkOpen("operation");
      const principal = await this.#principals(credentialsOf(req.raw), env.visit);
      env.visit.enter(principal);
      assertOperator(principal);
      if (req.method !== "GET" && req.method !== "HEAD") refuseCrossSite(req.raw.headers);
      const path = env.target.path.slice(OPS.length);
      return await this.#options.ops.fetch(req.raw, { incoming: env.wire?.incoming, path, who: principal.id });
    } catch (error) {
      return this.problem(error, "an operation");
    }
  }

  async #operation(route: OperationRoute, context: Context<Env>): Promise<Response> {
    try {
      await this.#checkOpen(route.kind);
      return answerOf(await this.#options.runtime.execute(await this.#ask(route, context)));
    } catch (error) {
      return this.problem(error, `"${route.operation}"`);
    }
  }

  async #route(route: RawRoute, { req, env }: Context<Env>): Promise<Response> {
    try {
      // what it does with the store it does by commands, which are looked at by themselves
      await this.#checkOpen("query");
      return await route.answer(req.raw, { ...env, params: req.param() });
    } catch (error) {
      return this.problem(error, `"${route.http}"`);
    }
  }

  async #batch(batch: CommandBatch, { req, env }: Context<Env>): Promise<Response> {
    try {
      await this.#checkOpen("command");
      const request = req.raw;
      const caller = await callerOf(request, this.#principals, env);
      if (request.headers.has("idempotency-key")) throw keyOfBatch();
      const body = await this.#body(request, env);
      const headers = { ...ANSWER_HEADERS, "content-type": "application/json" };
      const text = await batch.answer(body, caller, (count) => env.visit.more(count - 1));
      return new Response(text, { status: 200, headers });
    } catch (error) {
      return this.problem(error, "a batch of commands");
    }
  }

  async #checkOpen(kind: "command" | "query" | "operation"): Promise<void> {
    if (this.#stopping) throw draining();
    this.#admission.check(kind);
    await this.#held;
  }

  #body(request: Request, { wire, visit }: Arrival): Promise<unknown> {
    const source = { request, incoming: wire?.incoming, hold: visit.holdIn(this.#bodies) };
    const { limits } = this.#options;
    // a raw route may let the server wait for longer
    const bodyMs = this.requestMs > limits.requestMs ? limits.requestMs : undefined;
    return readJsonBody(source, { ...limits, bodyMs });
  }

  async #ask(route: OperationRoute, context: Context<Env>): Promise<Ask> {
    const request = context.req.raw;
    const { target } = context.env;
    const caller = await callerOf(request, this.#principals, context.env);
    const idempotencyKey = route.kind === "command" ? idempotencyKeyOf(request.headers) : undefined;
    const takesBody = WITH_BODY.has(route.method);
    if (!takesBody && announcesBody(request)) throw invalidInput("", `is not read with ${route.method}`);
    const query = new URLSearchParams(target.query);
    if (takesBody) refuseQuery(query, route);
    const body = takesBody ? await this.#body(request, context.env) : undefined;
    const input = inputOf({ body, path: context.req.param(), query, othersTaken: route.othersTaken }, route.shapes);
    return { ...caller, operation: route.operation, input, idempotencyKey };
  }

  #unknown(context: Context<Env>): Response {
    const { path } = context.env.target;
    const allowed = METHODS.filter((method) => this.#matches(method, path));
    const preflight = allowed.length > 0 ? this.#origins.preflight(context.req.raw, allowed) : undefined;
    if (preflight !== undefined) return preflight;
    if (allowed.length > 0) return this.#notAllowed(context.req.method, allowed);
    if (!PLANNED.test(path)) return this.problem(routeUnknown(), "a request");
    const words = "This part of the process does not exist yet.";
    return this.problem(new BanyanError("not-available-yet", words), "a request");
  }

  #notAllowed(method: string, allowed: readonly string[]): Response {
    const answer = this.problem(
      new BanyanError("method-not-allowed", `The path does not take ${method}.`),
      "a request",
    );
    answer.headers.set("allow", allowed.join(", "));
    return answer;
  }

  #matches(method: string, path: string): boolean {
    return this.#hono.router.match(method === "HEAD" ? "GET" : method, path)[0].length > 0;
  }
}

function logCut({ log, words }: Pick<EdgeOptions, "log" | "words">, route: string, thrown: unknown): void {
  const { code } = asBanyanError(thrown, `"${route}"`);
  if (code === "caller-gone") return;
  log.error("answer cut off", { where: route, code, ...causeOf(thrown, `"${route}"`, words) });
}

/** What to do, and in development what a schema found: its issues may quote what was given. */
function aboutOf({ remedy, details }: BanyanError, words: boolean): LogFields {
  const issues = words ? details?.["issues"] : undefined;
  return { remedy, ...(issues === undefined ? {} : { issues }) };
}

/** The router sees the bytes of the path as they were sent; it decodes parameters only. */
function pathIn(options: { readonly env?: Env["Bindings"] } | undefined): string {
  return options?.env?.target.path ?? "";
}

function draining(): BanyanError {
  return new BanyanError("draining", "The process is stopping.", { retryAfterMs: 1_000 });
}

function routeUnknown(): BanyanError {
  return new BanyanError("route-unknown", "No contract declares this route.");
}

function keyOfBatch(): BanyanError {
  return new BanyanError("idempotency-key-invalid", "A batch has no idempotency key of its own.", {
    remedy: "Give each command its own: `idempotencyKey`, beside its `input`.",
  });
}

function pathAndQuery(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

function checkHost(host: string | undefined): void {
  if (namesThisMachine(host)) return;
  const given = host === undefined ? "there is none" : "another name came";
  throw new BanyanError("host-refused", `The \`host\` header must name this machine, and ${given}.`);
}

function json(status: number, value: object): Response {
  const headers = { ...ANSWER_HEADERS, "content-type": "application/json" };
  return new Response(JSON.stringify(value), { status, headers });
}

import {
  BanyanError,
  parseRoute,
  tenantOf,
  type Abort,
  type App,
  type Reply,
  type Request as Ask,
  type RouteDefinition,
} from "@banyan/core";
import type { BodyBudget } from "./body-budget.ts";
import { callerAs, type Arrival, type Caller } from "./caller.ts";
import { clientAbort } from "./client-abort.ts";
import { rawAnswer } from "./raw-answer.ts";
import { RawBody, tooLarge } from "./raw-body.ts";
import { RawExchange } from "./raw-exchange.ts";
import { answeredBy, type RawRun } from "./raw-run.ts";
import { verified, verifiersOf, type Delivered, type Verifier } from "./raw-signature.ts";
import { announcesBody, assertUnread } from "./request-body.ts";
import { invalidInput } from "./request-input.ts";

export interface RawDoor {
  readonly app: App;
  readonly settings: unknown;
  /** The data folder, "" where there is none. */
  readonly data: string;
  readonly execute: (ask: Ask) => Promise<Reply>;
  readonly callerOf: (request: Request, arrival: Arrival) => Promise<Caller>;
  readonly bodies: BodyBudget;
  /** Aborted when the process waits no longer for what is under way. */
  readonly ending: Abort;
  /** Told of an answer that had begun and could not be ended. */
  readonly cut: (route: string, error: unknown) => void;
}

export interface RawArrival extends Arrival {
  readonly params: Readonly<Record<string, string>>;
  /** Told until when the request is under way: its answer may be sent long after it was given. */
  readonly lasts: (until: Promise<void>) => void;
}

const WITH_BODY = new Set(["POST", "PUT", "PATCH"]);

/** The raw routes of an application. Throws `config-invalid` where a signed one cannot verify anything. */
export function rawRoutesOf(door: RawDoor): readonly RawRoute[] {
  const { routes = [] } = door.app;
  const verifiers = verifiersOf(routes, door.settings);
  return routes.flatMap((definition) => {
    // registration refuses what is no route; it is told there, with the place
    const route = parseRoute(definition.http);
    return route === undefined
      ? []
      : [new RawRoute({ ...route, definition, door, verifier: verifiers.get(definition) })];
  });
}

interface Parts {
  readonly method: string;
  readonly path: string;
  readonly definition: RouteDefinition;
  readonly door: RawDoor;
  /** Of a signed one. */
  readonly verifier: Verifier | undefined;
}

interface Admitted {
  readonly caller: Caller;
  readonly delivered: Delivered | undefined;
}

/** One raw route: who may, how much, how long, and then the application's own function. */
export class RawRoute {
  readonly method: string;
  readonly path: string;
  readonly http: string;
  readonly #parts: Parts;
  #underWay = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.method = parts.method;
    this.path = parts.path;
    this.http = parts.definition.http;
  }

  /** Throws what there is to say instead of an answer. */
  async answer(request: Request, arrival: RawArrival): Promise<Response> {
    const { definition, door } = this.#parts;
    checkParams(arrival.params);
    const body = this.#bodyOf(request, arrival);
    const client = clientAbort(request, arrival.wire?.outgoing);
    const exchange = new RawExchange(definition.limits.timeMs, { client, ending: door.ending, body });
    arrival.lasts(exchange.over);
    const work = this.#given({ request, arrival, body, exchange });
    try {
      const given = await exchange.inTime(work);
      if (body?.failure !== undefined) throw body.failure;
      const failed = (error: unknown): void => door.cut(this.http, error);
      return rawAnswer(given, { exchange, method: request.method, failed });
    } catch (error) {
      exchange.end();
      void work.then(discard).catch(() => {});
      throw body?.failure ?? error;
    }
  }

  #bodyOf(request: Request, { wire }: Arrival): RawBody | undefined {
    const { bodyBytes } = this.#parts.definition.limits;
    const comes = wire === undefined ? request.body !== null : announcesBody(request);
    if (!WITH_BODY.has(this.method)) {
      if (announcesBody(request)) throw invalidInput("", `is not read with ${this.method}`);
      return undefined;
    }
    if (Number(request.headers.get("content-length") ?? 0) > bodyBytes) throw tooLarge(bodyBytes);
    if (!comes) return undefined;
    assertUnread({ request, incoming: wire?.incoming });
    return new RawBody({ request, incoming: wire?.incoming }, bodyBytes);
  }

  async #given(coming: Coming): Promise<unknown> {
    const { caller, delivered } = await this.#admitted(coming);
    const { definition, door, verifier } = this.#parts;
    const { limits } = definition;
    if (this.#underWay >= limits.concurrent) throw busy(this.http);
    this.#underWay++;
    const { request, arrival, body, exchange } = coming;
    const { params } = arrival;
    const keepMs = verifier?.policy.keep.ms;
    const run: RawRun = { definition, door, request, params, caller, body, delivered, keepMs, signal: exchange.signal };
    const given = answeredBy(run);
    // one that goes on although nobody waits for it is under way all the same
    void Promise.allSettled([given, exchange.over]).then(() => this.#underWay--);
    return given;
  }

  async #admitted({ request, arrival, body }: Coming): Promise<Admitted> {
    const { door, verifier } = this.#parts;
    if (verifier === undefined) return { caller: await this.#allowed(request, arrival), delivered: undefined };
    const { visit } = arrival;
    const delivered = await verified(verifier, { request, body, visit, hold: visit.holdIn(door.bodies) });
    const { principal } = verifier;
    return { caller: callerAs(principal, { request, tenant: tenantOf(principal), arrival }), delivered };
  }

  async #allowed(request: Request, arrival: RawArrival): Promise<Caller> {
    const { definition, door } = this.#parts;
    const caller = await door.callerOf(request, arrival);
    const { principal, tenant, headers } = caller;
    const { allow } = definition;
    const { params } = arrival;
    const yes =
      typeof allow === "function"
        ? (await allow({ principal, tenant, headers, params, settings: door.settings })) === true
        : allow?.policy === "anyone" || allow?.roles.some((role) => principal.roles.includes(role)) === true;
    if (yes) return caller;
    throw new BanyanError("not-allowed", `"${principal.id}" may not use "${this.http}".`);
  }
}

interface Coming {
  readonly request: Request;
  readonly arrival: RawArrival;
  readonly body: RawBody | undefined;
  readonly exchange: RawExchange;
}

/** An answer that nobody gets: where its bytes come from is told. */
async function discard(given: unknown): Promise<void> {
  if (given instanceof Response) await given.body?.cancel();
}

/** Parameters become names of files and the like: each is one name, whatever its escapes would make of it. */
function checkParams(params: Readonly<Record<string, string>>): void {
  if (Object.values(params).every((value) => !/[/\\\p{Cc}]/u.test(value))) return;
  throw new BanyanError("route-unknown", "A parameter of the path has a slash or a control character in it.");
}

function busy(http: string): BanyanError {
  const words = `"${http}" answers as many requests at once as it may.`;
  return new BanyanError("overloaded", words, { retryAfterMs: 1_000 });
}

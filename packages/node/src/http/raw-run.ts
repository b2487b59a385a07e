import {
  jsonCodec,
  type OperationContract,
  type Principal,
  type Reply,
  type Request as Ask,
  type RouteDefinition,
} from "@banyan/core";
import { abortOf } from "../platform/abort-signal.ts";
import type { RouteCallOptions, RouteTools } from "../raw/raw-route.ts";
import type { Caller } from "./caller.ts";
import type { RawBody } from "./raw-body.ts";
import type { Delivered } from "./raw-signature.ts";
import { checkedKey, idempotencyKeyOf } from "./request-headers.ts";

/** One request that may be answered by the application's own function. */
export interface RawRun {
  readonly definition: RouteDefinition;
  readonly door: { readonly settings: unknown; readonly data: string; readonly execute: (ask: Ask) => Promise<Reply> };
  readonly request: Request;
  readonly params: Readonly<Record<string, string>>;
  readonly caller: Caller;
  readonly body: RawBody | undefined;
  readonly delivered: Delivered | undefined;
  /** How long results of commands are kept; undefined: as usual. */
  readonly keepMs: number | undefined;
  readonly signal: AbortSignal;
}

/** What the functions around the body, and the body itself, make of it. */
export async function answeredBy(run: RawRun): Promise<unknown> {
  const { around, body } = run.definition;
  const tools = toolsOf(run);
  const inner = async (request: Request): Promise<unknown> => body(request, tools);
  const whole = around.reduceRight((next, layer) => async (request: Request) => layer(request, tools, next), inner);
  const shown = shownRequest(run);
  SHOWN.set(run.signal, shown);
  return whole(shown);
}

/** A request that nobody holds is collected while its route still waits, and its own signal tells nobody then: it lives as long as ours. */
const SHOWN = new WeakMap<AbortSignal, Request>();

/** The request without what identifies or pretends: its signature is verified, its token judged. */
function shownRequest({ request, caller, body, delivered, signal }: RawRun): Request {
  const headers = new Headers(caller.headers);
  const length = request.headers.get("content-length");
  if (length !== null) headers.set("content-length", length);
  const shown = { method: request.method, headers, signal };
  if (delivered !== undefined) return new Request(request.url, { ...shown, body: delivered.bytes });
  if (body === undefined) return new Request(request.url, shown);
  return new Request(request.url, { ...shown, body: body.stream, duplex: "half" });
}

function toolsOf(run: RawRun): RouteTools<unknown, object> {
  const { caller, door, params, delivered } = run;
  const { tenant, headers } = caller;
  const principal = frozen(caller.principal);
  const { settings, data } = door;
  const call = (what: OperationContract, input: unknown, options?: RouteCallOptions): Promise<unknown> =>
    called({ ...run, caller: { ...caller, principal } }, what, { ...options, input });
  return { principal, tenant, headers, params, settings, data, delivery: delivered?.id, call: call as never };
}

async function called(
  { caller, door, signal, keepMs, request, delivered }: RawRun,
  what: OperationContract,
  { input, key, tenant = caller.tenant }: RouteCallOptions & { readonly input: unknown },
): Promise<unknown> {
  const base = delivered?.id ?? idempotencyKeyOf(request.headers);
  const { value } = await door.execute({
    ...caller,
    tenant,
    operation: what.name,
    input: copied(input),
    idempotencyKey: what.kind === "command" ? keyOf(base, key) : undefined,
    keepMs,
    abort: abortOf(signal),
  });
  return copied(value);
}

/** A slash of the id is written otherwise: `a/b` is not the execution `b` for the delivery `a`. */
function keyOf(base: string | undefined, key: string | undefined): string | undefined {
  const parts = [base?.replaceAll("%", "%25").replaceAll("/", "%2F"), key].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : checkedKey(parts.join("/"));
}

/** As it would be on the wire. */
function copied(value: unknown): unknown {
  return value === undefined ? undefined : jsonCodec.decode(jsonCodec.encode(value));
}

/** Authenticators hand out the same principal again and again. */
function frozen({ roles, tenants, ...rest }: Principal): Principal {
  const of = typeof tenants === "string" ? tenants : tenants && Object.freeze([...tenants]);
  return Object.freeze({ ...rest, roles: Object.freeze([...roles]), ...(of === undefined ? {} : { tenants: of }) });
}

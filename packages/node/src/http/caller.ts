import type { IncomingMessage, ServerResponse } from "node:http";
import { tenantOf, TENANT_HEADER, type Credentials, type Principal, type Request as Ask } from "@banyan/core";
import { clientAbort } from "./client-abort.ts";
import type { Principals } from "./principals.ts";
import { correlationOf, openHeaders, traceparentOf } from "./request-headers.ts";
import type { Visit } from "./visits.ts";

/** Node's own ends of a request, where a server of ours received it. */
export interface Wire {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/** How a request came. */
export interface Arrival {
  readonly wire: Wire | undefined;
  readonly visit: Visit;
}

/** Who asks, of which tenant and in which flow, by the headers of a request. */
export type Caller = Pick<Ask, "principal" | "tenant" | "headers" | "correlation" | "traceparent" | "abort">;

/** Throws where nobody may be who it says it is, or asks more than it may. */
export async function callerOf(request: Request, principals: Principals, arrival: Arrival): Promise<Caller> {
  const { visit } = arrival;
  const principal = await principals(credentialsOf(request), visit);
  visit.enter(principal);
  const tenant = tenantOf(principal, request.headers.get(TENANT_HEADER) ?? undefined);
  return callerAs(principal, { request, tenant, arrival });
}

interface Coming {
  readonly request: Request;
  readonly tenant: string;
  readonly arrival: Arrival;
}

/** A principal that was found in another way, with what else its request says. */
export function callerAs(principal: Principal, { request, tenant, arrival }: Coming): Caller {
  const { headers } = request;
  return {
    principal,
    tenant,
    headers: openHeaders(headers),
    correlation: correlationOf(headers),
    traceparent: traceparentOf(headers),
    abort: clientAbort(request, arrival.wire?.outgoing),
  };
}

export function credentialsOf({ method, headers }: Request): Credentials {
  return { method, header: (name) => headers.get(name) ?? undefined };
}

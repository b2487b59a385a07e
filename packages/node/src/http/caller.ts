import type { IncomingMessage, ServerResponse } from "node:http";
import { tenantOf, TENANT_HEADER, type Credentials, type Request as Ask } from "@banyan/core";
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
export async function callerOf(request: Request, principals: Principals, { wire, visit }: Arrival): Promise<Caller> {
  const { headers } = request;
  const principal = await principals(credentialsOf(request), visit);
  visit.enter(principal);
  return {
    principal,
    tenant: tenantOf(principal, headers.get(TENANT_HEADER) ?? undefined),
    headers: openHeaders(headers),
    correlation: correlationOf(headers),
    traceparent: traceparentOf(headers),
    abort: clientAbort(request, wire?.outgoing),
  };
}

export function credentialsOf({ method, headers }: Request): Credentials {
  return { method, header: (name) => headers.get(name) ?? undefined };
}

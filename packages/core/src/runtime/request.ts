import type { RequestHeaders } from "../context/index.ts";
import type { Abort, Origin, Principal } from "../ports/index.ts";
import type { Answered } from "./answers.ts";
import type { Host } from "./host.ts";
import type { ReadScope } from "./read-scope.ts";

/** A command or query as it comes through a door. `input` is decoded and not yet trusted. */
export interface Request {
  readonly operation: string;
  readonly input: unknown;
  readonly principal: Principal;
  readonly tenant: string;
  readonly headers: RequestHeaders;
  readonly idempotencyKey?: string | undefined;
  /** How long what is kept under its key stays; `Infinity` is for good. Where nothing is said, as the limits say. */
  readonly keepMs?: number | undefined;
  /** Asked by a context that may be reading itself. */
  readonly nested?: boolean;
  readonly correlation?: string | undefined;
  readonly traceparent?: string | undefined;
  /** Aborted when whoever asks is gone. What may still be given up then is; a body that was submitted goes on. */
  readonly abort?: Abort | undefined;
}

export interface Reply extends Answered {
  /** For commands: the same for every repeat under one idempotency key. */
  readonly commandId: string | undefined;
  readonly replayed: boolean;
}

/** A request that has been validated, at the context that answers it. */
export interface Run {
  readonly host: Host;
  readonly request: Request;
  readonly input: unknown;
  readonly reads: ReadScope;
}

/** What follows from a request: in its flow, caused by it. */
export function originOf(request: Request, id: string): Origin {
  const { tenant, principal, correlation = id, traceparent } = request;
  return { tenant, principal: principal.id, correlation, causation: id, traceparent };
}

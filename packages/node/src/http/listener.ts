import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { BanyanError } from "@banyan/core";
import type { Edge } from "./edge.ts";
import { isStreaming, sendStreaming } from "./raw-answer.ts";

/** Answers a request that Node's own server has received. Never rejects. */
export type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

/**
 * What a server of Node calls for each request. `own`: the process is ours, and lighter classes may be put in place of the global `Request` and
 * `Response` (a query costs a quarter less with them); in the process of a host its globals are left alone.
 */
export function listener(edge: Edge, { own }: { readonly own: boolean }): Listener {
  const listen = getRequestListener(
    async (request, { incoming, outgoing }) => {
      const answer = await edge.fetch(request, { incoming, outgoing } as never);
      // a connection must not be kept for a request that will not be taken
      if (edge.stopping) answer.headers.set("connection", "close");
      if (!isStreaming(answer)) return answer;
      await sendStreaming(answer, outgoing as ServerResponse);
      return RESPONSE_ALREADY_SENT;
    },
    { errorHandler: () => edge.problem(malformed(), "a request"), overrideGlobalObjects: own },
  );
  return async (incoming, outgoing) => {
    const refusal = edge.refusal(incoming);
    if (refusal !== undefined) return refusal.give(outgoing);
    await listen(incoming, outgoing);
  };
}

function malformed(): BanyanError {
  return new BanyanError("request-malformed", "The request line or the `host` header is not valid.");
}

import type { ServerResponse } from "node:http";
import { BanyanError, type Abort } from "@banyan/core";
import { abortOf } from "../platform/abort-signal.ts";
import { AbortSource } from "../platform/abort-source.ts";

/** Aborted when the client is gone: by the connection of its answer where a server of ours has it, else by the request's own signal. */
export function clientAbort(request: Request, outgoing: ServerResponse | undefined): Abort {
  return outgoing === undefined ? abortOf(request.signal) : abortOfAnswer(outgoing);
}

function abortOfAnswer(outgoing: ServerResponse): Abort {
  const source = new AbortSource();
  const closed = (): void => {
    // it closes when it has been sent, too
    if (!outgoing.writableFinished) source.abort(new BanyanError("caller-gone", "The client closed its connection."));
  };
  if (outgoing.destroyed) closed();
  else outgoing.once("close", closed);
  return source;
}

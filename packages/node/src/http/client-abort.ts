import type { ServerResponse } from "node:http";
import { BanyanError, type Abort } from "@banyan/core";
import { abortOf } from "../platform/abort-signal.ts";

/** Aborted when the client is gone: by the connection of its answer where a server of ours has it, else by the request's own signal. */
export function clientAbort(request: Request, outgoing: ServerResponse | undefined): Abort {
  return outgoing === undefined ? abortOf(request.signal) : abortOfAnswer(outgoing);
}

function abortOfAnswer(outgoing: ServerResponse): Abort {
  const isGone = (): boolean => outgoing.destroyed && !outgoing.writableFinished;
  return {
    get aborted() {
      return isGone();
    },
    get reason() {
      return isGone() ? new BanyanError("caller-gone", "The client closed its connection.") : undefined;
    },
    onAbort(fire) {
      const closed = (): void => {
        if (isGone()) fire();
      };
      closed();
      outgoing.once("close", closed);
      return () => outgoing.removeListener("close", closed);
    },
  };
}

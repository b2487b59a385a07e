import type { Abort } from "@banyan/core";
import { AbortSource } from "./abort-source.ts";

/** For `fetch` and whatever else takes the web platform's signal: `fetch(url, { signal: abortSignalOf(abort) })`. Its reason is Banyan's error. */
export function abortSignalOf(abort: Abort): AbortSignal {
  const controller = new AbortController();
  abort.onAbort(() => controller.abort(abort.reason));
  return controller.signal;
}

/** The other way round. */
export function abortOf(signal: AbortSignal): Abort {
  const source = new AbortSource();
  const abort = (): void => source.abort(signal.reason as Error);
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  return source;
}

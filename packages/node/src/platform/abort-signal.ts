import type { Abort } from "@banyan/core";

/** For `fetch` and whatever else takes the web platform's signal: `fetch(url, { signal: abortSignalOf(abort) })`. Its reason is Banyan's error. */
export function abortSignalOf(abort: Abort): AbortSignal {
  const controller = new AbortController();
  abort.onAbort(() => controller.abort(abort.reason));
  return controller.signal;
}

/** The other way round. */
export function abortOf(signal: AbortSignal): Abort {
  return {
    get aborted() {
      return signal.aborted;
    },
    get reason() {
      return signal.aborted ? (signal.reason as Error) : undefined;
    },
    onAbort(fire) {
      if (signal.aborted) {
        fire();
        return () => {};
      }
      const once = (): void => fire();
      signal.addEventListener("abort", once, { once: true });
      return () => signal.removeEventListener("abort", once);
    },
  };
}

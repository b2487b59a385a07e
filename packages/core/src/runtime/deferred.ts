import type { Clock } from "../ports/index.ts";

/** A promise and the two ways to end it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

export function deferred<T>(): Deferred<T> {
  return Promise.withResolvers<T>();
}

export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}

/** The work's outcome, or `late()` as a rejection once `ms` have passed. The work itself is not stopped; a late failure is swallowed. */
export async function within<T>(
  work: Promise<T>,
  clock: Clock,
  limit: { readonly ms: number; readonly late: () => Error },
): Promise<T> {
  const timeout = deferred<never>();
  const cancel = clock.after(limit.ms, () => timeout.reject(limit.late()));
  work.catch(() => {});
  try {
    return await Promise.race([work, timeout.promise]);
  } finally {
    cancel();
  }
}

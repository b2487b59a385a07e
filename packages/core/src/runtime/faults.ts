import { BanyanError } from "../error/index.ts";
import type { Clock, Entry, Fetched, Random, Store, StoreTransaction, Telemetry } from "../ports/index.ts";
import { sleep } from "./deferred.ts";
import { over } from "./over.ts";

export interface FaultOptions {
  /** Chances out of one, per commit and per fetch. */
  readonly commitFails?: number;
  readonly reorders?: number;
  readonly delays?: number;
  readonly delayMs?: number;
}

/**
 * A store that behaves like a wire, for development: commits fail (so handlers run again), entries of different keys change places, deliveries are late.
 * Each is announced as injected. It never breaks a promise of the port, and never fails two commits in a row.
 */
export function faulty(
  store: Store,
  by: { readonly clock: Clock; readonly random: Random; readonly telemetry: Telemetry },
  options: FaultOptions = {},
): Store {
  const { commitFails = 0.01, reorders = 0.1, delays = 0.05, delayMs = 20 } = options;
  const chance = (odds: number): boolean => by.random.u32() / 0x1_0000_0000 < odds;
  let failedLast = false;

  const begin = async (): Promise<StoreTransaction> => {
    const transaction = await store.begin();
    const commit = async (): Promise<void> => {
      failedLast = !failedLast && chance(commitFails);
      if (!failedLast) return transaction.commit();
      by.telemetry.signal({ name: "fault.injected", fault: "commit-failed", where: "store" });
      throw new BanyanError("fault-injected", "A commit was made to fail; the units of the batch run again.");
    };
    return over(transaction, { commit });
  };

  const fetch: Store["fetch"] = async (query) => {
    const fetched = await store.fetch(query);
    if (fetched.entries.length > 0 && chance(delays)) {
      by.telemetry.signal({ name: "fault.injected", fault: "delayed", where: query.source });
      await sleep(by.clock, (by.random.u32() / 0x1_0000_0000) * delayMs);
    }
    if (fetched.entries.length < 2 || !chance(reorders)) return fetched;
    const after = reordered(fetched, by.random);
    if (after.entries.some((entry, i) => entry !== fetched.entries[i]))
      by.telemetry.signal({ name: "fault.injected", fault: "reordered", where: query.source });
    return after;
  };

  return over(store, { begin, fetch });
}

/** Keys change places; the entries of each key keep their order. */
function reordered(fetched: Fetched, random: Random): Fetched {
  const byKey = new Map<string, Entry[]>();
  for (const entry of fetched.entries) byKey.set(entry.key, [...(byKey.get(entry.key) ?? []), entry]);
  const keys = [...byKey.values()];
  for (let i = keys.length - 1; i > 0; i--) {
    const j = random.u32() % (i + 1);
    [keys[i], keys[j]] = [keys[j] ?? [], keys[i] ?? []];
  }
  return { entries: keys.flat(), through: fetched.through };
}

import type { LogVolume, Store, VolumeQuery } from "@banyan/core";
import { altered, type PlantedBug } from "./broken-store.ts";

const inVolume =
  (wrong: (query: VolumeQuery, store: Store) => Promise<LogVolume>): PlantedBug =>
  (store) =>
    altered(store, { volume: (query) => wrong(query, store) });

/** What waited a while ago need not wait now. */
const tellsWhatItToldBefore: PlantedBug = (store) => {
  const told = new Map<string, LogVolume>();
  return inVolume(async (query) => {
    const reader = JSON.stringify([query.source, query.types]);
    const now = await store.volume(query);
    const before = told.get(reader) ?? now;
    told.set(reader, now);
    return before;
  })(store);
};

export const BACKLOG_BUGS: Readonly<Record<string, PlantedBug>> = {
  "tells how much waited when it was asked before": tellsWhatItToldBefore,
  "takes for waiting what was settled last": inVolume(({ after, ...query }, store) =>
    store.volume({ ...query, after: Math.max(0, after - 3) }),
  ),
};

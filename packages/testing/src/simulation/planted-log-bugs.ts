import type { Entry } from "@banyan/core";
import { inFetch, inTransactions, nothing, type PlantedBug } from "./broken-store.ts";

const byType = (left: Entry, right: Entry): number => (left.type < right.type ? -1 : left.type > right.type ? 1 : 0);

export const LOG_BUGS: Readonly<Record<string, PlantedBug>> = {
  "orders several events by type": inFetch(({ entries, through }) => ({ entries: entries.toSorted(byType), through })),
  "trims past the slowest reader": inTransactions(nothing, (transaction) => ({
    trim: (source, _through, cut) => transaction.trim(source, Number.MAX_SAFE_INTEGER, cut),
  })),
  "trims what is too young": inTransactions(nothing, (transaction) => ({
    trim: (source, through, cut) => transaction.trim(source, through, { ...cut, olderThan: Number.MAX_SAFE_INTEGER }),
  })),
};

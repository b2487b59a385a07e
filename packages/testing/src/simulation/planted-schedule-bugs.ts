import type { NewEntry, Scheduled, StoreTransaction } from "@banyan/core";
import { alone, altered, inTransactions, nothing, type PlantedBug } from "./broken-store.ts";

/** Schedules, or unschedules, only when the next transaction begins: a crash before that undoes it alone. */
function later(what: "schedule" | "unschedule"): PlantedBug {
  return (store) => {
    const owed: Scheduled[] = [];
    const begin = async (): Promise<StoreTransaction> => {
      const due = owed.splice(0);
      if (due.length > 0) await alone(store, async (own) => Promise.all(due.map((one) => own[what](one))));
      const transaction = await store.begin();
      const own: Scheduled[] = [];
      const commit = async (): Promise<void> => {
        await transaction.commit();
        owed.push(...own);
      };
      return altered(transaction, { [what]: async (one: Scheduled) => own.push(one) > 0, commit });
    };
    const isOwed = ({ entry }: Scheduled): boolean => owed.some((one) => one.entry.id === entry.id);
    const scheduled = async (limit: number): Promise<readonly Scheduled[]> =>
      (await store.scheduled(limit)).filter((one) => !isOwed(one));
    return altered(store, { begin, ...(what === "unschedule" ? { scheduled } : {}) });
  };
}

const keepsWhatARolledBackUnitScheduled = inTransactions(nothing, (transaction, { store }) => {
  const kept: Scheduled[] = [];
  return {
    schedule: async (one) => {
      kept.push(one);
      await transaction.schedule(one);
    },
    rollback: async () => {
      await transaction.rollback();
      for (const one of kept.splice(0)) await alone(store, (own) => own.schedule(one));
    },
  };
});

const EARLY_MS = 2_000;

const tellsTooEarly: PlantedBug = (store) => {
  const moved = (one: Scheduled, ms: number): Scheduled => ({ ...one, due: one.due + ms });
  return altered(
    inTransactions(nothing, (transaction) => ({
      unschedule: (one) => transaction.unschedule(moved(one, EARLY_MS)),
    }))(store),
    { scheduled: async (limit) => (await store.scheduled(limit)).map((one) => moved(one, -EARLY_MS)) },
  );
};

const letsTheLatestEnterFirst = inTransactions(nothing, (transaction) => {
  const taken = new Set<string>();
  return {
    unschedule: async (one) => {
      taken.add(one.entry.id);
      return transaction.unschedule(one);
    },
    append: (context, entries) => {
      const wasTaken = ({ id }: NewEntry): boolean => taken.has(id);
      const others = entries.filter((entry) => !wasTaken(entry));
      return transaction.append(context, [...others, ...entries.filter(wasTaken).toReversed()]);
    },
  };
});

export const SCHEDULE_BUGS: Readonly<Record<string, PlantedBug>> = {
  "keeps a schedule in a commit of its own": later("schedule"),
  "ends a schedule in a commit of its own": later("unschedule"),
  "keeps what a rolled-back unit scheduled": keepsWhatARolledBackUnitScheduled,
  "tells of scheduled events too early": tellsTooEarly,
  "lets the latest of scheduled events enter first": letsTheLatestEnterFirst,
};

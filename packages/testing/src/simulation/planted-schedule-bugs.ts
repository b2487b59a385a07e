import type { NewEntry, Scheduled } from "@banyan/core";
import { alone, altered, inTheNextCommit, inTransactions, nothing, type PlantedBug } from "./broken-store.ts";

const keepsASchedule = inTheNextCommit<Scheduled>(
  (own) => ({ schedule: async (one) => void own.push(one) }),
  (transaction, one) => transaction.schedule(one),
);

const endsASchedule = inTheNextCommit<Scheduled>(
  (own) => ({ unschedule: async (one) => own.push(one) > 0 }),
  (transaction, one) => transaction.unschedule(one),
  (store, owed) => ({
    scheduled: async (context, limit) => {
      const ended = new Set(owed.map(({ entry }) => entry.id));
      return (await store.scheduled(context, limit)).filter(({ entry }) => !ended.has(entry.id));
    },
  }),
);

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
    { scheduled: async (...of) => (await store.scheduled(...of)).map((one) => moved(one, -EARLY_MS)) },
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
  "keeps a schedule in a commit of its own": keepsASchedule,
  "ends a schedule in a commit of its own": endsASchedule,
  "keeps what a rolled-back unit scheduled": keepsWhatARolledBackUnitScheduled,
  "tells of scheduled events too early": tellsTooEarly,
  "lets the latest of scheduled events enter first": letsTheLatestEnterFirst,
};

import type { RawHandle, Scheduled, SqlHandle, TablesHandle, UnitHandle } from "@banyan/core";
import { altered, inFetch, inTransactions, nothing, type PlantedBug } from "./broken-store.ts";

/** Bodies leave their effect rows in tables of this name: those are kept. */
const KEPT = "sim_effect";
const EVERY = 9;

/** One write in so many of those that bodies make is told as done, and is not. */
const losesAWrite = inTransactions(
  () => ({ writes: 0 }),
  (transaction, { memory }) => {
    const lost = (where: string): boolean => !where.includes(KEPT) && ++memory.writes % EVERY === 0;
    return {
      unit: (...asked) => {
        const unit: UnitHandle = transaction.unit(...asked);
        return altered(unit, { raw: losing(unit.raw, lost) });
      },
    };
  },
);

function losing(raw: RawHandle, lost: (where: string) => boolean): RawHandle {
  return raw.kind === "sql" ? losingSql(raw, lost) : losingTables(raw, lost);
}

function losingTables(raw: TablesHandle, lost: (where: string) => boolean): TablesHandle {
  return altered(raw, {
    table: <T>(name: string) => {
      const inner = raw.table<T>(name);
      return altered(inner, { set: async (key, value) => (lost(name) ? undefined : inner.set(key, value)) });
    },
  });
}

function losingSql(raw: SqlHandle, lost: (where: string) => boolean): SqlHandle {
  return altered(raw, {
    execute: async (sql, ...more) =>
      /^\s*(insert|update)/i.test(sql) && lost(sql) ? { rows: [], changes: 1 } : raw.execute(sql, ...more),
    savepoint: (work) => raw.savepoint((inner) => work(losingSql(inner, lost))),
  });
}

const HOUR_MS = 3_600_000;

/** Whoever looks is told that there is time; what is kept is as it was. */
const tellsTooLate: PlantedBug = (store) => {
  const late = (one: Scheduled): Scheduled => ({ ...one, due: one.due + HOUR_MS });
  const wrong = inTransactions(nothing, (transaction) => ({
    unschedule: (one) => transaction.unschedule({ ...one, due: one.due - HOUR_MS }),
  }))(store);
  return altered(wrong, {
    scheduled: async (...of) => (await store.scheduled(...of)).map(late),
    schedules: (now) => store.schedules(now - HOUR_MS),
  });
};

/** Now and then a fetch is never answered. */
const neverAnswersAFetch: PlantedBug = (store) => {
  let fetches = 0;
  return altered(store, {
    fetch: (query) => (++fetches % 40 === 0 ? new Promise(() => {}) : store.fetch(query)),
  });
};

export const PROOF_BUGS: Readonly<Record<string, PlantedBug>> = {
  "gives an entry twice": inFetch(({ entries, through }) => ({
    entries: entries.flatMap((entry) => (entry.position % 5 === 0 ? [entry, entry] : [entry])),
    through,
  })),
  "loses a write of a body": losesAWrite,
  "never answers a fetch": neverAnswersAFetch,
  "tells of scheduled events an hour late": tellsTooLate,
};

import type {
  CommandRecord,
  CommandScope,
  Cursor,
  CursorMove,
  ActRecord,
  Entry,
  NewEntry,
  ParkRow,
  StoreTransaction,
} from "@banyan/core";
import {
  alone,
  altered,
  inFetch,
  inTheNextCommit,
  inTransactions,
  nothing,
  type PlantedBug,
  type TransactionBug,
} from "./broken-store.ts";
import type { FaultOdds } from "./fault-odds.ts";
import { BACKLOG_BUGS } from "./planted-backlog-bugs.ts";
import { LOG_BUGS } from "./planted-log-bugs.ts";
import { NAME_BUGS } from "./planted-name-bugs.ts";
import { PROOF_BUGS } from "./planted-proof-bugs.ts";
import { REPLAY_BUGS } from "./planted-replay-bugs.ts";
import { SCHEDULE_BUGS } from "./planted-schedule-bugs.ts";

/** Commits when it is next asked for anything: a crash before that takes what was acknowledged. */
const acknowledgesBeforeItCommits: PlantedBug = (store) => {
  let owed: StoreTransaction | undefined;
  const pay = async (): Promise<void> => {
    const transaction = owed;
    owed = undefined;
    await transaction?.commit();
  };
  const begin = async (): Promise<StoreTransaction> => {
    await pay();
    const transaction = await store.begin();
    return altered(transaction, { commit: async () => void (owed = transaction) });
  };
  return altered(store, {
    begin,
    fetch: async (query) => (await pay(), store.fetch(query)),
    entriesAt: async (source, positions) => (await pay(), store.entriesAt(source, positions)),
    parkedEntry: async (ref) => (await pay(), store.parkedEntry(ref)),
    recall: async (scope) => (await pay(), store.recall(scope)),
    session: async (...asked) => (await pay(), store.session(...asked)),
    close: async () => (await pay(), store.close()),
  });
};

const recallsWhatWasNotCommitted: PlantedBug = (store) => {
  const records = new Map<string, CommandRecord>();
  const id = ({ tenant, principal, operation, key }: CommandScope): string =>
    JSON.stringify([tenant, principal, operation, key]);
  const begin = async (): Promise<StoreTransaction> => {
    const transaction = await store.begin();
    const remember = async (record: CommandRecord): Promise<boolean> => {
      records.set(id(record), record);
      return transaction.remember(record);
    };
    return altered(transaction, { remember });
  };
  return altered(store, { begin, recall: async (scope) => (await store.recall(scope)) ?? records.get(id(scope)) });
};

/** Lets a move with a dead fence pass where `when` says so of the actions of its transaction. */
function ignoresTheFence(when: (actions: readonly string[]) => boolean): PlantedBug {
  const wrong: TransactionBug<Map<string, number>> = (transaction, { memory: fences }) => {
    const actions: string[] = [];
    return {
      claim: async (name, from) => {
        const cursor: Cursor = await transaction.claim(name, from);
        fences.set(name.subscription, cursor.fence);
        return cursor;
      },
      audit: async (record) => {
        actions.push(record.action);
        await transaction.audit(record);
      },
      settle: async (move) => {
        const fence = when(actions) ? (fences.get(move.subscription) ?? move.fence) : move.fence;
        return transaction.settle({ ...move, fence });
      },
    };
  };
  return inTransactions(() => new Map<string, number>(), wrong);
}

/** What stood behind the skipped entry waits on, with nobody before it. */
const skipsWithoutMovingUp = inTransactions(nothing, (transaction) => {
  const moved: ParkRow[] = [];
  return {
    park: async (row) => {
      if (row.state === "retrying" && row.due === 0) moved.push(row);
      else await transaction.park(row);
    },
    audit: async (record) => {
      const { action, subject } = record;
      const left = moved.splice(0).filter(({ key }) => action !== "skip" || key !== subject["key"]);
      moved.push(...left);
      await transaction.audit(record);
    },
    commit: async () => {
      for (const row of moved) await transaction.park(row);
      await transaction.commit();
    },
  };
});

const keepsWhatARolledBackUnitEmitted = inTransactions(nothing, (transaction, { store }) => {
  const appended: (readonly [string, readonly NewEntry[]])[] = [];
  return {
    append: async (context, entries) => {
      appended.push([context, entries]);
      await transaction.append(context, entries);
    },
    rollback: async () => {
      await transaction.rollback();
      for (const [context, entries] of appended.splice(0)) await alone(store, (own) => own.append(context, entries));
    },
  };
});

const looksFurtherThanItReads: PlantedBug = (store) =>
  altered(store, {
    fetch: async (query) => {
      const { entries, through } = await store.fetch({ ...query, limit: query.limit + 1 });
      return { entries: entries.slice(0, query.limit), through };
    },
  });

/** Each must be caught by the simulation, or the simulation proves nothing. */
export const PLANTED_BUGS: Readonly<Record<string, PlantedBug>> = {
  "acknowledges before it commits": acknowledgesBeforeItCommits,
  "commits what is rolled back": inTransactions(nothing, (transaction) => ({ rollback: () => transaction.commit() })),
  "commits all but the last event": inTransactions(nothing, (transaction) => ({
    append: (context, entries) => transaction.append(context, entries.slice(0, Math.max(1, entries.length - 1))),
  })),
  "keeps what a rolled-back unit emitted": keepsWhatARolledBackUnitEmitted,
  "moves cursors in a commit of their own": inTheNextCommit<CursorMove>(
    (own) => ({ settle: async (move) => own.push(move) > 0 }),
    (transaction, move) => transaction.settle(move),
  ),
  "forgets what is open": inTransactions(nothing, (transaction) => ({
    settle: (move) => transaction.settle({ ...move, open: [] }),
  })),
  "finds nothing that is open": (store) => altered(store, { entriesAt: async () => [] }),
  "keeps a low-water mark": inTransactions(nothing, (transaction) => ({
    settle: (move) =>
      transaction.settle({ ...move, pos: Math.min(move.pos, ...move.open.map((position) => position - 1)), open: [] }),
  })),
  "ignores the fence": ignoresTheFence(() => true),
  "ignores the fence when an operator redrives": ignoresTheFence((actions) => actions.includes("redrive")),
  "skips without moving the next one up": skipsWithoutMovingUp,
  "keeps acts outside in a commit of their own": inTheNextCommit<ActRecord>(
    (own) => ({ recordAct: async (record) => void own.push(record) }),
    (transaction, record) => transaction.recordAct(record),
  ),
  "forgets that an act outside was begun": inTransactions(nothing, (transaction) => ({
    recordAct: async (record) => (record.state === "intent" ? undefined : transaction.recordAct(record)),
  })),
  "keeps no audit": inTransactions(nothing, () => ({ audit: async () => {} })),
  "remembers no command": inTransactions(nothing, () => ({ remember: async () => true })),
  "recalls what was not committed": recallsWhatWasNotCommitted,
  "forgets who waits behind a parked entry": inTransactions(nothing, (transaction) => ({
    park: async (row) => (row.state === "waiting" ? undefined : transaction.park(row)),
  })),
  "forgets what this code could not read": inTransactions(nothing, (transaction) => ({
    park: async (row) => (row.state === "unknown" ? undefined : transaction.park(row)),
  })),
  "never moves the next one up": inTransactions(nothing, (transaction) => ({
    park: async (row) => (row.state === "retrying" && row.due === 0 ? undefined : transaction.park(row)),
  })),
  "never unparks": inTransactions(nothing, () => ({ unpark: async () => {} })),
  "skips an entry": inFetch(({ entries, through }) => ({
    entries: entries.filter((entry) => entry.position % 7 !== 0),
    through,
  })),
  "swaps entries of a key": inFetch(({ entries, through }) => ({
    entries: entries.toSorted(latestOfAKeyFirst),
    through,
  })),
  "looks further than it reads": looksFurtherThanItReads,
  ...SCHEDULE_BUGS,
  ...LOG_BUGS,
  ...BACKLOG_BUGS,
  ...NAME_BUGS,
  ...REPLAY_BUGS,
  ...PROOF_BUGS,
};

/** A process that was replaced gets far seldom: it must be replaced often, and not crash before. */
const OFTEN_REPLACED: Partial<FaultOdds> = { crash: 0, commitUnknown: 0, restart: 0, takeover: 0.003 };

/** Faults under which a bug is to be caught, where it shows too seldom under the usual ones. */
export const PLANTED_UNDER: Readonly<Record<string, Partial<FaultOdds>>> = {
  "ignores the fence when an operator redrives": OFTEN_REPLACED,
  "rewinds under a dead fence": OFTEN_REPLACED,
};

function latestOfAKeyFirst(left: Entry, right: Entry): number {
  return left.key === right.key ? right.position - left.position : 0;
}

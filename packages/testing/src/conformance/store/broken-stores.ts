import {
  LAST_INSTANT,
  type AuditRecord,
  type CommandRecord,
  type CursorMove,
  type ActRecord,
  type NewEntry,
  type OwnCursor,
  type ParkRow,
  type ReadSession,
  type Store,
  type StoreTransaction,
} from "@banyan/core";
import type { StorePlace, StoreSubject } from "./subject.ts";

/** Makes a place whose stores have one fault, out of a sound subject. */
type Fault = (subject: StoreSubject) => Promise<StorePlace>;

/** `target` with some of its methods replaced. */
function changed<T extends object>(target: T, changes: Partial<T>): T {
  const get = (_: T, name: string | symbol): unknown => {
    if (Object.hasOwn(changes, name)) return Reflect.get(changes, name);
    const value: unknown = Reflect.get(target, name, target);
    return typeof value === "function" ? value.bind(target) : value;
  };
  return new Proxy(target, { get });
}

function stores(breakStore: (store: Store, nth: number) => Partial<Store>): Fault {
  return async (subject) => {
    const place = await subject.make();
    let nth = 0;
    const store = async (): Promise<Store> => {
      const sound = await place.store();
      return changed(sound, breakStore(sound, nth++));
    };
    return changed(place, { store });
  };
}

function transactions(
  breakTransaction: (transaction: StoreTransaction, store: Store) => Partial<StoreTransaction>,
): Fault {
  return stores((store) => ({
    begin: async () => {
      const transaction = await store.begin();
      return changed(transaction, breakTransaction(transaction, store));
    },
  }));
}

async function inAnother(store: Store, work: (transaction: StoreTransaction) => Promise<unknown>): Promise<void> {
  const transaction = await store.begin();
  await work(transaction);
  await transaction.commit();
}

export const BROKEN_STORES: Readonly<Record<string, Fault>> = {
  "acknowledges a commit and loses it": transactions((transaction) => ({ commit: () => transaction.rollback() })),
  "commits what is rolled back": transactions((transaction) => ({ rollback: () => transaction.commit() })),
  "appends outside the transaction": transactions((transaction, store) => {
    const appended: (readonly [string, readonly NewEntry[]])[] = [];
    return {
      append: async (context, entries) => void appended.push([context, entries]),
      commit: async () => {
        for (const [context, entries] of appended) await transaction.append(context, entries);
        await transaction.commit();
      },
      rollback: async () => {
        await transaction.rollback();
        for (const [context, entries] of appended.splice(0))
          await inAnother(store, (other) => other.append(context, entries));
      },
    };
  }),
  "moves cursors outside the transaction": transactions((transaction, store) => {
    const moves: CursorMove[] = [];
    return {
      settle: async (move) => (moves.push(move), transaction.settle(move)),
      rollback: async () => {
        await transaction.rollback();
        for (const move of moves.splice(0)) await inAnother(store, (other) => other.settle(move));
      },
    };
  }),
  "reorders the entries of one append": transactions((transaction) => ({
    append: (context, entries) => transaction.append(context, [...entries].reverse()),
  })),
  "ignores the fence": transactions((transaction) => ({
    settle: async (move) => (await transaction.settle(move), true),
  })),
  "never raises the fence": transactions((transaction) => ({
    claim: async (name, from) => ({ ...(await transaction.claim(name, from)), fence: 1 }),
  })),
  "renames nothing": transactions(() => ({ rename: async () => {} })),
  "starts a renamed subscription over": transactions((transaction) => ({
    rename: async (subscription) => void (await transaction.forget(subscription)),
  })),
  "takes a renamed subscription for a new one": transactions((transaction) => ({
    claim: async (name, from) => ({ ...(await transaction.claim(name, from)), firstName: name.subscription }),
  })),
  "gives two subscriptions one name": transactions((transaction) => ({
    rename: (subscription, to) => transaction.rename(subscription, to).catch(() => {}),
  })),
  "leaves parked entries behind at a rename": stores((store) => {
    const rows = new Map<number, ParkRow>();
    const begin = async (): Promise<StoreTransaction> => {
      const transaction = await store.begin();
      return changed(transaction, {
        park: async (row) => (rows.set(row.position, row), transaction.park(row)),
        rename: async (subscription, to) => {
          await transaction.rename(subscription, to);
          for (const row of rows.values()) {
            if (row.subscription !== subscription) continue;
            await transaction.unpark({ ...row, subscription: to });
            await transaction.park(row);
          }
        },
      });
    };
    return { begin };
  }),
  "takes a renamed subscription's parked entries for those of its first name": transactions((transaction) => ({
    forgetActs: (of, cut) => transaction.forgetActs({ ...of, parkedAs: of.subscription }, cut),
  })),
  "keeps the acts outside of a subscription that is forgotten": stores((store) => {
    const acts: ActRecord[] = [];
    const begin = async (): Promise<StoreTransaction> => {
      const transaction = await store.begin();
      return changed(transaction, {
        recordAct: async (act) => (acts.push(act), transaction.recordAct(act)),
        forget: async (subscription) => {
          const parked = await transaction.forget(subscription);
          for (const act of acts) await transaction.recordAct(act);
          return parked;
        },
      });
    };
    return { begin };
  }),
  "forgets nothing": transactions(() => ({ forget: async () => 0 })),
  "does not say how much it forgot": transactions((transaction) => ({
    forget: async (subscription) => (await transaction.forget(subscription), 0),
  })),
  "remembers a command twice": transactions((transaction) => ({
    remember: async (one) => (await transaction.remember(one), true),
  })),
  "never forgets a refusal": transactions(() => ({ forgetRefusal: async () => {} })),
  "keeps what operators did outside the transaction": transactions((transaction, store) => {
    const records: AuditRecord[] = [];
    return {
      audit: async (one) => (records.push(one), transaction.audit(one)),
      rollback: async () => {
        await transaction.rollback();
        for (const one of records.splice(0)) await inAnother(store, (other) => other.audit(one));
      },
    };
  }),
  "keeps what is known of acts outside though it is rolled back": transactions((transaction, store) => {
    const records: ActRecord[] = [];
    return {
      recordAct: async (one) => (records.push(one), transaction.recordAct(one)),
      rollback: async () => {
        await transaction.rollback();
        for (const one of records.splice(0)) await inAnother(store, (other) => other.recordAct(one));
      },
    };
  }),
  "parks for a time that is none": transactions((transaction) => ({
    park: (row) => transaction.park({ ...row, due: nearest(row.due) }),
  })),
  "schedules for a time that is none": transactions((transaction) => ({
    schedule: (one) => transaction.schedule({ ...one, due: nearest(one.due) }),
  })),
  "does not tell when what is parked failed": stores((store) => ({
    parkedRows: async () => (await store.parkedRows()).map((row) => ({ ...row, failedAt: 0 })),
    open: async (plan) => {
      const state = await store.open(plan);
      return { ...state, parked: state.parked.map((row) => ({ ...row, failedAt: 0 })) };
    },
  })),
  "mixes up the schedules of contexts": stores((store) => ({
    scheduled: async (_context, limit) => {
      const all = await Promise.all(["billing", "orders"].map((context) => store.scheduled(context, limit)));
      return all.flat().slice(0, limit);
    },
  })),
  "does not know what is overdue": stores((store) => ({
    schedules: async (now) => (await store.schedules(now)).map((extent) => ({ ...extent, overdue: 0 })),
  })),
  "tells how many acts outside there are, and not of whom": stores((store) => ({
    acts: async () => {
      const [first, ...rest] = await store.acts();
      if (first === undefined) return [];
      return [
        rest.reduce((sum, { records, bytes }) => {
          return { ...sum, records: sum.records + records, bytes: sum.bytes + bytes };
        }, first),
      ];
    },
  })),
  "tells the size of acts outside that were replaced": stores((store) => {
    let replaced = 0;
    const begin = async (): Promise<StoreTransaction> => {
      const transaction = await store.begin();
      const recordAct: StoreTransaction["recordAct"] = async (one) => {
        replaced += (await store.actOf(one.key))?.outcome.length ?? 0;
        await transaction.recordAct(one);
      };
      return changed(transaction, { recordAct });
    };
    const acts: Store["acts"] = async () =>
      (await store.acts()).map((extent) => ({ ...extent, bytes: extent.bytes + replaced }));
    return { begin, acts };
  }),
  "takes out twice what is scheduled": transactions((transaction) => ({
    unschedule: async (one) => (await transaction.unschedule(one), true),
  })),
  "fetches however much it is": stores((store) => ({
    fetch: async ({ source, after, limit, types }) => store.fetch({ source, after, limit, types }),
  })),
  "counts characters where it should count bytes": stores((store) => ({
    fetch: async (query) => {
      const { bytes = Infinity, ...rest } = query;
      const fetched = await store.fetch(rest);
      let left = bytes;
      const entries = fetched.entries.filter(({ body }, i) => (left -= body.length) >= 0 || i === 0);
      const last = entries.length < fetched.entries.length ? entries.at(-1) : undefined;
      return { entries, through: last?.position ?? fetched.through };
    },
  })),
  "fetches nothing where the next entry is too much": stores((store) => ({
    fetch: async (query) => {
      const fetched = await store.fetch(query);
      const first = fetched.entries[0]?.body.length ?? 0;
      return first > (query.bytes ?? Infinity) ? { entries: [], through: query.after } : fetched;
    },
  })),
  "begins the fence anew when it puts a cursor back": transactions((transaction) => ({
    rewind: async (of) => {
      await transaction.forget(of.subscription);
      return transaction.claim(of, "start");
    },
  })),
  "puts a cursor back whose fence is another": transactions((transaction) => ({
    rewind: async (of) => {
      const { fence } = await transaction.claim(of, "start");
      return transaction.rewind({ ...of, fence });
    },
  })),
  "keeps what is parked when it puts a cursor back": transactions((transaction, store) => ({
    rewind: async (of) => {
      const listed = await store.parkedRows();
      const rows = await Promise.all(listed.map((row) => store.parkedEntry(row)));
      const rewound = await transaction.rewind(of);
      for (const row of rows) if (row !== undefined) await transaction.park(row);
      return rewound;
    },
  })),
  "puts a cursor back outside the transaction": transactions((transaction, store) => {
    const rewound: OwnCursor[] = [];
    return {
      rewind: async (of) => (rewound.push(of), transaction.rewind(of)),
      rollback: async () => {
        await transaction.rollback();
        for (const of of rewound.splice(0)) await inAnother(store, (other) => other.rewind(of));
      },
    };
  }),
  "has more room than there is": stores(() => ({ space: async () => ({ free: 2, total: 1 }) })),
  "does not know how much is parked": stores((store) => ({
    parkedRows: async () => (await store.parkedRows()).map((row) => ({ ...row, bytes: 0 })),
  })),
  "counts what it has of a log, whoever is asked about": stores((store) => ({
    volume: ({ source }) => store.volume({ source, after: 0 }),
  })),
  "counts characters for bytes": stores((store) => ({
    volume: async (query) => {
      const { entries } = await store.fetch({ ...query, types: query.types ?? ["orders.placed"], limit: 5_000 });
      const bytes = entries.reduce((sum, { body }) => sum + body.length, 0);
      return { ...(await store.volume(query)), bytes };
    },
  })),
  "does not tell what is parked": stores(() => ({ parkedRows: async () => [] })),
  "forgets what is scheduled at a restart": stores((store, nth) => ({
    scheduled: async (...of) => (nth === 0 ? store.scheduled(...of) : []),
  })),
  "tells an end of the log that is not committed": stores((store) => {
    let appended = 0;
    return {
      begin: async () => {
        const transaction = await store.begin();
        const append: StoreTransaction["append"] = async (context, entries) => {
          if (context === "orders") appended += entries.length;
          return transaction.append(context, entries);
        };
        return changed(transaction, { append });
      },
      extent: async (source) => {
        const { first, last } = await store.extent(source);
        return { first, last: source === "orders" ? Math.max(last, appended) : last };
      },
    };
  }),
  "trims entries that a reader still needs": transactions((transaction) => ({
    trim: (source, _, cut) => transaction.trim(source, Number.MAX_SAFE_INTEGER, cut),
  })),
  "trims entries that are too young": transactions((transaction) => ({
    trim: (source, through, cut) => transaction.trim(source, through, { ...cut, olderThan: Number.MAX_SAFE_INTEGER }),
  })),
  "trims nothing": transactions(() => ({ trim: async () => 0 })),
  "gives positions of trimmed entries to others": stores((store) => {
    let reused = 0;
    return {
      begin: async () => {
        const transaction = await store.begin();
        const trim: StoreTransaction["trim"] = async (source, through, cut) => {
          const gone = await transaction.trim(source, through, cut);
          if (source === "orders") reused += gone;
          return gone;
        };
        return changed(transaction, { trim });
      },
      fetch: async (query) => {
        const { entries, through } = await store.fetch(query);
        return { through, entries: entries.map((one) => ({ ...one, position: one.position - reused })) };
      },
    };
  }),
  "forgets acts outside of entries that are not settled": transactions((transaction) => ({
    forgetActs: (of, cut) => transaction.forgetActs({ ...of, below: Number.MAX_SAFE_INTEGER }, cut),
  })),
  "shows one tenant the rows of another": stores((store) => ({
    session: (context, tenant, nested) => store.session(context, tenant && "acme", nested),
  })),
  "writes the rows of one tenant among another's": transactions((transaction) => ({
    unit: (context, name, tenant) => transaction.unit(context, name, tenant && "acme"),
  })),
  "shows all rows to who works for no tenant": stores((store) => ({
    session: (context, tenant = "*", nested) => store.session(context, tenant, nested),
  })),
  "keeps one tenant from its rows where units of two share a commit": transactions((transaction) => {
    let first: string | undefined;
    return { unit: (context, name, tenant) => transaction.unit(context, name, (first ??= tenant) && tenant && first) };
  }),
  "leaves handles alive": transactions((transaction) => ({
    unit: (...asked) => changed(transaction.unit(...asked), { end: () => {} }),
  })),
  "forgets parked entries at a restart": stores((store) => ({
    open: async (plan) => ({ ...(await store.open(plan)), parked: [] }),
  })),
  "has nothing for who names no context": stores((store) => ({
    open: async (plan) => ({
      ...(await store.open(plan)),
      ...(plan.contexts.length === 0 ? { incarnations: new Map() } : {}),
    }),
  })),
  "does not say under which identity entries were appended": stores((store) => ({
    open: async (plan) => ({ ...(await store.open(plan)), eras: new Map() }),
  })),
  "gives the log another identity at every start": stores((store, nth) => ({
    open: async (plan) => ({
      ...(await store.open(plan)),
      incarnations: new Map([
        ["orders", `${nth}`],
        ["billing", `b${nth}`],
      ]),
    }),
  })),
  "counts positions from 1 again after a restart": stores((store) => {
    let before = 0;
    const counted = (position: number): number => (position > before ? position - before : position);
    return {
      open: async (plan) => {
        const state = await store.open(plan);
        before = (await store.fetch({ source: "orders", after: 0, limit: 1_000, types: [] })).through;
        return state;
      },
      fetch: async (query) => {
        const { entries, through } = await store.fetch(query);
        return { through, entries: entries.map((entry) => ({ ...entry, position: counted(entry.position) })) };
      },
    };
  }),
  "steps over an entry when the limit is reached": stores((store) => ({
    fetch: async (query) => {
      const { entries, through } = await store.fetch(query);
      return { entries, through: entries.length === query.limit ? through + 1 : through };
    },
  })),
  "shows readers what is not committed": stores((store) => {
    let open: StoreTransaction | undefined;
    const session = async (context: string, tenant?: string): Promise<ReadSession> => {
      if (open === undefined) return store.session(context, tenant);
      const { raw } = open.unit(context, "a dirty read", tenant);
      return { raw, end: async () => {} };
    };
    const ended = <T>(value: T): T => ((open = undefined), value);
    return {
      session,
      begin: async () => {
        const transaction = await store.begin();
        const commit = async (): Promise<void> => ended(await transaction.commit());
        const rollback = async (): Promise<void> => ended(await transaction.rollback());
        return (open = changed(transaction, { commit, rollback }));
      },
    };
  }),
  "lets a session's view move": stores((store) => ({
    session: async (...asked) => {
      const session = await store.session(...asked);
      if (session.raw.kind !== "tables") return session;
      const table = (name: string): never => {
        const entries = async (): Promise<unknown> => {
          const latest = await store.session(...asked);
          if (latest.raw.kind !== "tables") throw new Error("another kind of handle");
          return latest.raw.table(name).entries();
        };
        return { entries } as never;
      };
      return changed(session, { raw: { kind: "tables", table } });
    },
  })),
  "recalls what has expired": stores((store) => {
    const kept = new Map<string, CommandRecord>();
    const recall: Store["recall"] = async (scope) => (await store.recall(scope)) ?? kept.get(scope.key);
    const begin = async (): Promise<StoreTransaction> => {
      const transaction = await store.begin();
      const remember: StoreTransaction["remember"] = async (one) => {
        const first = await transaction.remember(one);
        if (first) kept.set(one.key, one);
        return first;
      };
      return changed(transaction, { remember });
    };
    return { recall, begin };
  }),
};

function nearest(due: number): number {
  return Number.isNaN(due) ? 0 : Math.min(LAST_INSTANT, Math.max(0, Math.trunc(due)));
}

import type { Fetched, ParkRow, Store, StoreTransaction } from "@banyan/core";

/** A store with one promise of its port broken, as one wrong line would break it. */
export type PlantedBug = (store: Store) => Store;

/** `target` with some of its methods replaced. */
export function altered<T extends object>(target: T, by: Partial<T>): T {
  return new Proxy(target, {
    get: (_, name) => {
      if (Object.hasOwn(by, name)) return Reflect.get(by, name) as unknown;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

export type TransactionBug<Memory> = (
  transaction: StoreTransaction,
  by: { readonly memory: Memory; readonly store: Store },
) => Partial<StoreTransaction>;

/** Breaks each transaction of a store; what `memory()` makes is shared by the transactions of one store. */
export function inTransactions<Memory>(memory: () => Memory, wrong: TransactionBug<Memory>): PlantedBug {
  return (store) => {
    const shared = memory();
    const begin = async (): Promise<StoreTransaction> => {
      const transaction = await store.begin();
      return altered(transaction, wrong(transaction, { memory: shared, store }));
    };
    return altered(store, { begin });
  };
}

/**
 * What `wrong` sets aside in a transaction is done by `pay` only when the next one begins: a crash before that takes it, and it alone.
 * `shown` is what else of the store has to fit, while something is owed.
 */
export function inTheNextCommit<Owed>(
  wrong: (own: Owed[]) => Partial<StoreTransaction>,
  pay: (transaction: StoreTransaction, owed: Owed) => Promise<unknown>,
  shown: (store: Store, owed: readonly Owed[]) => Partial<Store> = () => ({}),
): PlantedBug {
  return (store) => {
    const owed: Owed[] = [];
    const begin = async (): Promise<StoreTransaction> => {
      const due = owed.splice(0);
      if (due.length > 0) await alone(store, async (own) => Promise.all(due.map((one) => pay(own, one))));
      const transaction = await store.begin();
      const own: Owed[] = [];
      const commit = async (): Promise<void> => {
        await transaction.commit();
        owed.push(...own);
      };
      return altered(transaction, { ...wrong(own), commit });
    };
    return altered(store, { begin, ...shown(store, owed) });
  };
}

export function inFetch(wrong: (fetched: Fetched) => Fetched): PlantedBug {
  return (store) => altered(store, { fetch: async (query) => wrong(await store.fetch(query)) });
}

export const nothing = (): undefined => undefined;

export async function alone(store: Store, work: (transaction: StoreTransaction) => Promise<unknown>): Promise<void> {
  const transaction = await store.begin();
  await work(transaction);
  await transaction.commit();
}

export async function parkedOf(store: Store, subscription: string): Promise<readonly ParkRow[]> {
  const rows = (await store.parkedRows()).filter((row) => row.subscription === subscription);
  return (await Promise.all(rows.map((row) => store.parkedEntry(row)))).filter((row) => row !== undefined);
}

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

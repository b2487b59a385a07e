import { inTransactions, nothing, parkedOf, type PlantedBug } from "./broken-store.ts";

const renamesWithoutWhatIsParked = inTransactions(nothing, (transaction, { store }) => ({
  rename: async (subscription, to) => {
    for (const row of await parkedOf(store, subscription)) await transaction.unpark(row);
    await transaction.rename(subscription, to);
  },
}));

const forgetsWithoutWhatIsParked = inTransactions(nothing, (transaction, { store }) => ({
  forget: async (subscription) => {
    const rows = await parkedOf(store, subscription);
    await transaction.forget(subscription);
    for (const row of rows) await transaction.park(row);
    return 0;
  },
}));

export const NAME_BUGS: Readonly<Record<string, PlantedBug>> = {
  "renames and resets the place": inTransactions(nothing, (transaction) => ({
    rename: async (subscription) => void (await transaction.forget(subscription)),
  })),
  "renames without what is parked": renamesWithoutWhatIsParked,
  "forgets the first name": inTransactions(nothing, (transaction) => ({
    claim: async (name, from) => ({ ...(await transaction.claim(name, from)), firstName: name.subscription }),
  })),
  "forgets without what is parked": forgetsWithoutWhatIsParked,
};

import type { Cursor, OwnCursor } from "@banyan/core";
import { inTheNextCommit, inTransactions, nothing, parkedOf, type PlantedBug } from "./broken-store.ts";

const rewindsInACommitOfItsOwn = inTheNextCommit<OwnCursor>(
  (own) => ({
    rewind: async (of) => {
      own.push(of);
      return { ...(of as Cursor), fence: of.fence + 1, pos: 0, open: [] };
    },
  }),
  (transaction, of) => transaction.rewind(of),
);

const rewindsWithoutWhatIsParked = inTransactions(nothing, (transaction, { store }) => ({
  rewind: async (of) => {
    const rows = await parkedOf(store, of.subscription);
    const cursor = await transaction.rewind(of);
    for (const row of rows) await transaction.park(row);
    return cursor;
  },
}));

/** A process that was replaced puts back what another one has the cursor of, under that one's fence: the other goes on from where it stands. */
const rewindsUnderADeadFence = inTransactions(
  () => new Map<string, number>(),
  (transaction, { memory: fences, store }) => ({
    claim: async (name, from) => {
      const cursor = await transaction.claim(name, from);
      fences.set(name.subscription, cursor.fence);
      return cursor;
    },
    rewind: async (of) => {
      const fence = fences.get(of.subscription) ?? of.fence;
      if (fence === of.fence) {
        const cursor = await transaction.rewind(of);
        if (cursor !== undefined) fences.set(of.subscription, cursor.fence);
        return cursor;
      }
      for (const row of await parkedOf(store, of.subscription)) await transaction.unpark(row);
      const start = { ...(of as Cursor), fence, pos: 0, open: [] };
      return (await transaction.settle(start)) ? start : undefined;
    },
  }),
);

export const REPLAY_BUGS: Readonly<Record<string, PlantedBug>> = {
  "rewinds in a commit of its own": rewindsInACommitOfItsOwn,
  "rewinds and keeps what is parked": rewindsWithoutWhatIsParked,
  "rewinds under a dead fence": rewindsUnderADeadFence,
  "rewinds past the first entries": inTransactions(nothing, (transaction) => ({
    rewind: async (of) => {
      const cursor = await transaction.rewind(of);
      return cursor === undefined ? undefined : { ...cursor, pos: 2 };
    },
  })),
};

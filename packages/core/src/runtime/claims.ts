import { didYouMean, isBanyanError, violation, type Violation } from "../error/index.ts";
import type { Cursor, Store, StoreState } from "../ports/index.ts";
import { sourceOf } from "./manifest.ts";
import { checkSpent, type NameChanges } from "./stored-names.ts";

/** Every slot in one lane: what an embedded store with one writer needs. */
const WHOLE_LANE = "0-255";
const ACTS_AT_ONCE = 1_000;

interface Wanted {
  readonly subscription: string;
  readonly definition: {
    readonly from: "start" | "now" | undefined;
    readonly contracts: readonly { readonly name: string }[];
  };
}

/** A stored cursor whose subscription is gone must be renamed, forgotten or held by name; a held name must exist somewhere. */
export function checkCursors(
  { cursors }: StoreState,
  wanted: readonly Wanted[],
  hold: ReadonlySet<string>,
): readonly Violation[] {
  const known = new Map(wanted.map(({ subscription, definition }) => [subscription, sourceOf(definition.contracts)]));
  const stored = new Set(cursors.map((cursor) => cursor.subscription));
  const orphans = cursors.filter(
    (cursor) => known.get(cursor.subscription) !== cursor.source && !hold.has(cursor.subscription),
  );
  const fresh = wanted.map(({ subscription }) => subscription).filter((name) => !stored.has(name) && !hold.has(name));
  const unknown = [...hold].filter((name) => !known.has(name) && !stored.has(name));
  return [
    ...orphans.map((cursor) =>
      violation(
        "cursor-orphaned",
        "",
        `The store has the cursor of "${cursor.subscription}" on "${cursor.source}", and this code does not subscribe so.`,
      ),
    ),
    ...checkSpent(cursors, fresh),
    ...unknown.map((name) =>
      violation(
        "hold-unknown",
        "",
        `"${name}" is no subscription of this code or of the store.${didYouMean(name, [...known.keys(), ...stored])}`,
      ),
    ),
  ];
}

export interface Claimed {
  /** In the order of the subscriptions asked for. */
  readonly cursors: readonly Cursor[];
  /** How many parked entries went with each forgotten name. */
  readonly forgotten: ReadonlyMap<string, number>;
}

/** Changes stored names and claims cursors under new fences, in one commit: whoever had them before is out. */
export async function claimCursors(store: Store, wanted: readonly Wanted[], changes: NameChanges): Promise<Claimed> {
  for (const cursor of changes.forgotten) while ((await forgetActs(store, cursor)) === ACTS_AT_ONCE);
  try {
    return await claimOnce(store, wanted, changes);
  } catch (error) {
    // A commit that did not take place is no reason not to start.
    if (isUndone(error)) return claimOnce(store, wanted, changes);
    throw error;
  }
}

function isUndone(error: unknown): boolean {
  return isBanyanError(error) && (error.code === "commit-failed" || error.code === "fault-injected");
}

/**
 * What `once` has recorded may be millions of rows, so they go in commits of a bounded size, while the place still says whose they are: a start that is
 * cut off goes on with it. Those of parked entries go with the entries, in the commit that forgets the name.
 */
async function forgetActs(store: Store, { subscription, firstName, source }: Cursor): Promise<number> {
  const transaction = await store.begin();
  try {
    const all = { olderThan: Number.MAX_SAFE_INTEGER, limit: ACTS_AT_ONCE };
    const of = { subscription: firstName, parkedAs: subscription, source, below: Number.MAX_SAFE_INTEGER };
    const gone = await transaction.forgetActs(of, all);
    await transaction.commit();
    return gone;
  } catch (error) {
    await transaction.rollback();
    // what is left goes with the name
    if (isUndone(error)) return 0;
    throw error;
  }
}

async function claimOnce(store: Store, wanted: readonly Wanted[], changes: NameChanges): Promise<Claimed> {
  const transaction = await store.begin();
  try {
    for (const [from, to] of changes.renames) await transaction.rename(from, to);
    const forgotten = new Map<string, number>();
    for (const name of changes.forgets) forgotten.set(name, await transaction.forget(name));
    const cursors: Cursor[] = [];
    for (const { subscription, definition } of wanted) {
      const name = { subscription, source: sourceOf(definition.contracts), lane: WHOLE_LANE };
      cursors.push(await transaction.claim(name, definition.from ?? "start"));
    }
    await transaction.commit();
    return { cursors, forgotten };
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
}

import { violationsError } from "../error/index.ts";
import type { Cursor, StoreState } from "../ports/index.ts";
import { checkCursors, claimCursors } from "./claims.ts";
import type { Committer } from "./committer.ts";
import type { Host, Surroundings } from "./host.ts";
import { Lane } from "./lane.ts";
import { mayBegin, type NameChanges } from "./stored-names.ts";

export interface ToClaim {
  readonly hosts: readonly Host[];
  /** What survived, under the names it has now. */
  readonly state: StoreState;
  readonly changes: NameChanges;
  /** Subscriptions that stand still: they get no lane. */
  readonly held: readonly string[];
}

export interface ClaimedLanes {
  readonly lanes: Lane[];
  /** The places of those that stand still: as they were left, and of one that is new here, made now. */
  readonly held: readonly Cursor[];
}

/** A lane, not started, for each subscription that does not stand still. Throws everything that is wrong with the cursors at once. */
export async function claimLanes(
  { hosts, state, changes, held }: ToClaim,
  parts: { readonly around: Surroundings; readonly committer: Committer },
): Promise<ClaimedLanes> {
  const { store, telemetry } = parts.around.platform;
  const wanted = hosts.flatMap((host) =>
    host.definition.subscriptions.map((definition) => ({
      host,
      definition,
      subscription: `${host.name}.${definition.name}`,
    })),
  );
  const violations = checkCursors(state, wanted, new Set(held));
  if (violations.length > 0) throw violationsError(violations);
  const live = wanted.filter(({ subscription }) => !held.includes(subscription));
  const begun = wanted.filter(
    ({ subscription }) => held.includes(subscription) && mayBegin(state.cursors, subscription),
  );
  const { cursors, forgotten } = await claimCursors(store, [...live, ...begun], changes);
  for (const [name, entries] of forgotten) {
    const message = `"${name}" was forgotten, with its place and ${entries} parked entries.`;
    telemetry.signal({ name: "warning", message });
  }
  // Only now: until the claim its former owner might still have changed it.
  const rows = await store.parkedRows();
  const lanes = live.flatMap((one, i) => {
    const cursor = cursors[i];
    if (cursor === undefined) return [];
    const { subscription, firstName, source } = cursor;
    const eras = state.eras.get(source) ?? [];
    const parked = rows.filter((row) => row.subscription === subscription && row.source === source);
    return new Lane({ ...one, firstName, eras, cursor, parked, ...parts });
  });
  const left = state.cursors.filter(({ subscription }) => held.includes(subscription));
  return { lanes, held: [...left, ...cursors.slice(live.length)] };
}

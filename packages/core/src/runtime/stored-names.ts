import type { App, ContextDefinition } from "../context/index.ts";
import { didYouMean, violation, type Violation } from "../error/index.ts";
import type { Cursor, StoreState } from "../ports/index.ts";

/** What is to become of names the store has and the code has no longer: `context.old` becomes `context.new`, or goes. */
export interface NameChanges {
  readonly renames: ReadonlyMap<string, string>;
  readonly forgets: readonly string[];
  /** The places that go with `forgets`. */
  readonly forgotten: readonly Cursor[];
}

/** What `rename` and `forget` say of names that are stored. Of others there is nothing to do, so the lines may stay in the code. */
export function nameChangesOf(app: App, { cursors }: StoreState): NameChanges {
  const stored = new Set(cursors.map(({ subscription }) => subscription));
  const renames = app.contexts.flatMap(({ name, rename }) =>
    Object.entries(rename).map(([from, to]) => [`${name}.${from}`, `${name}.${to}`] as const),
  );
  const forgets = app.contexts.flatMap(({ name, forget }) => forget.map((gone) => `${name}.${gone}`));
  return {
    renames: new Map(renames.filter(([from]) => stored.has(from))),
    forgets: [...new Set(forgets)].filter((gone) => stored.has(gone)),
    forgotten: cursors.filter(({ subscription }) => forgets.includes(subscription)),
  };
}

/** What survived, under the names it has once the changes are made. */
export function afterChanges(found: StoreState, changes: NameChanges): StoreState {
  const { cursors, parked } = found;
  return { ...found, cursors: named(cursors, changes), parked: named(parked, changes) };
}

function named<Row extends { readonly subscription: string }>(rows: readonly Row[], changes: NameChanges): Row[] {
  const { renames, forgets } = changes;
  return rows
    .filter(({ subscription }) => !forgets.includes(subscription))
    .map((row) => ({ ...row, subscription: renames.get(row.subscription) ?? row.subscription }));
}

/** `rename` leads from names that are gone to names that are there, from several to one where stores are of different releases; `forget` lists names that are gone. */
export function checkNameChanges(context: ContextDefinition): readonly Violation[] {
  const { name, at, forget } = context;
  const known = new Set(context.subscriptions.map((subscription) => subscription.name));
  const renames = Object.entries(context.rename);
  const bad = (what: string): Violation => violation("rename-invalid", at, what);
  return [
    ...renames.flatMap(([from, to]) => [
      ...(known.has(from) ? [bad(`"${name}" renames "${from}", which is still a subscription of it.`)] : []),
      ...(known.has(to)
        ? []
        : [bad(`"${name}" renames "${from}" to "${to}", which is no subscription of it.${didYouMean(to, known)}`)]),
    ]),
    ...forget.flatMap((gone) => [
      ...(known.has(gone)
        ? [violation("forget-invalid", at, `"${name}" forgets "${gone}", which is still a subscription of it.`)]
        : []),
      ...(Object.hasOwn(context.rename, gone)
        ? [violation("forget-invalid", at, `"${name}" forgets "${gone}" and renames it.`)]
        : []),
    ]),
  ];
}

/** Of all names that are to be one, old ones and the new, more than one has a place in the store: only one of them can be the subscription's. */
export function checkTaken(cursors: readonly Cursor[], { renames }: NameChanges): readonly Violation[] {
  const stored = new Set(cursors.map(({ subscription }) => subscription));
  const heirs = new Map<string, string[]>();
  for (const [from, to] of renames) heirs.set(to, [...(heirs.get(to) ?? []), from]);
  return Array.from(heirs).flatMap(([to, froms]) => {
    if (froms.length + Number(stored.has(to)) < 2) return [];
    const which = froms.map((from) => `"${from}"`).join(" and ");
    const are = froms.length === 1 ? "is" : "are";
    return [violation("rename-taken", "", `${which} ${are} to become "${to}", and the store has a cursor of each.`)];
  });
}

/** Whether a subscription has no place, and may be given one: nobody had its name before it. */
export function mayBegin(cursors: readonly Cursor[], name: string): boolean {
  return cursors.every(({ subscription, firstName }) => subscription !== name && firstName !== name);
}

/** A subscription without a cursor whose name another one had first would repeat that one's stable keys for the same entries. */
export function checkSpent(cursors: readonly Cursor[], fresh: readonly string[]): readonly Violation[] {
  return fresh.flatMap((name) => {
    const heir = cursors.find(({ firstName, subscription }) => firstName === name && subscription !== name);
    if (heir === undefined) return [];
    const what = `"${name}" would begin anew, and "${heir.subscription}" had that name first: its stable keys are made of it.`;
    return [violation("name-spent", "", what)];
  });
}

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

/** `rename` leads from a name that is gone to one that is there, each once; `forget` lists names that are gone. */
export function checkNameChanges(context: ContextDefinition): readonly Violation[] {
  const { name, at, forget } = context;
  const known = new Set(context.subscriptions.map((subscription) => subscription.name));
  const renames = Object.entries(context.rename);
  const targets = renames.map(([, to]) => to);
  const twice = new Set(targets.filter((to, i) => targets.indexOf(to) !== i));
  const bad = (what: string): Violation => violation("rename-invalid", at, what);
  return [
    ...renames.flatMap(([from, to]) => [
      ...(known.has(from) ? [bad(`"${name}" renames "${from}", which is still a subscription of it.`)] : []),
      ...(known.has(to)
        ? []
        : [bad(`"${name}" renames "${from}" to "${to}", which is no subscription of it.${didYouMean(to, known)}`)]),
    ]),
    ...Array.from(twice, (to) => bad(`"${name}" renames two subscriptions to "${to}".`)),
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

/** Both the old and the new name have a place in the store: only one of them can be the subscription's. */
export function checkTaken(cursors: readonly Cursor[], { renames }: NameChanges): readonly Violation[] {
  const stored = new Set(cursors.map(({ subscription }) => subscription));
  const taken = [...renames].filter(([, to]) => stored.has(to));
  return taken.map(([from, to]) =>
    violation("rename-taken", "", `"${from}" is to become "${to}", and the store has a cursor of each.`),
  );
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

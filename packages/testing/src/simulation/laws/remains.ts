import {
  contractsOf,
  prefixOf,
  type App,
  type AuditRecord,
  type Entry,
  type ParkRow,
  type Scheduled,
  type Store,
} from "@banyan/core";
import { readEffects, type EffectRow } from "../instrument.ts";
import type { Witness } from "../witness.ts";

/** What is on the disk at the end, read by a store that was opened afresh. */
export interface Remains {
  /** All that ever entered, also what retention took out again. */
  readonly logs: ReadonlyMap<string, readonly Entry[]>;
  /** What retention took out. */
  readonly trimmed: readonly Entry[];
  readonly scheduled: readonly Scheduled[];
  readonly effects: readonly EffectRow[];
  readonly parked: readonly ParkRow[];
  readonly audits: readonly AuditRecord[];
}

/** More than any run has. */
const ALL = 10_000;

export async function readRemains(
  store: Store,
  of: { readonly app: App; readonly witness: Witness; readonly now: () => number; readonly newId: () => string },
): Promise<Remains> {
  const { app, witness, now, newId } = of;
  const contexts = app.contexts.map(({ name, migrations }) => ({ name, prefix: prefixOf(name), migrations }));
  const { parked: listed } = await store.open({ contexts, now, newId });
  const parked = (await Promise.all(listed.map((row) => store.parkedEntry(row)))).filter((row) => row !== undefined);
  const logs = new Map<string, readonly Entry[]>();
  const trimmed: Entry[] = [];
  const effects: EffectRow[] = [];
  for (const context of app.contexts) {
    const { name } = context;
    const left = await readLog(store, name, eventTypesOf(context));
    const gone = witness.logOf(name).filter(({ position }) => position < (left[0]?.position ?? Infinity));
    logs.set(name, [...gone, ...left]);
    trimmed.push(...gone);
    const session = await store.session(name);
    effects.push(...(await readEffects(session, name)));
    await session.end();
  }
  const audits = await store.audits(ALL);
  const scheduled = (await Promise.all(app.contexts.map(({ name }) => store.scheduled(name, ALL)))).flat();
  await store.close();
  return { logs, trimmed, scheduled, effects, parked, audits };
}

export const eventTypesOf = (context: App["contexts"][number]): readonly string[] =>
  contractsOf(context, "event").map((event) => event.name);

async function readLog(store: Store, source: string, types: readonly string[]): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (let after = 0; ;) {
    const fetched = await store.fetch({ source, after, limit: 500, types });
    entries.push(...fetched.entries);
    if (fetched.through <= after) return entries;
    after = fetched.through;
  }
}

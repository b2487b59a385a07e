import { contractsOf, prefixOf, type App, type AuditRecord, type Entry, type ParkRow, type Store } from "@banyan/core";
import type { Acknowledged } from "./history.ts";
import { readEffects, type EffectRow } from "./instrument.ts";
import { skippedOf } from "./operations.ts";
import type { Breach, Law, Scenario } from "./simulation.ts";

type ParkedRow = Omit<ParkRow, "entry">;

/** What is on the disk at the end, read by a store that was opened afresh. */
export interface Remains {
  readonly logs: ReadonlyMap<string, readonly Entry[]>;
  readonly effects: readonly EffectRow[];
  readonly parked: readonly ParkedRow[];
  readonly audits: readonly AuditRecord[];
}

/** More than any operator does in a run. */
const ALL_AUDITS = 10_000;

export async function readRemains(
  store: Store,
  app: App,
  ids: { readonly now: () => number; readonly newId: () => string },
): Promise<Remains> {
  const contexts = app.contexts.map(({ name, migrations }) => ({ name, prefix: prefixOf(name), migrations }));
  const { parked } = await store.open({ contexts, ...ids });
  const logs = new Map<string, readonly Entry[]>();
  const effects: EffectRow[] = [];
  for (const context of app.contexts) {
    logs.set(
      context.name,
      await readLog(
        store,
        context.name,
        contractsOf(context, "event").map((event) => event.name),
      ),
    );
    const session = await store.session(context.name);
    effects.push(...(await readEffects(session, context.name)));
    await session.end();
  }
  const audits = await store.audits(ALL_AUDITS);
  await store.close();
  return { logs, effects, parked, audits };
}

async function readLog(store: Store, source: string, types: readonly string[]): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (let after = 0; ;) {
    const fetched = await store.fetch({ source, after, limit: 500, types });
    entries.push(...fetched.entries);
    if (fetched.through <= after) return entries;
    after = fetched.through;
  }
}

/** Judges what remains against what clients were told. Pure. */
export function judge(app: App, remains: Remains, acknowledged: readonly Acknowledged[]): readonly Breach[] {
  return [...judgeCommands(remains, acknowledged), ...judgeSubscriptions(app, remains), ...judgeEmissions(remains)];
}

/** Every acknowledged command is there once, and no command is there that nobody was told of: clients ask until they are answered. */
function judgeCommands({ effects }: Remains, acknowledged: readonly Acknowledged[]): readonly Breach[] {
  const commands = effects.filter((row) => row.kind === "command");
  const counts = countBy(commands, (row) => row.cause);
  const told = new Map(acknowledged.map((answer) => [answer.commandId, answer]));
  const breaches: Breach[] = [];
  for (const { operation, commandId, key } of told.values()) {
    const count = counts.get(commandId) ?? 0;
    if (count === 0)
      breaches.push(
        breach("acknowledged", `"${operation}" under the key ${key} was answered as ${commandId}, and is not there.`),
      );
    if (count > 1) breaches.push(breach("effect-once", `"${operation}" ${commandId} took effect ${count} times.`));
  }
  for (const { name, cause, principal } of commands) {
    if (told.has(cause) || principal.startsWith("context:")) continue;
    breaches.push(
      breach(
        "effect-once",
        `"${name}" was executed as ${cause} for ${principal}, who was never told: it was executed under another id as well.`,
      ),
    );
  }
  return breaches;
}

/** Each subscription has one effect for each entry that is neither parked nor skipped, in order of position per key. */
function judgeSubscriptions(app: App, { logs, effects, parked, audits }: Remains): readonly Breach[] {
  const bySubscription = Map.groupBy(
    effects.filter((row) => row.kind === "subscription"),
    (row) => row.name,
  );
  return app.contexts.flatMap((context) =>
    context.subscriptions.flatMap(({ name, contracts }) => {
      const subscription = `${context.name}.${name}`;
      const types = contracts.map((contract) => contract.name);
      const [source = ""] = types[0]?.split(".") ?? [];
      const entries = (logs.get(source) ?? []).filter((entry) => types.includes(entry.type));
      const waiting = parked.filter((row) => row.subscription === subscription).map((row) => row.position);
      const aside = new Set([...waiting, ...skippedOf(audits, subscription)]);
      const rows = bySubscription.get(subscription) ?? [];
      return [...judgeCounts(subscription, { entries, rows, aside }), ...judgeOrder(subscription, rows)];
    }),
  );
}

interface Delivered {
  readonly entries: readonly Entry[];
  readonly rows: readonly EffectRow[];
  readonly aside: ReadonlySet<number>;
}

function judgeCounts(subscription: string, { entries, rows, aside }: Delivered): readonly Breach[] {
  const counts = countBy(rows, (row) => row.cause);
  const known = new Set(entries.map((entry) => entry.id));
  const wrong = entries.flatMap(({ id, position, key }) => {
    const count = counts.get(id) ?? 0;
    const expected = aside.has(position) ? 0 : 1;
    if (count === expected) return [];
    const law: Law = count < expected ? "acknowledged" : "effect-once";
    return breach(
      law,
      `"${subscription}" has ${count} effects of entry ${position} (key ${key}) where ${expected} belong.`,
    );
  });
  const made = rows.filter((row) => !known.has(row.cause));
  return [
    ...wrong,
    ...made.map((row) =>
      breach("acknowledged", `"${subscription}" has an effect of entry ${row.position}, which is not in the log.`),
    ),
  ];
}

function judgeOrder(subscription: string, rows: readonly EffectRow[]): readonly Breach[] {
  const last = new Map<string, number>();
  const breaches: Breach[] = [];
  for (const { key, position } of rows) {
    const before = last.get(key) ?? 0;
    if (position < before)
      breaches.push(
        breach("key-order", `"${subscription}" took entry ${position} after ${before}, both of the key ${key}.`),
      );
    last.set(key, Math.max(before, position));
  }
  return breaches;
}

/** Nothing stays parked but what may be dead, and what waits behind it. */
export function judgeParked({ logs, parked }: Remains, mayDie: Scenario["mayDie"] = () => false): readonly Breach[] {
  const keys = Map.groupBy(parked, (row) => JSON.stringify([row.subscription, row.source, row.key]));
  return [...keys.values()].flatMap((rows) => {
    const head = rows.reduce((first, row) => (row.position < first.position ? row : first));
    const entry = logs.get(head.source)?.find(({ position }) => position === head.position);
    if (head.state === "dead" && entry !== undefined && mayDie(entry, head.subscription)) return [];
    const why = head.errors.at(-1)?.message ?? "nobody has tried it";
    const message = `Entry ${head.position} of "${head.source}" stayed parked in "${head.subscription}" as ${head.state}, with ${rows.length - 1} behind it: ${why}`;
    return breach("liveness", message);
  });
}

/** What committed bodies emitted is in the log, and nothing else. */
function judgeEmissions({ logs, effects }: Remains): readonly Breach[] {
  const emitted = new Map<string, number>();
  for (const { name, cause, emitted: count } of effects) {
    const id = `${contextOf(name)} ${cause}`;
    emitted.set(id, (emitted.get(id) ?? 0) + count);
  }
  const logged = countBy([...logs.values()].flat(), (entry) => `${entry.source} ${entry.causation}`);
  const causes = new Set([...emitted.keys(), ...logged.keys()]);
  return [...causes].flatMap((cause) => {
    const [expected, found] = [emitted.get(cause) ?? 0, logged.get(cause) ?? 0];
    if (expected === found) return [];
    return breach("emitted-once", `${cause} emitted ${expected} events in committed bodies; the log has ${found}.`);
  });
}

function countBy<T>(values: readonly T[], by: (value: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(by(value), (counts.get(by(value)) ?? 0) + 1);
  return counts;
}

const contextOf = (name: string): string => name.split(".")[0] ?? "";

function breach(law: Law, message: string): Breach {
  return { law, message };
}
